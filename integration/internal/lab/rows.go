package lab

import (
	"context"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// Now asks the database for its clock.
func (l *Lab) Now() time.Time {
	l.t.Helper()
	now, err := l.SQL.Now(context.Background())
	require.NoError(l.t, err)
	return now
}

// Job adds a job of class [Work] and returns its id.
func (l *Lab) Job() client.ID {
	l.t.Helper()
	return l.JobOf(client.Job{Class: Work})
}

// JobOf adds a job of the lab's app.
func (l *Lab) JobOf(job client.Job) client.ID {
	l.t.Helper()
	job.App = App
	info, err := l.Client.AddJob(l.t.Context(), job)
	require.NoError(l.t, err)
	return info.ID
}

// Execute adds an execute under a job of its own and returns its id.
func (l *Lab) Execute(s client.Schedule, options ...client.ExecuteOption) int64 {
	l.t.Helper()
	return l.ExecuteOf(l.Job(), s, options...)
}

// ExecuteOf adds an execute under a job.
func (l *Lab) ExecuteOf(job client.ID, s client.Schedule, options ...client.ExecuteOption) int64 {
	l.t.Helper()
	info, err := l.Client.AddExecute(l.t.Context(), job, s, options...)
	require.NoError(l.t, err)
	return int64(info.ID)
}

// Row reads an execute.
func (l *Lab) Row(id int64) schema.Execute {
	l.t.Helper()
	return one[schema.Execute](l, "QRTZ_EXECUTE", "ID = ?", id)
}

// JobRow reads a job.
func (l *Lab) JobRow(id int64) schema.Job {
	l.t.Helper()
	return one[schema.Job](l, "QRTZ_JOB", "ID = ?", id)
}

// AppRow reads the app.
func (l *Lab) AppRow() schema.App {
	l.t.Helper()
	return one[schema.App](l, "QRTZ_APP", "APPLICATION = ?", App)
}

// NodeRows reads the nodes of the app by key.
func (l *Lab) NodeRows() []schema.Node {
	l.t.Helper()
	return rows[schema.Node](l, "QRTZ_NODE", "APPLICATION = ? ORDER BY HOST_IP", App)
}

// LiveNodes reads the keys of the registered nodes.
func (l *Lab) LiveNodes() []string {
	l.t.Helper()
	var keys []string
	for _, n := range l.NodeRows() {
		if n.NodeID != 0 {
			keys = append(keys, n.Key)
		}
	}
	return keys
}

func one[T any](l *Lab, table, where string, args ...any) T {
	l.t.Helper()
	found := rows[T](l, table, where, args...)
	require.Len(l.t, found, 1, "%s %v", table, args)
	return found[0]
}

func rows[T any](l *Lab, table, where string, args ...any) []T {
	l.t.Helper()
	out, err := sqldb.Select[T](context.Background(), l.SQL, "SELECT "+sqldb.Columns[T]("")+" FROM "+table+" WHERE "+where, args...)
	require.NoError(l.t, err)
	return out
}

// Set changes columns of an execute by hand: Set(id, "STATE = ?, CRON = ?", …).
func (l *Lab) Set(id int64, columns string, args ...any) {
	l.t.Helper()
	l.Exec(1, "UPDATE QRTZ_EXECUTE SET "+columns+" WHERE ID = ?", append(args, id)...)
}

// Exec sends a statement that must touch want rows; below 0 it may be any number.
func (l *Lab) Exec(want int64, query string, args ...any) {
	l.t.Helper()
	n, err := l.SQL.Exec(context.Background(), query, args...)
	require.NoError(l.t, err, query)
	if want >= 0 {
		require.Equal(l.t, want, n, strings.TrimSpace(query))
	}
}
