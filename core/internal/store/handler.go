package store

import (
	"cmp"
	"context"
	"database/sql"
	"strings"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// WinPass takes the ClusterMisfireHandler's next pass, if the application's row
// still shows the TIME_NEXT that the node read and nobody holds it.
func (s *Store) WinPass(ctx context.Context, seen, next int64) (won bool, err error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	if next == seen {
		next++ // what wins the pass must move
	}
	const win = "UPDATE QRTZ_APP SET TIME_PRE = {now}, TIME_NEXT = ?, TIME_INTERVAL = ? WHERE APPLICATION = ? AND TIME_NEXT = ?"
	free, winArgs := "SELECT APPLICATION FROM QRTZ_APP WHERE APPLICATION = ? AND TIME_NEXT = ? {skip locked}", []any{next, handlerInterval, s.app, seen}
	if s.db.Dialect() == sqldb.Postgres {
		n, err := s.db.Exec(ctx, "WITH free AS MATERIALIZED ("+free+") "+win+" AND APPLICATION IN (SELECT APPLICATION FROM free)",
			append([]any{s.app, seen}, winArgs...)...)
		return n == 1, err
	}
	err = s.db.TxOnce(ctx, func(tx *sqldb.DB) error {
		won = false
		var app string
		found, err := tx.One(ctx, []any{&app}, free, s.app, seen)
		if err != nil || !found {
			return err
		}
		n, err := tx.Exec(ctx, win, winArgs...)
		won = n == 1
		return err
	})
	return won && err == nil, err
}

// Flight is a fire in flight.
type Flight struct {
	Ref
	JobID   int64
	Job     string // the name of its job, if that has one and is still there,
	Class   string // and its class
	NodeID  int64
	Origin  schema.Origin // kind of child that carries it; empty: none
	Of      int64         // the execute that it is a fire of, above the copy whose child it is
	Recover int           // recoveries that it may use
	Used    int           // recoveries that it has used
	Trace   string        // W3C trace context of the fire, as far as the row has it; see [Due.Traces]
	Link    string        // that of the call which scheduled it, where the fire has or had another
}

// Flights returns fires in flight that the node claimed, at most limit of them,
// on rows behind afterID.
func (s *Store) Flights(ctx context.Context, nodeID, afterID int64, limit int) ([]Flight, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	var out []Flight
	err := s.db.Each(ctx, func(rows *sql.Rows) error {
		f := Flight{NodeID: nodeID}
		var origin, lost, count int64
		var kind schema.JobType
		var trace, call string
		err := rows.Scan(&f.ID, &f.JobID, &f.Nominal, sqldb.Null(&f.Attempt), sqldb.Null(&f.Origin), sqldb.Null(&origin),
			sqldb.Null(&f.Recover), sqldb.Null(&lost), &kind, sqldb.Null(&count), sqldb.Null(&trace), sqldb.Null(&call),
			sqldb.Null(&f.Job), sqldb.Null(&f.Class))
		f.Class = strings.TrimRight(f.Class, " ") // MySQL finds it with spaces behind
		f.Of = cmp.Or(origin, f.ID)
		if f.child() {
			f.Used = int(lost)
		}
		if once(kind, count) {
			f.Trace, f.Link = trace, call
		} else {
			f.Link = trace
		}
		out = append(out, f)
		return err
	}, `SELECT e.ID, e.PID, e.FIRE_TIME, e.FIRE_ATTEMPT, e.ORIGIN, COALESCE(o.ORIGIN_ID, e.ORIGIN_ID), e.RECOVER, e.LOST_COUNT, e.JOB_TYPE,
			e.REPEAT_COUNT, e.TRACE, o.TRACE, j.NAME, j.JOB_CLASS
		FROM QRTZ_EXECUTE e LEFT JOIN QRTZ_EXECUTE o ON o.ID = e.ORIGIN_ID LEFT JOIN QRTZ_JOB j ON j.ID = e.PID
		WHERE e.APPLICATION = ? AND e.FIRE_NODE = ? AND e.FIRE_TIME IS NOT NULL AND e.ID > ? ORDER BY e.ID {limit}`, s.app, nodeID, afterID, limit)
	return out, err
}

// child reports whether the row that carries the fire goes with it.
func (f Flight) child() bool { return f.Origin != "" && f.Origin != schema.ChildAll }

// Recoverable reports whether the fire may run again on another node.
func (f Flight) Recoverable() bool { return f.Origin != schema.ChildAll && f.Used < f.Recover }

// Recover lets fires of a node that is gone run again elsewhere. Those that it did this
// to are Written: not those of which somebody holds the row. They may come with an error,
// where its answer to the commit was lost.
func (s *Store) Recover(ctx context.Context, nodeID int64, fires []Ref, reason string) (Completed, error) {
	return s.endGone(ctx, nodeID, fires, Completion{Outcome: schema.Lost, Error: reason, Again: &Again{Kind: schema.ChildRecovery, Lost: 1}})
}

// Lose records fires of a node that is gone as lost, and returns what Recover does.
func (s *Store) Lose(ctx context.Context, nodeID int64, fires []Ref, reason string) (Completed, error) {
	return s.endGone(ctx, nodeID, fires, Completion{Outcome: schema.Lost, Error: reason})
}

func (s *Store) endGone(ctx context.Context, nodeID int64, fires []Ref, how Completion) (Completed, error) {
	done := make([]Completion, len(fires))
	for i, r := range fires {
		done[i] = how
		done[i].Ref = r
	}
	out, err := s.end(ctx, nodeID, done, true)
	if err != nil && !Refused(err) && !Rejected(err) { // the answer may be all that is lost
		before, _ := s.writtenBefore(ctx, nodeID, done)
		return before, err
	}
	return out, err
}

// unheld sends a statement that changes one row of a table, if nobody holds it
// just now, and reports whether it did: the handler waits for no row, so that
// none holds up the others.
func (s *Store) unheld(ctx context.Context, table string, id int64, query string, args ...any) (changed bool, err error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	err = s.db.TxOnce(ctx, func(tx *sqldb.DB) error {
		changed = false
		var free int64
		found, err := tx.One(ctx, []any{&free}, "SELECT ID FROM "+table+" WHERE ID = ? {skip locked}", id)
		if err != nil || !found {
			return err
		}
		n, err := tx.Exec(ctx, query, args...)
		changed = n == 1
		return err
	})
	return changed && err == nil, err
}
