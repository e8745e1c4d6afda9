package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// end writes, in one short transaction, how fires of a node ended: their outcomes,
// or that they go on in children. It is the long way, for fires that concern more
// than their own row; gone is set by those who end the fires of a node that is gone.
//
// A fire leaves its row by one of four ways. Origins are locked before children,
// and what somebody holds is left for another time:
//
//	            over                         not over
//	schedule    outcome on the row           child inserted, row released
//	child       child deleted, outcome       child armed again
//	            on its origin
func (s *Store) end(ctx context.Context, nodeID int64, done []Completion, gone bool) (out Completed, err error) {
	if len(done) == 0 {
		return out, nil
	}
	ctx, cancel := s.call(ctx)
	defer cancel()
	err = s.db.TxOnce(ctx, func(tx *sqldb.DB) error {
		out, err = s.endIn(ctx, tx, nodeID, done, gone)
		return err
	})
	if err != nil {
		return Completed{}, err
	}
	return out, nil
}

func (s *Store) endIn(ctx context.Context, tx *sqldb.DB, nodeID int64, done []Completion, gone bool) (out Completed, err error) {
	l, err := s.lockFires(ctx, tx, nodeID, done)
	if err != nil {
		return out, err
	}
	if gone {
		if lives, err := s.lives(ctx, tx, nodeID); err != nil || lives {
			return Completed{Superseded: refs(done)}, err
		}
	}
	var over []*schema.Execute    // children that go
	var children []schema.Execute // that come
	for i, c := range done {
		if !l.mine(c) {
			out.Superseded = append(out.Superseded, c.Ref)
			continue
		}
		row, origin, free := l.rows(c)
		if !free {
			continue
		}
		if gone {
			c.Started = row.FireStart
		}
		done[i].Origin = l.origin[c.ID] // of those of a node that is gone nobody knew
		child := done[i].Origin != 0
		to := cmp.Or(origin, row)
		before := to.State
		switch {
		case child && (origin == nil || c.Again == nil): // or its origin was deleted
			over = append(over, row)
			if origin != nil {
				origin.Recent = s.addRecent(origin.Recent, c, nodeID)
				err = account(ctx, tx, origin, c, false)
			} else if c.Again != nil {
				out.Stray = append(out.Stray, c.Ref)
			}
		case child:
			if err = rearm(ctx, tx, row, c); err == nil {
				err = s.remember(ctx, tx, origin, c, nodeID)
			}
		case c.Again == nil:
			row.Recent = s.addRecent(row.Recent, c, nodeID)
			err = account(ctx, tx, row, c, true)
		default:
			children = append(children, carryOn(row, c, l.now))
			row.Recent = s.addRecent(row.Recent, c, nodeID)
			err = release(ctx, tx, row, c.Error, true)
		}
		if err != nil {
			return Completed{}, err
		}
		out.wrote(c.Ref, before, to.State)
	}
	if err := sqldb.Insert(ctx, tx, "QRTZ_EXECUTE", children...); err != nil {
		return Completed{}, fmt.Errorf("insert children: %w", err)
	}
	return out, deleteChildren(ctx, tx, nodeID, over)
}

func (s *Store) lives(ctx context.Context, tx *sqldb.DB, nodeID int64) (bool, error) {
	var id int64
	return tx.One(ctx, []any{&id}, "SELECT NODE_ID FROM QRTZ_NODE WHERE APPLICATION = ? AND NODE_ID = ?", s.app, nodeID)
}

