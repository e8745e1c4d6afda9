package store

import (
	"context"
	"database/sql"
	"strings"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// Stuck is an execute that is due and that no live node may be able to run.
type Stuck struct {
	Due       // as far as it is needed to judge and to name its fire
	LastError string
}

// Fire returns the nominal time and the attempt that it waits for.
func (k Stuck) Fire() (nominal int64, attempt int) {
	if k.OneShot() {
		return k.Start, k.Attempt + 1
	}
	return k.Next, 1
}

// Stuck returns executes behind afterID that were due by until and whose class is
// none of those that live nodes have handlers for, or that only the master or nodes
// with certain keys or labels may run. In an application of the mode MASTER_ONLY the
// latter are also those without a RUN_ON. Of what is held back, it says so.
func (s *Store) Stuck(ctx context.Context, classes []string, mode schema.Mode, until, afterID int64, limit int) ([]Stuck, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	which, args := "e.RUN_ON IN ('MASTER', 'SOME')", []any{s.app, shards(), until, afterID, s.app}
	if mode == schema.MasterOnly {
		which += " OR e.RUN_ON IS NULL"
	}
	if len(classes) > 0 {
		which, args = which+" OR j.JOB_CLASS NOT IN ?", append(args, classes)
	} else {
		which = "1 = 1"
	}
	var out []Stuck
	var ids []int64
	err := s.db.Each(ctx, func(rows *sql.Rows) error {
		var k Stuck
		err := rows.Scan(&k.ID, &k.JobID, sqldb.Null(&k.Name), sqldb.Null(&k.JobName), &k.Class, sqldb.Null(&k.RunOn), sqldb.Null(&k.Targets),
			&k.JobType, sqldb.Null(&k.RepeatCount), &k.Start, &k.Next, sqldb.Null(&k.Attempt), sqldb.Null(&k.Overlap), sqldb.Null(&k.OverlapMax),
			sqldb.Null(&k.Origin), sqldb.Null(&k.OriginID), sqldb.Null(&k.Trace), sqldb.Null(&k.LastError))
		k.Class = strings.TrimRight(k.Class, " ") // MySQL finds it with spaces behind
		if k.related() {
			ids = append(ids, k.ID)
		}
		out = append(out, k)
		return err
	}, `SELECT e.ID, e.PID, e.NAME, j.NAME, j.JOB_CLASS, e.RUN_ON, e.TARGETS, e.JOB_TYPE, e.REPEAT_COUNT, e.START_TIME, e.NEXT_FIRE_TIME,
			e.FIRE_ATTEMPT, e.OVERLAP, e.OVERLAP_MAX, e.ORIGIN, e.ORIGIN_ID, e.TRACE, e.LAST_ERROR
		FROM QRTZ_EXECUTE e JOIN QRTZ_JOB j ON j.ID = e.PID
		WHERE `+overdueBy+` AND e.FIRE_TIME IS NULL AND e.ID > ?
		AND j.APPLICATION = ? AND `+enabledJob+` AND (`+which+`) ORDER BY e.ID {limit}`, append(args, limit)...)
	if err != nil {
		return nil, err
	}
	free, err := unoccupiedOf(ctx, s.db, ids)
	for i := range out {
		out[i].Occupied = out[i].related() && !free[out[i].ID]
	}
	return out, err
}

// Note writes LAST_ERROR of a stuck execute, if it is still the same and free.
func (s *Store) Note(ctx context.Context, k Stuck, text string) (bool, error) {
	same, args := "LAST_ERROR IS NULL", []any{Clip(text), k.ID, k.Next}
	if k.LastError != "" {
		same, args = "LAST_ERROR = ?", append(args, k.LastError)
	}
	return s.unheld(ctx, "QRTZ_EXECUTE", k.ID, `UPDATE QRTZ_EXECUTE SET LAST_ERROR = ?
		WHERE ID = ? AND NEXT_FIRE_TIME = ? AND FIRE_TIME IS NULL AND STATE = 'EXECUTING' AND `+same, args...)
}
