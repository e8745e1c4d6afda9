package client

import (
	"context"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// SuspendExecute pauses an execute, as [Client.PauseExecute] does, and ends what
// runs of it: the nodes see the order within two heartbeats (2 s unless configured)
// and end the contexts of its runs with the cause core.ErrSuspended. Each of them keeps its checkpoint, and
// [Client.ResumeExecute] lets it go on from there, as the next attempt of the
// same fire, which uses up no retry.
//
// A fire that has an order to be cancelled stays cancelled. Suspending what is
// paused ends what still runs of it. An execute in COMPLETE is refused, with a
// *StateConflictError, unless a fire of it runs or waits.
func (c *Client) SuspendExecute(ctx context.Context, id ID) (*ExecuteInfo, error) {
	return c.changeState(ctx, "suspend execute", id, c.suspend)
}

func (c *Client) suspend(ctx context.Context, tx store.Store, read schema.Execute, _ int64) (schema.Execute, bool, error) {
	row := read
	if read.State != schema.Paused {
		n, err := tx.SetExecuteState(ctx, read, schema.Paused, read.LastError, c.writer(ctx))
		if err != nil || n == 0 {
			return row, false, err
		}
		row.State = schema.Paused
	}
	// No claim that begins from here on takes a fire of it.
	family, err := tx.Family(ctx, read.ID, c.callers)
	if err != nil {
		return row, false, err
	}
	lives, all := false, true
	for _, member := range family {
		lives = lives || member.FireTime != 0 || waits(member)
		if member.FireTime == 0 {
			continue
		}
		done, err := c.stop(ctx, tx, member, schema.StopSuspend)
		if err != nil {
			return row, false, err
		}
		all = all && done
		if member.ID == row.ID {
			row.FireTime, row.FireAttempt, row.FireNode, row.FireStart = member.FireTime, member.FireAttempt, member.FireNode, member.FireStart
			if row.Cancel = member.Cancel; stopOf(member) == "" {
				row.Cancel = schema.StopOrder(schema.StopSuspend, member.FireTime, member.FireAttempt)
			}
		}
	}
	if read.State == schema.Complete && !lives {
		return row, false, executeConflict(read, "nothing is left to fire, and nothing runs, so there is nothing to suspend")
	}
	return row, all, nil
}
