package store

import (
	"context"
	"database/sql"
	"strings"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// OnAll is an execute that runs on all nodes. No copy has to begin before its
// NEXT_FIRE_TIME any more; HIGH_TIME is an instant that copies have run.
type OnAll struct {
	schema.Execute

	Class string
}

// runsOnAll holds for an enabled execute that runs on all nodes and is not at its end.
const runsOnAll = "e.APPLICATION = ? AND e.SHARD = ? AND e.RUN_ON = 'ALL' AND e.ORIGIN IS NULL AND e.STATE = 'EXECUTING' AND e.NEXT_FIRE_TIME > 0"

// OnAll returns enabled executes that run on all nodes, behind afterID.
func (s *Store) OnAll(ctx context.Context, afterID int64, limit int) ([]OnAll, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	var out []OnAll
	err := s.db.Each(ctx, func(rows *sql.Rows) error {
		var o OnAll
		err := rows.Scan(append(sqldb.Dest(&o.Execute), &o.Class)...)
		o.Class = strings.TrimRight(o.Class, " ") // MySQL finds it with spaces behind
		out = append(out, o)
		return err
	}, `SELECT `+sqldb.Columns[schema.Execute]("e")+`, j.JOB_CLASS FROM QRTZ_EXECUTE e JOIN QRTZ_JOB j ON j.ID = e.PID
		WHERE `+runsOnAll+` AND e.ID > ? AND j.APPLICATION = ? ORDER BY e.ID {limit}`, s.app, schema.SharedShard, afterID, s.app, limit)
	return out, err
}

// Copy is the child for one node of an execute that runs on all.
type Copy struct {
	Origin   int64
	NodeID   int64
	State    schema.State
	FireTime int64
	Due      // of its columns: those that a copy follows its origin by
}

// Copies returns the copies of executes.
func (s *Store) Copies(ctx context.Context, origins []int64) ([]Copy, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	var out []Copy
	err := s.db.Each(ctx, func(rows *sql.Rows) error {
		var c Copy
		var target string
		d := &c.Due
		err := rows.Scan(&d.ID, &c.Origin, sqldb.Null(&target), &c.State, sqldb.Null(&c.FireTime), sqldb.Null(&d.Version), &d.JobType,
			sqldb.Null(&d.Cron), sqldb.Null(&d.ZoneID), sqldb.Null(&d.RepeatCount), sqldb.Null(&d.Interval), sqldb.Null(&d.Start),
			sqldb.Null(&d.End), sqldb.Null(&d.Next), sqldb.Null(&d.High))
		c.NodeID = number(target)
		out = append(out, c)
		return err
	}, `SELECT ID, ORIGIN_ID, TARGETS, STATE, FIRE_TIME, VERSION, JOB_TYPE, CRON, ZONE_ID, REPEAT_COUNT, REPEAT_INTERVAL, START_TIME,
		END_TIME, NEXT_FIRE_TIME, HIGH_TIME FROM QRTZ_EXECUTE WHERE ORIGIN_ID IN ? AND ORIGIN = 'ALL' ORDER BY ID`, origins)
	return out, err
}

// SameSchedule reports whether a copy has its origin's schedule.
func (c *Copy) SameSchedule(o schema.Execute) bool {
	d := Due{
		JobType: o.JobType, Cron: o.Cron, ZoneID: o.ZoneID, RepeatCount: o.RepeatCount, Interval: o.RepeatInterval,
		Start: o.StartTime, End: o.EndTime,
	}
	return d.schedule() == c.schedule()
}

// Span says how an execute that runs on all nodes moves on: past the instants
// that its copies know of.
type Span struct {
	Last int64 // newest instant passed; 0: it stays where it is
	Next int64 // NEXT_FIRE_TIME afterwards; 0: nothing is left
}

// Spread adds copies of an execute and moves it on, if it is as it was read and
// nobody holds it.
func (s *Store) Spread(ctx context.Context, o schema.Execute, copies []schema.Execute, to Span) (done bool, err error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	const same = " WHERE ID = ? AND STATE = 'EXECUTING' AND RUN_ON = 'ALL' AND COALESCE(VERSION, 0) = ? AND NEXT_FIRE_TIME = ? AND FIRE_TIME IS NULL"
	err = s.db.TxOnce(ctx, func(tx *sqldb.DB) error {
		done = false
		var free int64
		found, err := tx.One(ctx, []any{&free}, "SELECT ID FROM QRTZ_EXECUTE"+same+" {skip locked}", o.ID, o.Version, o.NextFireTime)
		if err != nil || !found {
			return err
		}
		if to.Last != 0 {
			columns, args := "NEXT_FIRE_TIME = ?", []any{to.Next}
			if to.Next == 0 {
				columns, args = "NEXT_FIRE_TIME = NULL, STATE = 'COMPLETE', LAST_END_TIME = {now}", nil
			}
			args = append(args, to.Last, to.Last, o.ID, o.Version, o.NextFireTime)
			n, err := tx.Exec(ctx, "UPDATE QRTZ_EXECUTE SET "+columns+", PREV_FIRE_TIME = ?, HIGH_TIME = ?"+same, args...)
			if err != nil || n == 0 {
				return err
			}
		}
		done = true
		return sqldb.Insert(ctx, tx, "QRTZ_EXECUTE", copies...)
	})
	if sqldb.Duplicate(err) { // a pass that was taken over was here first
		return false, nil
	}
	return done && err == nil, err
}

// Follow gives a copy the columns of its origin; next is its NEXT_FIRE_TIME
// afterwards and state its state.
func (s *Store) Follow(ctx context.Context, c Copy, o schema.Execute, next int64, state schema.State) (bool, error) {
	var b strings.Builder
	var args []any
	set := func(column string, value any) {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		switch v := value.(type) {
		case string:
			value = null(v)
		case int64:
			value = some(v)
		case int:
			value = some(int64(v))
		}
		if value == nil {
			b.WriteString(column + " = NULL")
			return
		}
		b.WriteString(column + " = ?")
		args = append(args, value)
	}
	set("JOB_TYPE", string(o.JobType))
	set("CRON", o.Cron)
	set("ZONE_ID", o.ZoneID)
	set("REPEAT_COUNT", o.RepeatCount)
	set("REPEAT_INTERVAL", o.RepeatInterval)
	set("DATA", o.Data)
	set("MISFIRE", string(o.Misfire))
	set("CATCH_UP", o.CatchUp)
	set("OVERLAP", string(o.Overlap))
	set("OVERLAP_MAX", o.OverlapMax)
	set("DEADLINE", o.Deadline)
	set("TIMEOUT", o.Timeout)
	set("RETRY_MAX", o.RetryMax)
	set("RETRY_DELAY", o.RetryDelay)
	set("RETRY_CAP", o.RetryCap)
	set("PAUSE_AFTER", o.PauseAfter)
	set("TRACE", o.Trace)
	set("NEXT_FIRE_TIME", next)
	set("STATE", string(state))
	args = append(args, o.StartTime, o.EndTime, o.Priority, o.Version, c.ID, c.Version, string(c.State), c.Next, c.FireTime)
	return s.unheld(ctx, "QRTZ_EXECUTE", c.ID, "UPDATE QRTZ_EXECUTE SET "+b.String()+`, START_TIME = ?, END_TIME = ?, PRIORITY = ?, VERSION = ?
		WHERE ID = ? AND ORIGIN = 'ALL' AND COALESCE(VERSION, 0) = ? AND STATE = ? AND COALESCE(NEXT_FIRE_TIME, 0) = ? AND COALESCE(FIRE_TIME, 0) = ?`,
		args...)
}

// some makes NULL of zero.
func some(v int64) any {
	if v == 0 {
		return nil
	}
	return v
}

// Homeless is a child with nothing in flight that is to go: its origin is gone, or
// the single node that it is for, or it is a copy whose origin does not run on all
// any more.
type Homeless struct {
	ID     int64
	Origin int64
	Of     int64 // the execute that it belongs to, above the copy whose child it is
	Kind   schema.Origin
	NodeID int64
	JobID  int64
	Job    string // its name, if it has one and is still there,
	Class  string // and its class
	Start  int64  // the nominal time where it carries one fire
	Stray  bool   // by its origin, not by its node

	Attempt     int    // that fire's next
	Trace, Link string // W3C trace contexts of that fire, and of the call which scheduled it
}

// childless holds for a copy none of whose fires has a row of its own: those are
// accounted for on the copy.
const childless = "NOT EXISTS (SELECT 1 FROM QRTZ_EXECUTE k WHERE k.ORIGIN_ID = c.ID)"

// Homeless returns children that have nothing in flight: those for nodes other
// than the live ones, copies whose origin does not run on all any more, and those
// whose origin was deleted by somebody who knows nothing of children, which the
// Java edition's client does. They come by origin and id, behind the place given.
func (s *Store) Homeless(ctx context.Context, live []int64, afterOrigin, afterID int64, limit int) ([]Homeless, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	nodes := make([]string, len(live))
	for i, id := range live {
		nodes[i] = text(id)
	}
	var out []Homeless
	err := s.db.Each(ctx, func(rows *sql.Rows) error {
		var h Homeless
		var target, on string
		var origin int64
		err := rows.Scan(&h.ID, &h.Origin, &h.Of, &h.Kind, sqldb.Null(&target), &h.JobID, sqldb.Null(&h.Start), sqldb.Null(&origin), sqldb.Null(&on),
			sqldb.Null(&h.Attempt), sqldb.Null(&h.Trace), sqldb.Null(&h.Link), sqldb.Null(&h.Job), sqldb.Null(&h.Class))
		h.Class = strings.TrimRight(h.Class, " ") // as Flights does
		h.Attempt++
		h.NodeID, h.Stray = number(target), origin == 0 || h.Kind == schema.ChildAll && on != string(schema.RunOnAll)
		out = append(out, h)
		return err
	}, `SELECT c.ID, c.ORIGIN_ID, COALESCE(o.ORIGIN_ID, c.ORIGIN_ID), c.ORIGIN, c.TARGETS, c.PID, c.START_TIME, o.ID, o.RUN_ON,
			c.FIRE_ATTEMPT, c.TRACE, o.TRACE, j.NAME, j.JOB_CLASS
		FROM QRTZ_EXECUTE c LEFT JOIN QRTZ_EXECUTE o ON o.ID = c.ORIGIN_ID LEFT JOIN QRTZ_JOB j ON j.ID = c.PID
		WHERE c.APPLICATION = ? AND c.ORIGIN_ID >= ? AND (c.ORIGIN_ID > ? OR c.ID > ?) AND c.FIRE_TIME IS NULL
		AND (o.ID IS NULL OR c.RUN_ON = 'NODE' AND (c.TARGETS NOT IN ? OR c.ORIGIN = 'ALL' AND COALESCE(o.RUN_ON, 'ANY') <> 'ALL'))
		AND `+childless+`
		ORDER BY c.ORIGIN_ID, c.ID {limit}`, s.app, afterOrigin, afterOrigin, afterID, nodes, limit)
	return out, err
}

// Remove deletes a homeless child and hands its account to its origin: what a
// copy has run, or that the fire which it carried, and only its node might have
// run, is lost. It waits for no row.
func (s *Store) Remove(ctx context.Context, h Homeless, reason string) (removed bool, err error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	err = s.db.TxOnce(ctx, func(tx *sqldb.DB) error {
		removed = false
		origin, found, err := lockExecute(ctx, tx, h.Origin)
		if err != nil {
			return err
		}
		if !found { // held, or gone
			if gone, err := missing(ctx, tx, h.Origin); err != nil || !gone {
				return err
			}
		}
		child, free, err := lockExecute(ctx, tx, h.ID)
		if err != nil || !free || child.FireTime != 0 {
			return err
		}
		if goes, err := s.goes(ctx, tx, h, origin); err != nil || !goes {
			return err
		}
		n, err := tx.Exec(ctx, "DELETE FROM QRTZ_EXECUTE WHERE ID = ? AND ORIGIN_ID = ? AND FIRE_TIME IS NULL", h.ID, h.Origin)
		removed = n == 1
		if err != nil || !removed || !found {
			return err
		}
		if h.Kind != schema.ChildAll {
			lost := Completion{Ref: Ref{Nominal: h.Start, Attempt: child.FireAttempt + 1}, Outcome: schema.Lost, Error: reason}
			origin.Recent = s.addRecent(origin.Recent, lost, h.NodeID)
			return account(ctx, tx, &origin, lost, false)
		}
		_, err = tx.Exec(ctx, `UPDATE QRTZ_EXECUTE SET HIGH_TIME = ?, FIRE_COUNT = ?, FAIL_COUNT = ?, SKIP_COUNT = ?, LOST_COUNT = ?, RECENT = ?
			WHERE ID = ? AND COALESCE(FIRE_COUNT, 0) = ? AND COALESCE(LOST_COUNT, 0) = ?`,
			some(max(origin.HighTime, child.HighTime)), origin.FireCount+child.FireCount, origin.FailCount+child.FailCount,
			origin.SkipCount+child.SkipCount, origin.LostCount+child.LostCount, null(schema.MergeRecent(s.recent, origin.Recent, child.Recent)),
			origin.ID, origin.FireCount, origin.LostCount)
		return err
	})
	return removed && err == nil, err
}

// goes reports, under the locks, whether a child is still to go.
func (s *Store) goes(ctx context.Context, tx *sqldb.DB, h Homeless, origin schema.Execute) (bool, error) {
	var id int64
	if none, err := tx.One(ctx, []any{&id}, "SELECT c.ID FROM QRTZ_EXECUTE c WHERE c.ID = ? AND "+childless, h.ID); err != nil || !none {
		return false, err
	}
	if h.Stray {
		return origin.ID == 0 || h.Kind == schema.ChildAll && origin.RunOn != schema.RunOnAll, nil
	}
	lives, err := s.lives(ctx, tx, h.NodeID)
	return !lives, err
}
