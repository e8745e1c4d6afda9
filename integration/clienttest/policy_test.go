package clienttest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// policies has every policy set, to something that is no default.
var policies = client.Policies{
	Misfire: schema.FireAll, CatchUp: 7, Deadline: 90 * time.Second,
	Overlap: schema.Allow, OverlapMax: 3, Timeout: time.Minute, Priority: -5,
	RetryMax: 4, RetryDelay: 1500 * time.Millisecond, RetryCap: time.Hour,
	PauseAfter: 6, Recover: 2, RunOn: schema.RunOnSome, Targets: []string{"10.0.0.1", "gpu <big> & \"fast\""},
}

func requirePolicies(f *fixture, row schema.Execute) {
	f.Helper()
	require.Equal(f, schema.Execute{
		Misfire: schema.FireAll, CatchUp: 7, Deadline: 90_000, Overlap: schema.Allow, OverlapMax: 3, Timeout: 60_000, Priority: -5,
		RetryMax: 4, RetryDelay: 1500, RetryCap: 3_600_000, PauseAfter: 6, Recover: 2,
		RunOn: schema.RunOnSome, Targets: `["10.0.0.1","gpu <big> & \"fast\""]`, Shard: schema.SharedShard,
	}, schema.Execute{
		Misfire: row.Misfire, CatchUp: row.CatchUp, Deadline: row.Deadline, Overlap: row.Overlap, OverlapMax: row.OverlapMax,
		Timeout: row.Timeout, Priority: row.Priority, RetryMax: row.RetryMax, RetryDelay: row.RetryDelay, RetryCap: row.RetryCap,
		PauseAfter: row.PauseAfter, Recover: row.Recover, RunOn: row.RunOn, Targets: row.Targets, Shard: row.Shard,
	})
}

func TestPoliciesAreWrittenAndRead(t *testing.T) {
	each(t, func(f *fixture) {
		whole, err := f.AddExecutes(f.ctx, f.job().ID, []client.Execute{{Schedule: client.Every(time.Minute), Policies: policies}})
		require.NoError(f, err)
		byOption := f.execute(client.Every(time.Minute), client.CatchUp(7), client.Deadline(90*time.Second), client.AtMost(3),
			client.Timeout(time.Minute), client.Priority(-5), client.Retry(4, 1500*time.Millisecond), client.RetryCap(time.Hour),
			client.PauseAfter(6), client.RecoverTimes(2), client.OnNodes(policies.Targets...))
		for _, e := range []*client.ExecuteInfo{whole[0], byOption} {
			require.Equal(f, policies, e.Policies)
			requirePolicies(f, f.row(e.ID))
			read, err := f.GetExecute(f.ctx, e.ID)
			require.NoError(f, err)
			require.Equal(f, e, read)
		}

		plain := f.execute(client.Every(time.Minute))
		require.Equal(f, client.Policies{Misfire: schema.FireOnce, Overlap: schema.Allow}, plain.Policies)
		require.Equal(f, schema.ShardOf(int64(plain.ID)), f.row(plain.ID).Shard)
		longest := strings.Repeat("x", schema.MaxTargets-len(`[""]`))
		full := f.execute(client.Every(time.Minute), client.OnNodes(longest))
		require.Equal(f, []string{longest}, full.Targets)
	})
}

