package soak

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
)

const app = "soak"

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
		e := newEdits(c, l, app, []string{"north", "south", "west"}, seed)
		t.Logf("%d executes, random seed %d", len(l.all), seed)

		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var work sync.WaitGroup
		var edited, added error
		work.Go(func() { edited = e.run(ctx) })
		work.Go(func() { added = c.oneShots(ctx, c.jobs[app+"/"+worker.Quick], max(n/30, 1)) })
		c.until(t, end.Add(-time.Second))
		stop()
		work.Wait()
		require.NoError(t, errors.Join(edited, added))
		c.until(t, end)
		c.drain(t)
		c.finish(t)

		shares := c.runsOf(t, func(r ledger.Run) string { return r.Node })
		t.Logf("%d calls of the operator, runs by node: %v", e.calls, shares)
		require.Len(t, shares, 3, "every node has its share")
	})
}