// account writes an outcome, and RECENT of row, onto the row of a schedule, and into
// row; own tells whether the row itself carried the fire.
func account(ctx context.Context, tx *sqldb.DB, row *schema.Execute, c Completion, own bool) error {
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
	err := one(tx.Exec(ctx, `UPDATE QRTZ_EXECUTE SET `+set+`LAST_FIRE_TIME = ?, LAST_END_TIME = {now}, LAST_STATE = ?, LAST_ERROR = ?,
		RECENT = ?, FIRE_COUNT = ?, FAIL_COUNT = ?, FAIL_STREAK = ?, LOST_COUNT = ?, STATE = ?
		WHERE ID = ? AND STATE = ? AND COALESCE(FIRE_COUNT, 0) = ? AND COALESCE(LOST_COUNT, 0) = ? AND COALESCE(NEXT_FIRE_TIME, 0) = ?
		AND COALESCE(FIRE_ATTEMPT, 0) = ? AND `+guard, append([]any{
		c.Nominal, c.Outcome, null(Clip(c.Error)), null(row.Recent), fires, fails, streak, lost, state,
		row.ID, row.State, row.FireCount, row.LostCount, row.NextFireTime, row.FireAttempt,
	}, args...)...))
	row.State, row.FireCount, row.FailCount, row.FailStreak, row.LostCount = state, fires, fails, streak, lost
	if own {
		row.FireTime, row.Cancel, row.Checkpoint = 0, "", ""
	}
	return err
}

// deleteChildren deletes children whose fires are over.
func deleteChildren(ctx context.Context, tx *sqldb.DB, nodeID int64, rows []*schema.Execute) error {
	if len(rows) == 0 {
		return nil
	}
	these, args := make([]string, len(rows)), []any{nodeID}
	for i, row := range rows {
		these[i] = "ID = ? AND FIRE_TIME = ? AND FIRE_ATTEMPT = ?"
		args = append(args, row.ID, row.FireTime, row.FireAttempt)
	}
	n, err := tx.Exec(ctx, "DELETE FROM QRTZ_EXECUTE WHERE FIRE_NODE + 0 = ? AND ("+strings.Join(these, " OR ")+")", args...)
	if err == nil && n != int64(len(rows)) {
		return errMoved
	}
	return err
}

// carryOn returns the child in which a fire of the schedule goes on: it is claimed
// for its next attempt.
func carryOn(row *schema.Execute, c Completion, now int64) schema.Execute {
	child := childOf(*row, c.Again.Kind)
	child.NextFireTime = now + c.Again.Delay
	child.FireFails += c.Again.Fails
	child.LostCount += int64(c.Again.Lost)
	child.LastError = Clip(c.Error)
	child.Trace = cmp.Or(c.Trace, child.Trace)
	return child
}

// rearm lets a child be claimed once more.
func rearm(ctx context.Context, tx *sqldb.DB, row *schema.Execute, c Completion) error {
	kind := c.Again.Kind
	if row.Origin == schema.ChildRunNow {
		kind = row.Origin // what it is, not what became of it
	}
	return one(tx.Exec(ctx, `UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = {now} + ?, FIRE_TIME = NULL, CANCEL = NULL, ORIGIN = ?,
		FIRE_FAILS = ?, LOST_COUNT = ?, LAST_ERROR = ?, TRACE = ?
		WHERE ID = ? AND FIRE_NODE = ? AND FIRE_TIME = ? AND FIRE_ATTEMPT = ?`,
		c.Again.Delay, kind, row.FireFails+c.Again.Fails, row.LostCount+int64(c.Again.Lost), null(Clip(c.Error)), null(cmp.Or(c.Trace, row.Trace)),
		row.ID, row.FireNode, row.FireTime, row.FireAttempt))
}

