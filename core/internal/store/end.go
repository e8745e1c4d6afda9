package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// verdict is what became of the end of a fire.
type verdict int

const (
	busy       verdict = iota // somebody holds the row: try again
	written                   // it is in the database
	superseded                // the fire is not the node's any more
)

// end writes the end of one fire of a node: its outcome, or that it goes on in a
// child. It is the long way, for fires that concern more than their own row; gone
// is set by those who end the fires of a node that is gone.
//
// A fire leaves its row by one of four ways, in one short transaction that locks
// origin before child:
//
//	            over                         not over
//	schedule    outcome on the row           child inserted, row released
//	child       child deleted, outcome       child armed again
//	            on its origin
func (s *Store) end(ctx context.Context, nodeID int64, c Completion, gone bool) (v verdict, err error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	err = s.db.TxOnce(ctx, func(tx *sqldb.DB) error {
		v, err = s.endIn(ctx, tx, nodeID, c, gone)
		return err
	})
	return v, err
}

func (s *Store) endIn(ctx context.Context, tx *sqldb.DB, nodeID int64, c Completion, gone bool) (verdict, error) {
	var originID int64
	found, err := tx.One(ctx, []any{sqldb.Null(&originID)}, `SELECT CASE WHEN ORIGIN = 'ALL' THEN NULL ELSE ORIGIN_ID END FROM QRTZ_EXECUTE
		WHERE ID = ? AND FIRE_NODE = ? AND FIRE_TIME = ? AND FIRE_ATTEMPT = ?`, c.ID, nodeID, c.Nominal, c.Attempt)
	if err != nil {
		return busy, err
	}
	if !found {
		return superseded, nil
	}
	var origin schema.Execute
	orphan := false
	if originID != 0 {
		var free bool
		if origin, free, err = lockExecute(ctx, tx, originID); err != nil {
			return busy, err
		}
		if !free {
			if orphan, err = missing(ctx, tx, originID); err != nil || !orphan {
				return busy, err
			}
		}
	}
	row, free, err := lockExecute(ctx, tx, c.ID)
	if err != nil || !free {
		return busy, err
	}
	if row.FireNode != nodeID || row.FireTime != c.Nominal || row.FireAttempt != c.Attempt {
		return superseded, nil
	}
	if gone {
		if lives, err := s.lives(ctx, tx, nodeID); err != nil || lives {
			return superseded, err
		}
	}
	switch {
	case orphan:
		err = deleteChild(ctx, tx, row)
	case originID == 0 && c.Again == nil:
		err = account(ctx, tx, row, c, true)
	case originID == 0:
		err = s.carryOn(ctx, tx, row, c)
	case c.Again == nil:
		if err = deleteChild(ctx, tx, row); err == nil {
			err = account(ctx, tx, origin, c, false)
		}
	default:
		err = s.rearm(ctx, tx, row, c)
	}
	if err != nil {
		return busy, err
	}
	return written, nil
}

func missing(ctx context.Context, tx *sqldb.DB, id int64) (bool, error) {
	var n int64
	found, err := tx.One(ctx, []any{&n}, "SELECT ID FROM QRTZ_EXECUTE WHERE ID = ?", id)
	return !found, err
}

func (s *Store) lives(ctx context.Context, tx *sqldb.DB, nodeID int64) (bool, error) {
	var id int64
	return tx.One(ctx, []any{&id}, "SELECT NODE_ID FROM QRTZ_NODE WHERE APPLICATION = ? AND NODE_ID = ?", s.app, nodeID)
}

// account writes an outcome onto the row of a schedule; own tells whether the row
// itself carried the fire.
func account(ctx context.Context, tx *sqldb.DB, row schema.Execute, c Completion, own bool) error {
	state, fires, fails, streak, lost := row.State, row.FireCount+1, row.FailCount, row.FailStreak, row.LostCount
	switch c.Outcome {
	case schema.Failed, schema.TimedOut:
		fails, streak = fails+1, streak+1
	case schema.Succeeded:
		streak = 0
	case schema.Lost:
		fires, lost = fires-1, lost+1
	case schema.Cancelled:
	}
	switch {
	case state != schema.Executing:
	case row.PauseAfter > 0 && streak >= row.PauseAfter && streak > row.FailStreak:
		state = schema.Error
	case row.NextFireTime == 0 && (own || row.FireTime == 0):
		state = schema.Complete
	}
	set, guard, args := "", "FIRE_TIME IS NULL", []any{}
	if row.FireTime != 0 {
		guard, args = "FIRE_TIME = ?", []any{row.FireTime}
	}
	if own {
		set = "FIRE_TIME = NULL, CANCEL = NULL, CHECKPOINT = NULL, "
	}
	return one(tx.Exec(ctx, `UPDATE QRTZ_EXECUTE SET `+set+`LAST_FIRE_TIME = ?, LAST_END_TIME = {now}, LAST_STATE = ?, LAST_ERROR = ?,
		FIRE_COUNT = ?, FAIL_COUNT = ?, FAIL_STREAK = ?, LOST_COUNT = ?, STATE = ?
		WHERE ID = ? AND STATE = ? AND COALESCE(FIRE_COUNT, 0) = ? AND COALESCE(LOST_COUNT, 0) = ? AND COALESCE(NEXT_FIRE_TIME, 0) = ?
		AND COALESCE(FIRE_ATTEMPT, 0) = ? AND `+guard, append([]any{
		c.Nominal, c.Outcome, null(clip(c.Error)), fires, fails, streak, lost, state,
		row.ID, row.State, row.FireCount, row.LostCount, row.NextFireTime, row.FireAttempt,
	}, args...)...))
}

