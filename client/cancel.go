package client

import (
	"context"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// CancelFire ends a fire of an execute, on whatever node it runs: the node sees
// the order within two heartbeats (2 s unless configured), ends the context of the run
// with the cause core.ErrCancelled, and records CANCELLED. A fire that waits to be tried again, to be
// recovered or, asked for by [Client.RunNow], to begin is dropped, and its
// outcome recorded at once.
//
// What neither runs nor waits is a *StateConflictError, and so is the attempt of
// a fire that has come to another one.
func (c *Client) CancelFire(ctx context.Context, fire FireID) error {
	return c.call(ctx, "cancel fire", func(ctx context.Context) error {
		nominal, err := fire.check()
		if err != nil {
			return err
		}
		n, err := c.cancel(ctx, fire.ExecuteID, func(row schema.Execute) bool {
			at := row.FireTime
			if at == 0 {
				at = row.StartTime // of a child that waits
			}
			return at == nominal && (fire.Attempt == 0 || fire.Attempt == row.FireAttempt)
		})
		if err == nil && n == 0 {
			err = &StateConflictError{
				Kind: KindFire, Key: fire.String(), State: "not running",
				Reason: "it has ended, has come to another attempt, or never was",
			}
		}
		return err
	})
}

// Cancel ends every fire of an execute that runs or waits, as [Client.CancelFire]
// does, and returns how many there were. Its schedule goes on: to stop that, pause
// it first.
func (c *Client) Cancel(ctx context.Context, id ID) (int, error) {
	return get(ctx, c, "cancel", func(ctx context.Context) (int, error) {
		if err := id.check("id"); err != nil {
			return 0, err
		}
		return c.cancel(ctx, id, func(schema.Execute) bool { return true })
	})
}

// cancel ends the fires of an execute that are meant, and looks again for as
// long as one of them moved.
func (c *Client) cancel(ctx context.Context, id ID, meant func(row schema.Execute) bool) (int, error) {
	type attempt struct{ row, nominal, number int64 }
	ended := map[attempt]bool{}
	for range contention {
		rows, err := c.db.Family(ctx, int64(id), c.callers)
		if err != nil {
			return 0, err
		}
		if len(rows) == 0 && len(ended) == 0 {
			return 0, notFound(KindExecute, id)
		}
		c.computed()
		moved := false
		for _, row := range rows {
			if row.FireTime == 0 && !waits(row) || !meant(row) {
				continue
			}
			done, err := c.end(ctx, row)
			if err != nil {
				return 0, err
			}
			if done {
				ended[attempt{row.ID, row.FireTime, int64(row.FireAttempt)}] = true
			}
			moved = moved || !done
		}
		if !moved {
			return len(ended), nil
		}
	}
	return 0, ErrContended
}

// waits reports whether a row is a child that carries one fire, which nobody has
// claimed.
func waits(row schema.Execute) bool {
	return row.Origin != "" && row.Origin != schema.ChildAll && row.FireTime == 0
}

// end orders the end of a fire in flight, or drops one that waits. It reports
// false when the row was no longer as it was read.
func (c *Client) end(ctx context.Context, row schema.Execute) (done bool, err error) {
	if row.FireTime != 0 {
		return c.stop(ctx, c.db, row, schema.StopCancel)
	}
	err = c.atomic(ctx, func(tx store.Store) error {
		done = false
		origin, _, found, err := tx.ExecuteNow(ctx, row.OriginID, true) // the origin first, as everybody does
		if err != nil {
			return err
		}
		n, err := tx.DropWaiting(ctx, row)
		if err != nil || n == 0 {
			return err
		}
		done = true
		if !found {
			return nil // a child that was left without one
		}
		_, err = tx.RecordCancelled(ctx, origin, schema.PastFire{
			Nominal: row.StartTime, Attempt: row.FireAttempt + 1, Outcome: schema.Cancelled,
			Error: "cancelled by " + c.actor(ctx) + " before it was claimed",
		}, c.writer(ctx))
		return err
	})
	return done, err
}

// stop writes an order for a fire in flight, unless it has one that is as strong.
// It reports false when the row was no longer as it was read.
func (c *Client) stop(ctx context.Context, db store.Store, row schema.Execute, what schema.Stop) (bool, error) {
	if has := stopOf(row); has == what || has == schema.StopCancel {
		return true, nil
	}
	n, err := db.StopFire(ctx, row, schema.StopOrder(what, row.FireTime, row.FireAttempt), c.writer(ctx))
	return n > 0, err
}
