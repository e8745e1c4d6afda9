package clienttest

import (
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// ended writes the outcome of the last fire on a row.
func (f *fixture) ended(id client.ID, nominal time.Time, outcome schema.Outcome) {
	f.Helper()
	f.exec("UPDATE QRTZ_EXECUTE SET LAST_STATE = ?, LAST_FIRE_TIME = ?, LAST_END_TIME = ?, LAST_ERROR = 'broken' WHERE ID = ?",
		string(outcome), nominal.UnixMilli(), nominal.UnixMilli()+1, int64(id))
}

func TestRetryFireWritesWhatTheEngineReads(t *testing.T) {
	each(t, func(f *fixture) {
		for _, outcome := range []schema.Outcome{schema.Failed, schema.TimedOut, schema.Cancelled, schema.Lost} {
			all := policies
			all.Targets = []string{"gpu"}
			added, err := f.AddExecutes(f.ctx, f.job().ID, []client.Execute{
				{Schedule: client.Cron("0 0 8 * * ?", ""), Name: "n", Data: `{"own":1}`, Policies: all},
			})
			require.NoError(f, err)
			origin := added[0]
			nominal := noon.Add(-4 * time.Hour)
			f.ended(origin.ID, nominal, outcome)
			before := f.row(origin.ID)
			fires, err := f.RetryFire(client.WithActor(f.ctx, "alice"), origin.ID)
			require.NoError(f, err)
			require.Equal(f, []client.FireID{{ExecuteID: origin.ID, Time: nominal}}, fires)
			before.Version++ // a claim must not go on from what it read: only so many run at a time
			require.Equal(f, before, f.row(origin.ID))
			row := f.onlyChild(origin.ID)
			require.Equal(f, schema.Execute{
				ID: row.ID, PID: before.PID, JobType: schema.Simple, State: schema.Executing, RepeatCount: 1,
				StartTime: nominal.UnixMilli(), NextFireTime: noon.UnixMilli(), EndTime: -1, PrevFireTime: -1,
				HostIP: before.HostIP, HostName: before.HostName, UpdatedBy: "alice", UpdateTime: noon.UnixMilli(),
				Application: "billing", Shard: schema.SharedShard, Data: `{"own":1}`,
				Overlap: schema.Allow, OverlapMax: before.OverlapMax,
				Timeout: 60_000, Priority: -5, RetryMax: 4, RetryDelay: 1500, RetryCap: 3_600_000, Recover: 2,
				RunOn: schema.RunOnSome, Targets: `["gpu"]`, FireAttempt: row.FireAttempt,
				Origin: schema.ChildRetry, OriginID: before.ID, ChildKey: schema.FireKey(before.ID, nominal.UnixMilli()),
			}, row)
			require.GreaterOrEqual(f, row.FireAttempt, 7, "it may have been retried and recovered before")
			require.NoError(f, f.CancelFire(f.ctx, fires[0]))
			require.NoError(f, f.DeleteExecute(f.ctx, origin.ID))
		}
	})
}

// The attempt is the one after the last that there was; where no recent fires are
// kept, one that the policies do not go beyond.
func TestRetryFireCountsAttempts(t *testing.T) {
	each(t, func(f *fixture) {
		for want, past := range map[int][]schema.PastFire{
			4: nil,
			9: {
				{Nominal: noon.UnixMilli(), Attempt: 8, Outcome: schema.Failed}, {Nominal: noon.UnixMilli(), Attempt: 9, Outcome: schema.Failed},
				{Nominal: noon.Add(time.Hour).UnixMilli(), Attempt: 20, Outcome: schema.Failed},
			},
		} {
			e := f.execute(client.Every(time.Hour), client.Retry(2, time.Second), client.RecoverTimes(1))
			f.ended(e.ID, noon, schema.Failed)
			recent := ""
			for _, p := range past {
				recent = schema.AddRecent(recent, 10, p)
			}
			if recent != "" {
				f.exec("UPDATE QRTZ_EXECUTE SET RECENT = ? WHERE ID = ?", recent, int64(e.ID))
			}
			_, err := f.RetryFire(f.ctx, e.ID)
			require.NoError(f, err)
			require.Equal(f, want, f.onlyChild(e.ID).FireAttempt)
		}
	})
}

func TestRetryFireIsRefused(t *testing.T) {
	each(t, func(f *fixture) {
		refused := func(id client.ID, kind client.Kind, why string) {
			f.Helper()
			_, err := f.RetryFire(f.ctx, id)
			require.Contains(f, requireConflict(f, err, kind), why)
		}
		e := f.execute(client.Every(time.Hour))
		refused(e.ID, client.KindFire, "not run yet")
		f.ended(e.ID, noon, schema.Succeeded)
		refused(e.ID, client.KindFire, "nothing to run again")
		f.ended(e.ID, noon, schema.Failed)
		for _, state := range []schema.State{schema.Init, schema.Paused, schema.Error} {
			f.setExecuteState(e.ID, state)
			refused(e.ID, client.KindExecute, "resume it first")
		}
		f.setExecuteState(e.ID, schema.Executing)

		// What carries the fire already, waiting or running.
		for _, kind := range []schema.Origin{schema.ChildRetry, schema.ChildRunNow} {
			child := f.child(e.ID, kind, noon.UnixMilli(), nil)
			refused(e.ID, client.KindFire, "runs or waits already")
			refused(child, client.KindExecute, "child of another execute")
			f.exec("DELETE FROM QRTZ_EXECUTE WHERE ID = ?", int64(child))
		}
		f.fires(e.ID, noon, 2, node)
		refused(e.ID, client.KindFire, "runs or waits already")
		f.fires(e.ID, noon.Add(time.Hour), 1, node) // another one
		_, err := f.RetryFire(f.ctx, e.ID)
		require.NoError(f, err)
		refused(e.ID, client.KindFire, "runs or waits already")
		_, err = f.RetryFire(f.ctx, 1)
		require.ErrorIs(f, err, client.ErrNotFound)
	})
}

// What is complete may be retried, and is not taken away meanwhile.
func TestRetryFireOfWhatIsComplete(t *testing.T) {
	each(t, func(f *fixture) {
		e := f.execute(client.Now())
		f.claimed(e.ID, noon, time.Time{})
		f.setExecuteState(e.ID, schema.Complete)
		f.ended(e.ID, noon, schema.Lost)
		_, err := f.RetryFire(f.ctx, e.ID)
		require.NoError(f, err)
		require.EqualValues(f, 1, f.row(e.ID).Version)
		child := f.onlyChild(e.ID)
		require.Equal(f, schema.ShardOf(child.ID), child.Shard)
	})
}

func TestRetryFireOnAllNodes(t *testing.T) {
	each(t, func(f *fixture) {
		e := f.execute(client.Every(time.Hour), client.OnAllNodes())
		_, err := f.RetryFire(f.ctx, e.ID)
		requireConflict(f, err, client.KindFire)
		copies := map[int64]client.ID{}
		for n, outcome := range []schema.Outcome{schema.Failed, schema.Succeeded, schema.Lost, ""} {
			id := node + int64(n)
			copies[id] = f.child(e.ID, schema.ChildAll, id, func(row *schema.Execute) {
				row.RunOn, row.Targets, row.Shard = schema.RunOnNode, strconv.FormatInt(id, 10), schema.NodeShard(id)
			})
			if outcome != "" {
				f.ended(copies[id], noon.Add(time.Duration(n)*time.Second), outcome)
			}
		}
		fires, err := f.RetryFire(f.ctx, e.ID)
		require.NoError(f, err)
		require.Equal(f, []client.FireID{{ExecuteID: e.ID, Time: noon}, {ExecuteID: e.ID, Time: noon.Add(2 * time.Second)}}, fires)
		for _, id := range []int64{node, node + 2} {
			child := f.onlyChild(copies[id])
			require.Equal(f, []any{schema.RunOnNode, strconv.FormatInt(id, 10), schema.NodeShard(id), schema.ChildRetry},
				[]any{child.RunOn, child.Targets, child.Shard, child.Origin})
		}
		_, err = f.RetryFire(f.ctx, e.ID)
		requireConflict(f, err, client.KindFire)
	})
}

func TestRetryFireOnceForAll(t *testing.T) {
	each(t, func(f *fixture) {
		e := f.execute(client.Every(time.Hour))
		f.ended(e.ID, noon, schema.Failed)
		var all sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			all.Go(func() { _, errs[i] = f.RetryFire(f.ctx, e.ID) })
		}
		all.Wait()
		errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
		require.Len(f, errs, 7)
		for _, err := range errs {
			requireConflict(f, err, client.KindFire)
		}
		f.onlyChild(e.ID)
	})
}
