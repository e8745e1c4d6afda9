package pgnotifytest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/pgnotify"
	"github.com/quartz-cluster/quartz/schema"
)

// late is a schedule that fires nothing while a test lasts.
func (b *bench) late() client.Schedule { return client.At(b.Now().Add(time.Hour)) }

func TestWhatAClientMakesDueStartsAtOnce(t *testing.T) {
	b := newBench(t)
	b.start(b.listener(pgnotify.Config{}))
	ctx := t.Context()

	added := b.add(client.Now())
	b.runs(added.ID, 1)

	tx := b.DB.Gorm.Begin()
	inTx, err := b.client.WithTx(tx).AddExecute(ctx, added.JobID, client.Now())
	require.NoError(t, err)
	require.NoError(t, tx.Commit().Error)
	b.runs(inTx.ID, 1)

	edited := b.add(b.late())
	_, err = b.client.UpdateExecute(ctx, edited.ID, edited.Version, client.SetSchedule(client.Now()))
	require.NoError(t, err)
	b.runs(edited.ID, 1)

	_, err = b.client.RunNow(ctx, edited.ID)
	require.NoError(t, err)
	b.runs(edited.ID, 2)

	done, err := b.client.Ensure(ctx, client.Declaration{
		Job:      client.Job{App: lab.App, Name: "declared", Class: lab.Work},
		Executes: []client.Execute{{Name: "now", Schedule: client.Now()}},
	})
	require.NoError(t, err)
	b.runs(done.Executes[0].ID, 1)
}

func TestWhatAClientResumesStartsAtOnce(t *testing.T) {
	b := newBench(t)
	b.start(b.listener(pgnotify.Config{}))
	ctx := t.Context()

	execute, err := b.client.AddExecute(ctx, b.Job(), client.Now(), client.Paused())
	require.NoError(t, err)
	_, err = b.client.ResumeExecute(ctx, execute.ID)
	require.NoError(t, err)
	b.runs(execute.ID, 1)

	job := b.JobOf(client.Job{Class: lab.Work, Paused: true})
	below, err := b.client.AddExecute(ctx, job, client.Now())
	require.NoError(t, err)
	_, err = b.client.ResumeJob(ctx, job)
	require.NoError(t, err)
	b.runs(below.ID, 1)

	_, err = b.client.PauseJobWithExecutes(ctx, job)
	require.NoError(t, err)
	again, err := b.client.AddExecute(ctx, job, client.Now(), client.Paused())
	require.NoError(t, err)
	_, err = b.client.ResumeJobWithExecutes(ctx, job)
	require.NoError(t, err)
	b.runs(again.ID, 1)

	for _, calls := range [][2]func(context.Context, string) (*client.AppInfo, error){
		{b.client.PauseApp, b.client.ResumeApp}, {b.client.BeginMaintenance, b.client.EndMaintenance},
	} {
		_, err = calls[0](ctx, lab.App)
		require.NoError(t, err)
		held := b.add(client.Now())
		_, err = calls[1](ctx, lab.App)
		require.NoError(t, err)
		b.runs(held.ID, 1)
	}
}

// What waits of an execute that is resumed goes on at once, although it is in
// another shard than its execute, whose next fire comes late.
func TestWhatWaitsGoesOnAtOnce(t *testing.T) {
	b := newBench(t)
	e := b.add(b.late())
	_, err := b.client.RunNow(t.Context(), e.ID)
	require.NoError(t, err)
	_, err = b.client.PauseExecute(t.Context(), e.ID)
	require.NoError(t, err)
	w := &witness{Listener: b.listener(pgnotify.Config{})}
	b.start(w)
	b.soon(func() bool { return len(w.heard()) == 1 }, "it listens")
	b.runs(b.add(client.Now()).ID, 1)
	_, err = b.client.ResumeExecute(t.Context(), e.ID)
	require.NoError(t, err)
	b.runs(e.ID, 1)
}

// Of two nodes one looks, and the other does not.
func TestAHintWakesOneNode(t *testing.T) {
	b := newBench(t)
	nodes := []*lab.Node{}
	for range 2 {
		w := &witness{Listener: b.listener(pgnotify.Config{})}
		nodes = append(nodes, b.start(w))
		b.soon(func() bool { return len(w.heard()) == 1 }, "it listens")
	}
	beats := nodes[0].Pool.Count(lab.Beat)
	b.tell(schema.HintApp)
	b.soon(func() bool { return nodes[0].Pool.Count(lab.Beat) > beats }, "the first has read that there is a second")

	scans := func() int64 { return nodes[0].Pool.Count(lab.Scan) + nodes[1].Pool.Count(lab.Scan) }
	const rounds = 6
	began := scans()
	for i := range rounds * schema.Shards {
		before := scans()
		b.tell(schema.HintOf(i % schema.Shards))
		b.soon(func() bool { return scans() > before }, "one of them looks")
	}
	// Two would have looked twice as often. A few scans have other reasons.
	require.Less(t, scans()-began, int64(rounds*schema.Shards*3/2))
}

// What was told while nobody could hear starts when somebody can again.
func TestAListenerWhoseConnectionIsKilled(t *testing.T) {
	b := newBench(t)
	w := &witness{Listener: b.listener(pgnotify.Config{})}
	node := b.start(w)
	b.soon(func() bool { return len(w.heard()) == 1 }, "it listens")
	gate := lab.NewGate()
	w.hold(gate)
	var killed int
	require.NoError(t, b.DB.Gorm.Raw(`SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'quartz listener'`).Scan(&killed).Error)
	require.Equal(t, 1, killed)
	b.soon(func() bool { return len(w.breaks()) == 1 }, "it notices")
	require.ErrorContains(t, w.breaks()[0], "terminating connection")
	away := b.add(client.Now())
	w.hold(nil)
	gate.Open()
	b.runs(away.ID, 1)
	b.soon(func() bool { return slices.Equal(w.heard(), []string{"", ""}) }, "it listens again, and nobody has told it what was added")
	b.runs(b.add(client.Now()).ID, 1)
	b.soon(func() bool { return len(w.heard()) == 3 }, "it hears again")

	require.NoError(t, node.Stop(context.Background()))
	b.soon(func() bool { return b.sessions() == 0 }, "nothing is left of it")
}
