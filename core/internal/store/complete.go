package store

import (
	"context"
	"database/sql"
	"slices"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// Ref names a fire in flight: on which row, which instant, which attempt.
type Ref struct {
	ID      int64
	Nominal int64
	Attempt int
}

// Completion is how a fire ended.
type Completion struct {
	Ref
	Origin  int64          // of a child that goes with its fire: the row that gets its outcome; 0: it is none
	Started int64          // when the run began, on the database's clock; 0: it did not
	Took    int64          // milliseconds
	Outcome schema.Outcome // of this attempt; empty: it was broken off, and goes on
	Error   string
	Trace   string // W3C trace context of the run; empty: none
	Again   *Again // it is not over: the outcome is written to RECENT alone
}

// Completed is what became of a batch of completions.
type Completed struct {
	Written    []Ref // in the database, now or since an earlier try
	Superseded []Ref // the fire is no longer the node's: nothing was written
	Faulted    []Ref // of those written, the failures after which their execute is in ERROR,
	Stray      []Ref // and, of those written now, what was to go on and does not: its execute was deleted
	// What is in neither is held by somebody else just now: try again.
}

// Complete writes at most Batch completions of the node's fires, each once: one that an
// earlier try has written, whose answer was lost, is Written. That is told by RECENT,
// so that it is Superseded by itself where it left nothing there: it has no outcome,
// no fires are kept, or as many others have ended since.
func (s *Store) Complete(ctx context.Context, nodeID int64, done []Completion) (Completed, error) {
	done = slices.Clone(done)
	slices.SortFunc(done, func(a, b Completion) int { return int(min(max(a.ID-b.ID, -1), 1)) })
	long := func(c Completion) bool { return c.Origin != 0 || c.Again != nil }
	plain := slices.DeleteFunc(slices.Clone(done), long)
	out, err := s.completePlain(ctx, nodeID, plain)
	if err != nil {
		return out, err
	}
	done = slices.DeleteFunc(done, func(c Completion) bool { return !long(c) })
	err = s.endAnywhere(ctx, nodeID, done, &out)
	return out, err
}

// completePlain writes the outcomes of fires that concern their own row alone,
// all in one statement, and finds out about those that it could not write.
func (s *Store) completePlain(ctx context.Context, nodeID int64, done []Completion) (out Completed, err error) {
	if len(done) == 0 {
		return out, nil
	}
	call, cancel := s.call(ctx)
	defer cancel()
	if s.db.Dialect() == sqldb.Postgres {
		out, err = s.completePostgres(call, nodeID, done)
	} else {
		err = s.db.TxOnce(call, func(tx *sqldb.DB) error {
			out, err = s.completePortable(call, tx, nodeID, done)
			return err
		})
	}
	if err != nil {
		return Completed{}, err // also of a commit
	}
	if len(out.Written) == len(done) {
		return out, nil
	}
	left := without(done, out.Written)
	mine, err := s.inFlight(call, s.db, nodeID, left, "")
	if err != nil {
		return out, err
	}
	// What is still in flight is locked. The others are in a child, or taken away.
	left = slices.DeleteFunc(left, func(c Completion) bool { return mine[c.ID].flight == flight{c.Nominal, c.Attempt} })
	err = s.endAnywhere(ctx, nodeID, left, &out)
	return out, err
}

// completion is what every completion writes besides outcome, error and state.
const completion = `LAST_FIRE_TIME = FIRE_TIME, FIRE_TIME = NULL, LAST_END_TIME = {now}, CANCEL = NULL, CHECKPOINT = NULL,
	FIRE_COUNT = COALESCE(FIRE_COUNT, 0) + 1`

// stateAfter is STATE after a completion. It changes only where nobody else has
// changed it: to ERROR after too many failures in a row, to COMPLETE where nothing is
// left to fire.
func stateAfter(failed string) string {
	return `STATE = CASE WHEN STATE = 'EXECUTING' AND PAUSE_AFTER > 0 AND COALESCE(FAIL_STREAK, 0) + 1 >= PAUSE_AFTER AND ` + failed + ` THEN 'ERROR'
		WHEN STATE = 'EXECUTING' AND NEXT_FIRE_TIME IS NULL THEN 'COMPLETE' ELSE STATE END`
}

// completePostgres adds 0 to FIRE_NODE, as all statements do that find their rows by
// ids, for the planner not to read all rows of the node by the index on that column:
// its statistics never know how many a node has that has just begun to claim.
func (s *Store) completePostgres(ctx context.Context, nodeID int64, done []Completion) (out Completed, err error) {
	const failed = "v.OUTCOME IN ('FAILED', 'TIMED_OUT')"
	var ids, nominals, attempts array[int64]
	var outcomes, texts, entries array[string]
	for _, c := range done {
		ids, nominals, attempts = append(ids, c.ID), append(nominals, c.Nominal), append(attempts, int64(c.Attempt))
		outcomes, texts, entries = append(outcomes, string(c.Outcome)), append(texts, Clip(c.Error)), append(entries, c.past(nodeID).Entry())
	}
	err = s.db.Each(ctx, func(rows *sql.Rows) error {
		var r Ref
		var before, after schema.State
		err := rows.Scan(&r.ID, &r.Nominal, &r.Attempt, &before, &after)
		out.wrote(r, before, after)
		return err
	}, `WITH free AS MATERIALIZED (
		SELECT v.ID, v.NOMINAL, v.ATTEMPT, v.OUTCOME, v.MESSAGE, v.ENTRY, e.STATE BEFORE
		FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[]) AS v(ID, NOMINAL, ATTEMPT, OUTCOME, MESSAGE, ENTRY)
			JOIN QRTZ_EXECUTE e ON e.ID = v.ID
		WHERE e.FIRE_NODE + 0 = ? AND e.FIRE_TIME = v.NOMINAL AND e.FIRE_ATTEMPT = v.ATTEMPT
		FOR NO KEY UPDATE OF e SKIP LOCKED
	)
	UPDATE QRTZ_EXECUTE e SET `+completion+`, `+stateAfter(failed)+`,
		LAST_STATE = v.OUTCOME, LAST_ERROR = NULLIF(v.MESSAGE, ''), RECENT = `+s.recentPostgres()+`,
		FAIL_COUNT = COALESCE(e.FAIL_COUNT, 0) + CASE WHEN `+failed+` THEN 1 ELSE 0 END,
		FAIL_STREAK = CASE WHEN `+failed+` THEN COALESCE(e.FAIL_STREAK, 0) + 1 WHEN v.OUTCOME = 'SUCCEEDED' THEN 0 ELSE e.FAIL_STREAK END
	FROM free v
	WHERE e.ID = v.ID AND e.FIRE_NODE + 0 = ? AND e.FIRE_TIME = v.NOMINAL AND e.FIRE_ATTEMPT = v.ATTEMPT
	RETURNING e.ID, v.NOMINAL, v.ATTEMPT, v.BEFORE, e.STATE`,
		ids.text(), nominals.text(), attempts.text(), outcomes.text(), texts.text(), entries.text(), nodeID, nodeID)
	if err != nil {
		return Completed{}, err
	}
	return out, nil
}

// add adds what became of others, each by what its fire was claimed as.
func (c *Completed) add(others Completed, was func(Ref) Ref) {
	for _, of := range []struct {
		all  *[]Ref
		more []Ref
	}{{&c.Written, others.Written}, {&c.Faulted, others.Faulted}, {&c.Stray, others.Stray}} {
		for _, r := range of.more {
			*of.all = append(*of.all, was(r))
		}
	}
}

// wrote adds a completion with STATE before and after it.
func (c *Completed) wrote(r Ref, before, after schema.State) {
	c.Written = append(c.Written, r)
	if after == schema.Error && before != after {
		c.Faulted = append(c.Faulted, r)
	}
}

func (s *Store) completePortable(ctx context.Context, tx *sqldb.DB, nodeID int64, done []Completion) (out Completed, err error) {
	mine, err := s.inFlight(ctx, tx, nodeID, done, "{skip locked}")
	if err != nil {
		return out, err
	}
	var ids, failed, succeeded []int64
	var held []Completion
	for _, c := range done {
		if mine[c.ID].flight != (flight{c.Nominal, c.Attempt}) {
			continue
		}
		ids, held = append(ids, c.ID), append(held, c)
		before, after := mine[c.ID].state, mine[c.ID].state
		switch c.Outcome {
		case schema.Failed, schema.TimedOut:
			failed = append(failed, c.ID)
			if before == schema.Executing && mine[c.ID].last { // as stateAfter says
				after = schema.Error
			}
		case schema.Succeeded:
			succeeded = append(succeeded, c.ID)
		case schema.Lost, schema.Cancelled:
		}
		out.wrote(c.Ref, before, after)
	}
	if len(ids) == 0 {
		return out, nil
	}
	var args []any
	in := func(among []int64) string { // MySQL assigns from left to right, so that STATE comes before what it reads
		if len(among) == 0 {
			return "1 = 0"
		}
		args = append(args, among)
		return "ID IN ?"
	}
	query := `UPDATE QRTZ_EXECUTE SET ` + stateAfter(in(failed)) + `, ` + completion + `,
		LAST_STATE = ` + byID(&args, ids, func(i int) any { return held[i].Outcome }) + `,
		LAST_ERROR = ` + byID(&args, ids, func(i int) any { return null(Clip(held[i].Error)) }) + `,
		RECENT = ` + byID(&args, ids, func(i int) any { return null(s.addRecent(mine[ids[i]].recent, held[i], nodeID)) }) + `,
		FAIL_COUNT = COALESCE(FAIL_COUNT, 0) + CASE WHEN ` + in(failed) + ` THEN 1 ELSE 0 END,
		FAIL_STREAK = CASE WHEN ` + in(failed) + ` THEN COALESCE(FAIL_STREAK, 0) + 1 WHEN ` + in(succeeded) + ` THEN 0 ELSE FAIL_STREAK END
		WHERE ID IN ? AND FIRE_NODE + 0 = ? AND FIRE_TIME = `
	args = append(args, ids, nodeID)
	query += byID(&args, ids, func(i int) any { return held[i].Nominal }) + ` AND FIRE_ATTEMPT = `
	query += byID(&args, ids, func(i int) any { return held[i].Attempt })
	n, err := tx.Exec(ctx, query, args...)
	if err == nil && n != int64(len(ids)) {
		err = errMoved
	}
	return out, err
}

type flight struct {
	nominal int64
	attempt int
}

// flying is a flight and what the row that carries it says.
type flying struct {
	flight

	recent string
	state  schema.State
	last   bool // failure in a row that PAUSE_AFTER allows
}

// inFlight reads which of the fires the node still holds.
func (s *Store) inFlight(ctx context.Context, db *sqldb.DB, nodeID int64, done []Completion, lock string) (map[int64]flying, error) {
	mine := make(map[int64]flying, len(done))
	err := db.Each(ctx, func(rows *sql.Rows) error {
		var id int64
		var f flying
		var streak, most int64
		err := rows.Scan(&id, &f.nominal, sqldb.Null(&f.attempt), sqldb.Null(&f.recent), &f.state, sqldb.Null(&streak), sqldb.Null(&most))
		f.last = most > 0 && streak+1 >= most
		mine[id] = f
		return err
	}, `SELECT ID, FIRE_TIME, FIRE_ATTEMPT, RECENT, STATE, FAIL_STREAK, PAUSE_AFTER FROM QRTZ_EXECUTE
		WHERE ID IN ? AND FIRE_NODE + 0 = ? AND FIRE_TIME IS NOT NULL ORDER BY ID `+lock, idsOf(done), nodeID)
	return mine, err
}

func idsOf(done []Completion) []int64 {
	out := make([]int64, len(done))
	for i, c := range done {
		out[i] = c.ID
	}
	return out
}
