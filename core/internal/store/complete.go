package store

import (
	"context"
	"database/sql"
	"slices"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// Completion is how a fire ended.
type Completion struct {
	ID      int64
	Nominal int64
	Attempt int
	Outcome schema.Outcome
	Error   string
}

// Completed is what became of a batch of completions.
type Completed struct {
	Written    []int64 // ids now completed
	Superseded []int64 // ids whose fire is no longer the node's: nothing was written
	// What is in neither is held by somebody else just now: try again.
}

// Complete writes at most Batch completions of the node's fires. Written twice,
// after an unknown outcome, a completion is Superseded by itself.
func (s *Store) Complete(ctx context.Context, nodeID int64, done []Completion) (Completed, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	done = slices.Clone(done)
	slices.SortFunc(done, func(a, b Completion) int { return int(min(max(a.ID-b.ID, -1), 1)) })
	var out Completed
	var err error
	if s.db.Dialect() == sqldb.Postgres {
		out.Written, err = s.completePostgres(ctx, nodeID, done)
	} else {
		err = s.db.TxOnce(ctx, func(tx *sqldb.DB) error {
			out.Written, err = s.completePortable(ctx, tx, nodeID, done)
			return err
		})
	}
	if err != nil || len(out.Written) == len(done) {
		return out, err
	}
	missing := slices.DeleteFunc(done, func(c Completion) bool { return slices.Contains(out.Written, c.ID) })
	out.Superseded, err = s.superseded(ctx, nodeID, missing)
	return out, err
}

// completion is what every completion writes besides outcome and error. STATE
// becomes COMPLETE only where nothing is left to fire and nobody changed it.
const completion = `LAST_FIRE_TIME = FIRE_TIME, FIRE_TIME = NULL, LAST_END_TIME = {now}, CANCEL = NULL,
	FIRE_COUNT = COALESCE(FIRE_COUNT, 0) + 1,
	STATE = CASE WHEN STATE = 'EXECUTING' AND NEXT_FIRE_TIME IS NULL THEN 'COMPLETE' ELSE STATE END`

func (s *Store) completePostgres(ctx context.Context, nodeID int64, done []Completion) ([]int64, error) {
	var ids, nominals, attempts array[int64]
	var outcomes, texts array[string]
	for _, c := range done {
		ids, nominals, attempts = append(ids, c.ID), append(nominals, c.Nominal), append(attempts, int64(c.Attempt))
		outcomes, texts = append(outcomes, string(c.Outcome)), append(texts, clip(c.Error))
	}
	var written []int64
	err := s.db.Each(ctx, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		written = append(written, id)
		return err
	}, `WITH v AS (
		SELECT * FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::text[]) AS v(ID, NOMINAL, ATTEMPT, OUTCOME, MESSAGE)
	), free AS MATERIALIZED (
		SELECT e.ID FROM v JOIN QRTZ_EXECUTE e ON e.ID = v.ID
		WHERE e.FIRE_NODE = ? AND e.FIRE_TIME = v.NOMINAL AND e.FIRE_ATTEMPT = v.ATTEMPT
		FOR NO KEY UPDATE OF e SKIP LOCKED
	)
	UPDATE QRTZ_EXECUTE e SET `+completion+`,
		LAST_STATE = v.OUTCOME, LAST_ERROR = NULLIF(v.MESSAGE, ''),
		FAIL_COUNT = COALESCE(e.FAIL_COUNT, 0) + CASE WHEN v.OUTCOME = 'FAILED' THEN 1 ELSE 0 END,
		FAIL_STREAK = CASE WHEN v.OUTCOME = 'FAILED' THEN COALESCE(e.FAIL_STREAK, 0) + 1 ELSE 0 END
	FROM v JOIN free ON free.ID = v.ID
	WHERE e.ID = v.ID AND e.FIRE_NODE = ? AND e.FIRE_TIME = v.NOMINAL AND e.FIRE_ATTEMPT = v.ATTEMPT
	RETURNING e.ID`,
		ids.text(), nominals.text(), attempts.text(), outcomes.text(), texts.text(), nodeID, nodeID)
	if err != nil {
		return nil, err
	}
	return written, nil
}

func (s *Store) completePortable(ctx context.Context, tx *sqldb.DB, nodeID int64, done []Completion) ([]int64, error) {
	mine, err := s.inFlight(ctx, tx, nodeID, done, "{skip locked}")
	if err != nil {
		return nil, err
	}
	var ids, failed []int64
	var held []Completion
	for _, c := range done {
		if mine[c.ID] == (flight{c.Nominal, c.Attempt}) {
			ids, held = append(ids, c.ID), append(held, c)
			if c.Outcome == schema.Failed {
				failed = append(failed, c.ID)
			}
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var args []any
	query := `UPDATE QRTZ_EXECUTE SET ` + completion + `,
		LAST_STATE = ` + byID(&args, ids, func(i int) any { return held[i].Outcome }) + `,
		LAST_ERROR = ` + byID(&args, ids, func(i int) any { return null(clip(held[i].Error)) })
	if len(failed) > 0 {
		query += `, FAIL_COUNT = COALESCE(FAIL_COUNT, 0) + CASE WHEN ID IN ? THEN 1 ELSE 0 END,
			FAIL_STREAK = CASE WHEN ID IN ? THEN COALESCE(FAIL_STREAK, 0) + 1 ELSE 0 END`
		args = append(args, failed, failed)
	} else {
		query += `, FAIL_STREAK = 0`
	}
	query += ` WHERE ID IN ? AND FIRE_NODE = ? AND FIRE_TIME = `
	args = append(args, ids, nodeID)
	query += byID(&args, ids, func(i int) any { return held[i].Nominal }) + ` AND FIRE_ATTEMPT = `
	query += byID(&args, ids, func(i int) any { return held[i].Attempt })
	n, err := tx.Exec(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	if n != int64(len(ids)) {
		return nil, errUnlocked // SQLite aside, their locks are ours; there, the writer is alone
	}
	return ids, nil
}

type flight struct {
	nominal int64
	attempt int
}

// inFlight reads which of the fires the node still holds.
func (s *Store) inFlight(ctx context.Context, db *sqldb.DB, nodeID int64, done []Completion, lock string) (map[int64]flight, error) {
	ids := make([]int64, len(done))
	for i, c := range done {
		ids[i] = c.ID
	}
	mine := make(map[int64]flight, len(ids))
	err := db.Each(ctx, func(rows *sql.Rows) error {
		var id int64
		var f flight
		err := rows.Scan(&id, &f.nominal, sqldb.Null(&f.attempt))
		mine[id] = f
		return err
	}, "SELECT ID, FIRE_TIME, FIRE_ATTEMPT FROM QRTZ_EXECUTE WHERE ID IN ? AND FIRE_NODE = ? AND FIRE_TIME IS NOT NULL ORDER BY ID "+lock, ids, nodeID)
	return mine, err
}

func (s *Store) superseded(ctx context.Context, nodeID int64, missing []Completion) ([]int64, error) {
	mine, err := s.inFlight(ctx, s.db, nodeID, missing, "")
	if err != nil {
		return nil, err
	}
	var out []int64
	for _, c := range missing {
		if mine[c.ID] != (flight{c.Nominal, c.Attempt}) {
			out = append(out, c.ID)
		}
	}
	return out, nil
}
