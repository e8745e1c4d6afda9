package soak

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/integration/internal/operator"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
)

const app = "soak"

const (
	// calm and busy are distances between two calls of an operator.
	calm = 40 * time.Millisecond
	busy = 15 * time.Millisecond
)

// newWork returns an operator at work.
func newWork(c *cluster, l *load, nodes []string, seed uint64) *operator.Work {
	return &operator.Work{Operator: c.Operator, App: app, Nodes: nodes, Executes: l.edit, Jobs: l.jobs, Zones: zones, Seed: seed}
}

// Three processes share one application's fires, while an operator edits, pauses
// and resumes and a back office adds one-shots: nothing doubled, nothing missing,
// nothing early.
func TestThreeProcessesUnderLoadAndEdits(t *testing.T) {
	each(t, func(t *testing.T, db testdb.DB) {
		c := newCluster(t, db)
		c.start(t,
			[]worker.Node{{App: app, Key: "north"}},
			[]worker.Node{{App: app, Key: "south"}},
			[]worker.Node{{App: app, Key: "west"}},
		)
		n := perSecond(db.Kind)
		end := c.clock.Latest().Add(soakTime(t))
		l := c.addLoad(t, app, n, end)
		seed := uint64(time.Now().UnixNano())
		e := newWork(c, l, []string{"north", "south", "west"}, seed)
		t.Logf("%d executes, random seed %d", len(l.all), seed)

		c.disturb(t, end, e, calm, max(n/30, 1))
		c.until(t, end)
		c.drain(t)
		c.finish(t)

		shares := c.runsOf(t, func(r ledger.Run) string { return r.Node })
		t.Logf("%d calls of the operator, runs by node: %v", e.Calls(), shares)
		require.Len(t, shares, 3, "every node has its share")
	})
}

// Nodes with few slots are full most of the time, and then their fires are
// anybody's: all of them reach for the same rows, which an operator edits as fast
// as he can.
func TestFullNodesReachForTheSameFires(t *testing.T) {
	each(t, func(t *testing.T, db testdb.DB) {
		c := newCluster(t, db)
		c.slots = 3
		nodes := []string{"north", "south", "west", "east"}
		var processes [][]worker.Node
		for _, key := range nodes {
			processes = append(processes, []worker.Node{{App: app, Key: key}})
		}
		c.start(t, processes...)
		end := c.clock.Latest().Add(short)
		l := &load{jobs: []client.ID{c.job(t, app, worker.Long).ID}}
		l.edit = c.everySecond(t, app, worker.Quick, perSecond(db.Kind)/5, end)
		c.everySecond(t, app, worker.Long, 12, end)
		seed := uint64(time.Now().UnixNano())
		t.Logf("random seed %d", seed)
		c.disturb(t, end, newWork(c, l, nodes, seed), busy, 5)
		c.until(t, end)
		c.drain(t)
		c.finish(t)
	})
}

// disturb lets an operator work and a back office add n one-shots a second until
// shortly before the end.
func (c *cluster) disturb(t *testing.T, end time.Time, e *operator.Work, distance time.Duration, n int) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	quick := c.job(t, e.App, worker.Quick)
	var work sync.WaitGroup
	var edited, added error
	work.Go(func() { edited = e.Run(ctx, distance) })
	work.Go(func() { added = c.oneShots(ctx, quick, n) })
	c.until(t, end.Add(-time.Second))
	stop()
	work.Wait()
	require.NoError(t, errors.Join(edited, added))
}
