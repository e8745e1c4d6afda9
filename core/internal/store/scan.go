package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// Due is an execute that a scan found, with all that a claim decides by and names.
type Due struct {
	ID, JobID   int64
	Name        string
	Shard       int
	Version     int64
	JobType     schema.JobType
	Cron        string
	ZoneID      string
	RepeatCount int64
	Interval    int64
	Start, End  int64
	Prev, Next  int64
	High        int64 // newest nominal time ever claimed, 0 for none
	Misfire     schema.Misfire
	CatchUp     int
	Data        string

	JobName string
	Class   string
	JobData string
}

// dueColumns are Due's fields in the order of dest.
const dueColumns = `e.ID, e.PID, e.NAME, e.SHARD, e.VERSION, e.JOB_TYPE, e.CRON, e.ZONE_ID, e.REPEAT_COUNT, e.REPEAT_INTERVAL,
	e.START_TIME, e.END_TIME, e.PREV_FIRE_TIME, e.NEXT_FIRE_TIME, e.HIGH_TIME, e.MISFIRE, e.CATCH_UP, e.DATA,
	j.NAME JOB_NAME, j.JOB_CLASS, j.JOB_DATA`

func (d *Due) dest() []any {
	return []any{
		&d.ID, &d.JobID, sqldb.Null(&d.Name), sqldb.Null(&d.Shard), sqldb.Null(&d.Version), &d.JobType, sqldb.Null(&d.Cron), sqldb.Null(&d.ZoneID),
		sqldb.Null(&d.RepeatCount), sqldb.Null(&d.Interval), sqldb.Null(&d.Start), sqldb.Null(&d.End), sqldb.Null(&d.Prev), sqldb.Null(&d.Next),
		sqldb.Null(&d.High), sqldb.Null(&d.Misfire), sqldb.Null(&d.CatchUp), sqldb.Null(&d.Data),
		sqldb.Null(&d.JobName), sqldb.Null(&d.Class), sqldb.Null(&d.JobData),
	}
}

// Range is the part of one shard that a scan reads: from behind (After, AfterID)
// to Until, in epoch milliseconds.
type Range struct {
	Shard   int
	After   int64
	AfterID int64
	Until   int64
}

// enabledJob holds for a job whose executes fire: COMPLETE and ERROR on a job
// are summaries.
const enabledJob = "j.STATE IN ('EXECUTING', 'COMPLETE', 'ERROR')"

// Scan returns up to limit claimable executes of each range, soonest first. The
// time is a parameter, because a clock function in a range cannot use the index.
func (s *Store) Scan(ctx context.Context, ranges []Range, classes []string, limit int) ([]Due, error) {
	if len(ranges) == 0 || len(classes) == 0 || limit <= 0 {
		return nil, nil
	}
	ctx, cancel := s.call(ctx)
	defer cancel()
	parts := make([]string, len(ranges))
	var args []any
	for i, r := range ranges {
		parts[i] = `SELECT * FROM (SELECT ` + dueColumns + ` FROM QRTZ_EXECUTE e JOIN QRTZ_JOB j ON j.ID = e.PID
			WHERE e.APPLICATION = ? AND e.SHARD = ? AND e.NEXT_FIRE_TIME >= ? AND e.NEXT_FIRE_TIME <= ?
			AND (e.NEXT_FIRE_TIME > ? OR e.ID > ?) AND e.STATE = 'EXECUTING' AND e.FIRE_TIME IS NULL
			AND j.APPLICATION = ? AND ` + enabledJob + ` AND j.JOB_CLASS IN ?
			ORDER BY e.NEXT_FIRE_TIME, e.ID {limit}) s`
		args = append(args, s.app, r.Shard, r.After, r.Until, r.After, r.AfterID, s.app, classes, limit)
	}
	var due []Due
	err := s.db.Each(ctx, func(rows *sql.Rows) error {
		var d Due
		err := rows.Scan(d.dest()...)
		d.Class = strings.TrimRight(d.Class, " ") // MySQL finds it with spaces behind
		due = append(due, d)
		return err
	}, strings.Join(parts, "\nUNION ALL\n"), args...)
	slices.SortFunc(due, func(a, b Due) int {
		if a.Next != b.Next {
			return int(min(max(a.Next-b.Next, -1), 1))
		}
		return int(min(max(a.ID-b.ID, -1), 1))
	})
	return due, err
}
