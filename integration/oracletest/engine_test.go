package oracletest

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/integration/internal/leak"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

func TestMain(m *testing.M) { leak.Main(m) }

// ledger is what the handlers saw: runs by execute and nominal time.
type ledger struct {
	mu   sync.Mutex
	runs map[string]int
}

func (l *ledger) run(_ context.Context, fire *core.Fire) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.runs[fmt.Sprintf("%d at %s", fire.ExecuteID, fire.NominalTime.UTC().Format(time.RFC3339Nano))]++
	if fire.Class == "fail" {
		return fmt.Errorf("the handler of %s fails: %s", fire.Class, "it's meant to")
	}
	return nil
}

func (l *ledger) count() (runs, doubled int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.runs {
		runs += n
		doubled += n - 1
	}
	return runs, doubled
}

// Two nodes run finite schedules of all kinds to their end, each instant once,
// while a client pauses, resumes and edits.
func TestNodesWorkOnOraclesDialect(t *testing.T) {
	t.Parallel()
	db := testdb.New(t, testdb.OracleH2)
	quiet := slog.New(slog.DiscardHandler)
	require.NoError(t, schema.Migrate(t.Context(), db.Gorm, schema.Options{Logger: quiet}))
	seen := &ledger{runs: map[string]int{}}
	handlers := core.NewHandlers()
	handlers.Add("work", seen.run)
	handlers.Add("fail", seen.run)

	var nodes []*core.Node
	for range 2 {
		node, err := core.New(testdb.Open(t, testdb.OracleH2), core.Config{
			App: "billing", Handlers: handlers, Logger: quiet, Slots: 4, ScanInterval: 50 * time.Millisecond, Lease: 30 * time.Second,
		})
		require.NoError(t, err)
		require.NoError(t, node.Start(t.Context()))
		nodes = append(nodes, node)
	}
	for _, node := range nodes {
		<-node.Ready()
	}

	c, err := client.New(db.Gorm)
	require.NoError(t, err)
	var ids []client.ID
	want := 0
	for i, class := range []string{"work", "fail", "work"} {
		job, err := c.AddJob(t.Context(), client.Job{App: "billing", Class: class, Name: fmt.Sprint(class, i), Data: map[string]any{"it's": i}})
		require.NoError(t, err)
		for _, schedule := range []client.Schedule{client.At(time.Now().Add(15 * time.Second)), client.Every(200 * time.Millisecond).Times(4), client.Now()} {
			execute, err := c.AddExecute(t.Context(), job.ID, schedule)
			require.NoError(t, err)
			ids = append(ids, execute.ID)
			want += max(int(schedule.Count), 1)
		}
		_, err = c.PauseJob(t.Context(), job.ID)
		require.NoError(t, err)
		_, err = c.ResumeJob(t.Context(), job.ID)
		require.NoError(t, err)
	}
	complete := func() bool {
		for _, id := range ids {
			execute, err := c.GetExecute(t.Context(), id)
			require.NoError(t, err)
			if execute.State != schema.Complete {
				return false
			}
		}
		return true
	}
	require.Eventually(t, complete, 3*time.Minute, 50*time.Millisecond)
	runs, doubled := seen.count()
	require.Equal(t, want, runs)
	require.Zero(t, doubled)
	for _, node := range nodes {
		require.NoError(t, node.Stop(t.Context()))
	}
	left, err := c.ListNodes(t.Context(), client.NodeFilter{App: "billing"})
	require.NoError(t, err)
	require.Empty(t, left.Items)
}