func deleteChild(ctx context.Context, tx *sqldb.DB, row schema.Execute) error {
	return one(tx.Exec(ctx, "DELETE FROM QRTZ_EXECUTE WHERE ID = ? AND FIRE_NODE = ? AND FIRE_TIME = ? AND FIRE_ATTEMPT = ?",
		row.ID, row.FireNode, row.FireTime, row.FireAttempt))
}

// carryOn moves a fire of the schedule into a child that is claimed for its next
// attempt.
func (s *Store) carryOn(ctx context.Context, tx *sqldb.DB, row schema.Execute, c Completion) error {
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	child := childOf(row, c.Again.Kind)
	child.NextFireTime = now.UnixMilli() + c.Again.Delay
	child.FireFails += c.Again.Fails
	child.LostCount += int64(c.Again.Lost)
	child.LastError = clip(c.Error)
	if err := sqldb.Insert(ctx, tx, "QRTZ_EXECUTE", child); err != nil {
		return fmt.Errorf("insert a child: %w", err)
	}
	return release(ctx, tx, row, c.Error, true)
}

// rearm lets a child be claimed once more.
func (s *Store) rearm(ctx context.Context, tx *sqldb.DB, row schema.Execute, c Completion) error {
	kind := c.Again.Kind
	if row.Origin == schema.ChildRunNow {
		kind = row.Origin // what it is, not what became of it
	}
	return one(tx.Exec(ctx, `UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = {now} + ?, FIRE_TIME = NULL, CANCEL = NULL, ORIGIN = ?,
		FIRE_FAILS = ?, LOST_COUNT = ?, LAST_ERROR = ?
		WHERE ID = ? AND FIRE_NODE = ? AND FIRE_TIME = ? AND FIRE_ATTEMPT = ?`,
		c.Again.Delay, kind, row.FireFails+c.Again.Fails, row.LostCount+int64(c.Again.Lost), null(clip(c.Error)),
		row.ID, row.FireNode, row.FireTime, row.FireAttempt))
}

// spilled returns the child that carries a fire of a schedule by now, 0 for none.
func (s *Store) spilled(ctx context.Context, nodeID int64, c Completion) (int64, error) {
	var id int64
	_, err := s.db.One(ctx, []any{&id}, "SELECT ID FROM QRTZ_EXECUTE WHERE CHILD_KEY = ? AND FIRE_NODE = ? AND FIRE_TIME = ? AND FIRE_ATTEMPT = ?",
		schema.FireKey(c.ID, c.Nominal), nodeID, c.Nominal, c.Attempt)
	return id, err
}

// endEach ends fires one by one, the long way, and looks for those that are not
// where they were claimed.
func (s *Store) endEach(ctx context.Context, nodeID int64, done []Completion, out *Completed) error {
	for _, c := range done {
		v, err := s.end(ctx, nodeID, c, false)
		if err == nil && v == superseded {
			at := c
			if at.ID, err = s.spilled(ctx, nodeID, c); err == nil && at.ID != 0 {
				v, err = s.end(ctx, nodeID, at, false)
			}
		}
		switch {
		case err != nil && !Refused(err):
			return err
		case err != nil: // somebody was in the way
		case v == written:
			out.Written = append(out.Written, c.Ref)
		case v == superseded:
			out.Superseded = append(out.Superseded, c.Ref)
		}
	}
	return nil
}

// without returns the completions that are not among refs.
func without(done []Completion, refs []Ref) []Completion {
	return slices.DeleteFunc(slices.Clone(done), func(c Completion) bool { return slices.Contains(refs, c.Ref) })
}
