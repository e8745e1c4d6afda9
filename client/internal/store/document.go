package store

import (
	"context"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// JobsNamed returns those jobs of an app that have one of the names, at most Chunk.
func (s Store) JobsNamed(ctx context.Context, app string, names []string) ([]schema.Job, error) {
	return sqldb.Select[schema.Job](ctx, s.DB, selectJob+" WHERE APPLICATION = ? AND NAME IN ?", app, names)
}

// JobsUnnamed returns those of the jobs that are the app's and have no name.
func (s Store) JobsUnnamed(ctx context.Context, app string, ids []int64) ([]schema.Job, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return sqldb.Select[schema.Job](ctx, s.DB, selectJob+" WHERE APPLICATION = ? AND NAME IS NULL AND ID IN ?", app, ids)
}

// Schedules returns the executes below jobs, at most Chunk, oldest first. Children
// are none of them, nor is what a program wants to run once, which has no name.
func (s Store) Schedules(ctx context.Context, jobs []int64) ([]schema.Execute, error) {
	if len(jobs) == 0 {
		return nil, nil
	}
	return sqldb.Select[schema.Execute](ctx, s.DB, selectExecute+` WHERE PID IN ? AND ORIGIN IS NULL
		AND (NAME IS NOT NULL OR JOB_TYPE = 'CRON' OR COALESCE(REPEAT_COUNT, 0) <> 1) ORDER BY ID`, jobs)
}
