package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// errMoved says that a row was changed although it was locked: on SQLite, by a
// connection that does not lock at the begin of its transactions.
var errMoved = errors.New("the row was changed beside the transaction that had locked it")

// Again says that a fire is not over: it is claimed anew, as its next attempt,
// from a child.
type Again struct {
	Kind  schema.Origin // of a child that is made for it
	Delay int64         // milliseconds until it may be claimed
	Fails int           // retries that this uses
	Lost  int           // recoveries that this uses
}

// Spill moves the fire in flight of a due execute into a child, where it goes on
// under the node that runs it, so that the next instant can be claimed. It does
// nothing where the execute has changed, or its limit of fires is reached.
func (s *Store) Spill(ctx context.Context, d *Due) (spilled bool, err error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	err = s.db.TxOnce(ctx, func(tx *sqldb.DB) error {
		spilled = false
		row, found, err := lockExecute(ctx, tx, d.ID)
		if err != nil || !found || row.State != schema.Executing || row.NextFireTime != d.Next || row.Version != d.Version ||
			row.FireTime != d.FireTime || row.FireNode != d.FireNode || row.FireAttempt != d.Attempt || row.FireTime == 0 {
			return err
		}
		if row.OverlapMax > 0 {
			var fires int64
			if _, err := tx.One(ctx, []any{&fires}, "SELECT COUNT(*) FROM QRTZ_EXECUTE WHERE ORIGIN_ID = ? AND ORIGIN <> 'ALL'", d.ID); err != nil {
				return err
			}
			if fires+1 >= int64(row.OverlapMax) {
				return nil
			}
		}
		child := childOf(row, schema.ChildOverlap)
		child.FireTime, child.FireStart, child.Cancel = row.FireTime, row.FireStart, row.Cancel
		if err := sqldb.Insert(ctx, tx, "QRTZ_EXECUTE", child); err != nil {
			return fmt.Errorf("insert a child: %w", err)
		}
		if err := release(ctx, tx, &row, "", false); err != nil {
			return err
		}
		spilled = true
		return nil
	})
	return spilled && err == nil, err
}

// childOf returns a child that carries the fire in flight of row, not yet due.
func childOf(row schema.Execute, kind schema.Origin) schema.Execute {
	id := schema.NewID()
	child := schema.Execute{
		ID: id, PID: row.PID, JobType: schema.Simple, State: schema.Executing, RepeatCount: 1, PrevFireTime: -1,
		HostIP: row.HostIP, HostName: row.HostName, StartTime: row.FireTime, EndTime: -1,
		Application: row.Application, Shard: row.Shard, Data: row.Data, UpdateTime: row.UpdateTime, UpdatedBy: row.UpdatedBy,

		Overlap: row.Overlap, OverlapMax: row.OverlapMax, RunOn: row.RunOn, Targets: row.Targets, Priority: row.Priority, Timeout: row.Timeout,
		RetryMax: row.RetryMax, RetryDelay: row.RetryDelay, RetryCap: row.RetryCap, Recover: row.Recover,

		FireNode: row.FireNode, FireAttempt: row.FireAttempt, FireFails: row.FireFails, Checkpoint: row.Checkpoint,
		Origin: kind, OriginID: row.ID, ChildKey: schema.FireKey(row.ID, row.FireTime),
	}
	if once(row.JobType, row.RepeatCount) {
		child.Trace = row.Trace
	}
	if row.Shard < schema.Shards {
		child.Shard = schema.ShardOf(id)
	}
	return child
}

// release takes the fire in flight off its row, and out of row, and writes RECENT of
// row. Where ends is true and nothing is left to fire, the execute is complete: what
// still runs of it has a row of its own.
func release(ctx context.Context, tx *sqldb.DB, row *schema.Execute, message string, ends bool) error {
	state := row.State
	if ends && state == schema.Executing && row.NextFireTime == 0 {
		state = schema.Complete
	}
	text := row.LastError
	if message != "" {
		text = Clip(message)
	}
	err := one(tx.Exec(ctx, `UPDATE QRTZ_EXECUTE SET FIRE_TIME = NULL, CANCEL = NULL, CHECKPOINT = NULL, LAST_ERROR = ?, RECENT = ?, STATE = ?
		WHERE ID = ? AND STATE = ? AND FIRE_NODE = ? AND FIRE_TIME = ? AND FIRE_ATTEMPT = ? AND COALESCE(NEXT_FIRE_TIME, 0) = ?`,
		null(text), null(row.Recent), state, row.ID, row.State, row.FireNode, row.FireTime, row.FireAttempt, row.NextFireTime))
	row.State, row.FireTime, row.Cancel, row.Checkpoint, row.LastError = state, 0, "", "", text
	return err
}

// one makes an error of a statement that did not touch the one row it names.
func one(n int64, err error) error {
	if err == nil && n != 1 {
		return errMoved
	}
	return err
}