func TestEditOfPolicies(t *testing.T) {
	each(t, func(f *fixture) {
		edits := []client.ExecuteEdit{
			client.SetMisfire(schema.FireAll, 7), client.SetDeadline(90 * time.Second), client.SetOverlap(schema.Allow, 3),
			client.SetTimeout(time.Minute), client.SetPriority(-5), client.SetRetry(4, 1500*time.Millisecond, time.Hour),
			client.SetPauseAfter(6), client.SetRecover(2), client.SetRunOn(schema.RunOnSome, policies.Targets...),
		}
		for _, more := range [][]client.ExecuteEdit{nil, {client.SetSchedule(client.Every(time.Hour))}} {
			e := f.execute(client.Every(time.Minute))
			edited, err := f.UpdateExecute(f.ctx, e.ID, e.Version, append(edits, more...)...)
			require.NoError(f, err)
			require.Equal(f, policies, edited.Policies)
			require.Equal(f, e.NextFire, edited.NextFire)
			requirePolicies(f, f.row(e.ID))
			read, err := f.GetExecute(f.ctx, e.ID)
			require.NoError(f, err)
			require.Equal(f, edited, read)

			// What an edit does not name stays.
			named, err := f.UpdateExecute(f.ctx, e.ID, edited.Version, client.SetName("n"))
			require.NoError(f, err)
			require.Equal(f, policies, named.Policies)
			// And back to what it was.
			plain, err := f.UpdateExecute(f.ctx, e.ID, named.Version, client.SetMisfire(schema.FireOnce, 0), client.SetDeadline(0),
				client.SetOverlap(schema.SkipOverlap, 0), client.SetTimeout(0), client.SetPriority(0), client.SetRetry(0, 0, 0),
				client.SetPauseAfter(0), client.SetRecover(0), client.SetRunOn(""))
			require.NoError(f, err)
			require.Equal(f, client.Policies{Misfire: schema.FireOnce, Overlap: schema.SkipOverlap}, plain.Policies)
			require.Equal(f, schema.ShardOf(int64(e.ID)), f.row(e.ID).Shard)

			// All at once, and to the defaults.
			whole, err := f.UpdateExecute(f.ctx, e.ID, plain.Version, client.SetPolicies(policies))
			require.NoError(f, err)
			require.Equal(f, policies, whole.Policies)
			none, err := f.UpdateExecute(f.ctx, e.ID, whole.Version, client.SetPolicies(client.Policies{}))
			require.NoError(f, err)
			require.Equal(f, client.Policies{Misfire: schema.FireOnce, Overlap: schema.Allow}, none.Policies)
		}
	})
}

func TestPlaceFollowsRunOn(t *testing.T) {
	each(t, func(f *fixture) {
		for _, c := range []struct {
			option client.ExecuteOption
			on     schema.RunOn
			shared bool
		}{
			{client.OnAnyNode(), schema.RunOnAny, false},
			{client.OnMaster(), schema.RunOnMaster, true},
			{client.OnAllNodes(), schema.RunOnAll, true},
			{client.OnNodes("a"), schema.RunOnSome, true},
		} {
			e := f.execute(client.Every(time.Minute), c.option)
			row := f.row(e.ID)
			require.Equal(f, c.on, row.RunOn)
			require.Equal(f, c.shared, row.Shard == schema.SharedShard)

			edited, err := f.UpdateExecute(f.ctx, e.ID, e.Version, client.SetRunOn(""))
			require.NoError(f, err)
			require.Equal(f, schema.ShardOf(int64(e.ID)), f.row(e.ID).Shard)
			_, err = f.UpdateExecute(f.ctx, e.ID, edited.Version, client.SetRunOn(schema.RunOnMaster), client.SetSchedule(client.Every(time.Hour)))
			require.NoError(f, err)
			require.Equal(f, schema.SharedShard, f.row(e.ID).Shard)
		}
	})
}

// copies gives an execute the children that the engine keeps for single nodes,
// and one of another kind.
func (f *fixture) copies(origin client.ID) {
	f.Helper()
	for _, node := range []int64{7, 8} {
		on := f.child(origin, schema.ChildAll, node, func(row *schema.Execute) { row.RunOn = schema.RunOnNode })
		f.child(on, schema.ChildOverlap, noon.UnixMilli(), nil)
	}
	f.child(origin, schema.ChildRetry, noon.UnixMilli(), nil)
}

