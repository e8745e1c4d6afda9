package faults

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/operator"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
	"github.com/quartz-cluster/quartz/internal/sqldb"
)

// F10: an operator edits, pauses and deletes the rows in flight; sessions hold
// rows that the nodes need; a process is stopped in the midst of a transaction;
// and the Java edition's client writes as it does, by the primary key alone.
func TestF10OthersAreInTheWay(t *testing.T) {
	each(t, "F10", func(t *testing.T, c *cluster) {
		end := c.clock.Latest().Add(level(t, 15*time.Second))
		l := c.load(rate(), end)
		doomed := c.add(worker.Long, many(12, client.Execute{Schedule: client.Every(time.Second)})...)
		wild := c.add(worker.Quick, many(6, client.Execute{Schedule: client.Every(time.Second)})...)
		for _, id := range wild {
			c.in.Wild = append(c.in.Wild, int64(id))
		}
		c.start()
		seed := uint64(time.Now().UnixNano())
		t.Logf("random seed %d", seed)
		work := &operator.Work{
			Operator: c.Operator, App: app, Nodes: keys[:2], Zones: zones, Seed: seed,
			Executes: l.edit, Jobs: []client.ID{c.job(worker.Failing).ID},
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var all sync.WaitGroup
		errs := make([]error, 4)
		all.Go(func() { errs[0] = work.Run(ctx, 40*time.Millisecond) })
		all.Go(func() { errs[1] = c.deletes(ctx, doomed) })
		all.Go(func() { errs[2] = c.holds(ctx, seed) })
		all.Go(func() { errs[3] = c.blindly(ctx, wild, seed) })
		c.stopInTransactions(end.Add(-zombie - 2*time.Second))
		c.until(end.Add(-time.Second))
		stop()
		all.Wait()
		require.NoError(t, errors.Join(errs...))
		c.over = append(c.over, c.clock.Latest())
		c.until(end)
		c.finish()
	})
}

func many(n int, e client.Execute) []client.Execute {
	all := make([]client.Execute, n)
	for i := range all {
		all[i] = e
	}
	return all
}

// every does something after each distance, until ctx ends.
func every(ctx context.Context, distance time.Duration, do func() error) error {
	tick := time.NewTicker(distance)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := do(); err != nil {
				return err
			}
		}
	}
}

// deletes deletes one execute after the other, under their running fires.
func (c *cluster) deletes(ctx context.Context, ids []client.ID) error {
	calling := context.WithoutCancel(ctx)
	return every(ctx, 700*time.Millisecond, func() error {
		if len(ids) == 0 {
			return nil
		}
		id := ids[0]
		ids = ids[1:]
		c.tried.Add(1)
		return c.Delete(calling, id)
	})
}

// holds holds rows in a session of its own: executes, or those of a job, the
// nodes or the app.
func (c *cluster) holds(ctx context.Context, seed uint64) error {
	calling := context.WithoutCancel(ctx)
	random := rand.New(rand.NewPCG(seed, 1))
	what := []string{
		"SELECT ID FROM QRTZ_EXECUTE WHERE SHARD = 3 ORDER BY ID {for update}",
		"SELECT ID FROM QRTZ_EXECUTE WHERE STATE = 'EXECUTING' AND FIRE_TIME IS NOT NULL ORDER BY ID {for update}",
		"SELECT ID FROM QRTZ_JOB ORDER BY ID {for update}",
		"SELECT HOST_IP FROM QRTZ_NODE ORDER BY HOST_IP {for update}",
		"SELECT APPLICATION FROM QRTZ_APP {for update}",
	}
	return every(ctx, time.Second, func() error {
		c.tried.Add(1)
		query := what[random.IntN(len(what))]
		err := c.own.Tx(calling, func(tx *sqldb.DB) error {
			if _, err := tx.Exec(calling, query); err != nil {
				return err
			}
			timer := time.NewTimer(time.Duration(random.IntN(2000)) * time.Millisecond)
			defer timer.Stop()
			<-timer.C
			return nil
		})
		if sqldb.Retryable(err) {
			return nil
		}
		return err
	})
}

// blindly writes as the Java edition's client does: the next fire put back, or a
// schedule without a version.
func (c *cluster) blindly(ctx context.Context, ids []client.ID, seed uint64) error {
	calling := context.WithoutCancel(ctx)
	random := rand.New(rand.NewPCG(seed, 2))
	return every(ctx, 150*time.Millisecond, func() error {
		c.tried.Add(1)
		id := int64(ids[random.IntN(len(ids))])
		query, args := "UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = NEXT_FIRE_TIME - ? WHERE ID = ?", []any{1000 * random.IntN(5), id}
		if random.IntN(3) == 0 {
			query, args = "UPDATE QRTZ_EXECUTE SET REPEAT_INTERVAL = ? WHERE ID = ?", []any{500 + 250*random.IntN(5), id}
		}
		_, err := c.own.Exec(calling, query, args...)
		if sqldb.Retryable(err) {
			return nil
		}
		return err
	})
}

// stopInTransactions stops processes in the midst of a transaction that holds
// rows, for longer than the lease, up to the time.
func (c *cluster) stopInTransactions(until time.Time) {
	c.t.Helper()
	inPass := worker.PassUncommitted
	if c.db.Kind == testdb.Postgres { // where winning a pass is no transaction, but what ends a child's fire is
		inPass = worker.InSweep
	}
	for i, point := 0, inPass; ; i++ {
		n := c.nodes[len(c.nodes)-1]
		n.Arm(c.t, worker.Failpoint{Point: point, Signal: worker.Stop})
		c.await(n.Name()+" stands still", func(context.Context) string {
			if n.Paused() {
				return ""
			}
			return "it works"
		})
		c.tried.Add(1)
		c.in.Zombies = append(c.in.Zombies, n.Name())
		c.wait(zombie)
		require.NoError(c.t, n.Continue())
		if !c.clock.Latest().Before(until) {
			return
		}
		point = []worker.Point{worker.Uncommitted, inPass}[i%2]
		c.wait(grace)
	}
}