// spilled returns the fires of schedules that are carried by children by now, and
// of each what it was claimed as.
func (s *Store) spilled(ctx context.Context, nodeID int64, done []Completion) (at []Completion, was map[int64]Ref, err error) {
	keys, byKey := make([]string, len(done)), make(map[string]Completion, len(done))
	for i, c := range done {
		keys[i] = schema.FireKey(c.ID, c.Nominal)
		byKey[keys[i]] = c
	}
	was = make(map[int64]Ref)
	err = s.db.Each(ctx, func(rows *sql.Rows) error {
		var id int64
		var key string
		var f flight
		err := rows.Scan(&id, &key, &f.nominal, sqldb.Null(&f.attempt))
		if c := byKey[key]; f == (flight{c.Nominal, c.Attempt}) {
			was[id] = c.Ref
			c.ID = id
			at = append(at, c)
		}
		return err
	}, "SELECT ID, CHILD_KEY, FIRE_TIME, FIRE_ATTEMPT FROM QRTZ_EXECUTE WHERE CHILD_KEY IN ? AND FIRE_NODE + 0 = ? AND FIRE_TIME IS NOT NULL", keys, nodeID)
	return at, was, err
}

// endAnywhere ends fires the long way, and looks for those that are not where they
// were claimed.
func (s *Store) endAnywhere(ctx context.Context, nodeID int64, done []Completion, out *Completed) error {
	ended, err := s.end(ctx, nodeID, done, false)
	if err != nil {
		return err
	}
	itself := func(r Ref) Ref { return r }
	out.add(ended, itself)
	if len(ended.Superseded) == 0 {
		return nil
	}
	left := slices.DeleteFunc(slices.Clone(done), func(c Completion) bool { return !slices.Contains(ended.Superseded, c.Ref) })
	at, was, err := s.spilled(ctx, nodeID, left)
	if err != nil {
		return err
	}
	moved, err := s.end(ctx, nodeID, at, false)
	if err != nil {
		return err
	}
	out.add(moved, func(r Ref) Ref { return was[r.ID] })
	for _, c := range at {
		if slices.Contains(moved.Superseded, c.Ref) {
			delete(was, c.ID) // it is gone from there as well
		}
	}
	left = without(left, slices.Collect(maps.Values(was)))
	before, err := s.writtenBefore(ctx, nodeID, left)
	if err != nil {
		return err
	}
	out.add(before, itself)
	out.Superseded = append(out.Superseded, refs(without(left, before.Written))...)
	return nil
}

// writtenBefore returns the completions that stand in RECENT, of which an attempt of a
// registration has one entry: whoever takes a fire away enters it as lost. A failure of
// an execute that is in ERROR counts as what put it there.
func (s *Store) writtenBefore(ctx context.Context, nodeID int64, done []Completion) (before Completed, err error) {
	if len(done) == 0 {
		return before, nil
	}
	ctx, cancel := s.call(ctx)
	defer cancel()
	ids := make([]int64, len(done))
	for i, c := range done {
		ids[i] = cmp.Or(c.Origin, c.ID)
	}
	past := make(map[int64][]schema.PastFire, len(ids))
	states := make(map[int64]schema.State, len(ids))
	err = s.db.Each(ctx, func(rows *sql.Rows) error {
		var id int64
		var recent string
		var state schema.State
		err := rows.Scan(&id, &state, sqldb.Null(&recent))
		past[id], states[id] = schema.Recent(recent), state
		return err
	}, "SELECT ID, STATE, RECENT FROM QRTZ_EXECUTE WHERE ID IN ?", ids)
	for i, c := range done {
		if slices.ContainsFunc(past[ids[i]], func(f schema.PastFire) bool {
			return f.NodeID == nodeID && f.Nominal == c.Nominal && f.Attempt == c.Attempt && f.Outcome == c.Outcome
		}) {
			was := states[ids[i]]
			if c.Again == nil && (c.Outcome == schema.Failed || c.Outcome == schema.TimedOut) {
				was = schema.Executing
			}
			before.wrote(c.Ref, was, states[ids[i]])
		}
	}
	return before, err
}

func refs(done []Completion) []Ref {
	out := make([]Ref, len(done))
	for i, c := range done {
		out[i] = c.Ref
	}
	return out
}

// without returns the completions that are not among refs.
func without(done []Completion, refs []Ref) []Completion {
	return slices.DeleteFunc(slices.Clone(done), func(c Completion) bool { return slices.Contains(refs, c.Ref) })
}