func TestLeavingAllNodesTakesTheCopiesAway(t *testing.T) {
	each(t, func(f *fixture) {
		const copies = "SELECT COUNT(*) FROM QRTZ_EXECUTE WHERE ORIGIN_ID = ? AND ORIGIN = 'ALL'"
		const all = "SELECT COUNT(*) FROM QRTZ_EXECUTE WHERE PID = ?"
		other := f.execute(client.Every(time.Minute), client.OnAllNodes())
		f.copies(other.ID)
		for _, more := range [][]client.ExecuteEdit{nil, {client.SetSchedule(client.Every(time.Hour))}} {
			e := f.execute(client.Every(time.Minute), client.OnAllNodes())
			f.copies(e.ID)
			named, err := f.UpdateExecute(f.ctx, e.ID, e.Version, append(more, client.SetName("n"))...)
			require.NoError(f, err)
			require.EqualValues(f, 2, f.count(copies, int64(e.ID)))
			_, err = f.UpdateExecute(f.ctx, e.ID, e.Version, client.SetRunOn(schema.RunOnMaster))
			require.Error(f, err, "made from an old version")
			require.EqualValues(f, 2, f.count(copies, int64(e.ID)))
			_, err = f.UpdateExecute(f.ctx, e.ID, named.Version, append(more, client.SetRunOn(schema.RunOnMaster))...)
			require.NoError(f, err)
			require.Zero(f, f.count(copies, int64(e.ID)))
			require.EqualValues(f, 2, f.count(all, int64(e.JobID)), "a fire of its own that is under way stays")
		}
		require.EqualValues(f, 2, f.count(copies, int64(other.ID)))
		require.EqualValues(f, 6, f.count(all, int64(other.JobID)))
	})
}

// The row of what runs on all nodes lags behind its copies: what they have run, it
// does not run again on its own.
func TestLeavingAllNodesRunsNothingAgain(t *testing.T) {
	each(t, func(f *fixture) {
		e := f.execute(client.Every(time.Minute).StartAt(noon.Add(time.Minute)), client.OnAllNodes())
		f.setNow(noon.Add(10*time.Minute + 5*time.Second))
		e, err := f.UpdateExecute(f.ctx, e.ID, e.Version, client.SetRunOn(schema.RunOnAny))
		require.NoError(f, err)
		require.Equal(f, noon.Add(11*time.Minute), e.NextFire)
		require.Zero(f, e.Counts.Skipped)
		e, err = f.UpdateExecute(f.ctx, e.ID, e.Version, client.SetRunOn(schema.RunOnMaster))
		require.NoError(f, err)
		require.Equal(f, noon.Add(11*time.Minute), e.NextFire)
	})
}

func TestEnsureEditsPoliciesThatDiffer(t *testing.T) {
	each(t, func(f *fixture) {
		d := declaration()
		d.Executes[0].Policies = policies
		_, err := f.Ensure(f.ctx, d)
		require.NoError(f, err)
		again, err := f.Ensure(f.ctx, d)
		require.NoError(f, err)
		require.NotContains(f, changes(again), client.Updated)
		for _, change := range []func(p *client.Policies){
			func(p *client.Policies) { p.Misfire, p.CatchUp = schema.Skip, 0 },
			func(p *client.Policies) { p.Deadline += time.Millisecond },
			func(p *client.Policies) { p.OverlapMax++ },
			func(p *client.Policies) { p.Overlap, p.OverlapMax = schema.Queue, 0 },
			func(p *client.Policies) { p.Timeout += time.Second },
			func(p *client.Policies) { p.Priority++ },
			func(p *client.Policies) { p.RetryMax++ },
			func(p *client.Policies) { p.RetryDelay += time.Millisecond },
			func(p *client.Policies) { p.RetryCap += time.Millisecond },
			func(p *client.Policies) { p.PauseAfter++ },
			func(p *client.Policies) { p.Recover++ },
			func(p *client.Policies) { p.Targets = p.Targets[:1] },
			func(p *client.Policies) { p.RunOn, p.Targets = schema.RunOnMaster, nil },
			func(p *client.Policies) { *p = client.Policies{} },
		} {
			change(&d.Executes[0].Policies)
			done, err := f.Ensure(f.ctx, d)
			require.NoError(f, err)
			require.Equal(f, client.Updated, done.Executes[0].Change)
			again, err := f.Ensure(f.ctx, d)
			require.NoError(f, err)
			require.NotContains(f, changes(again), client.Updated)
		}
	})
}
