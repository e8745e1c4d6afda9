package store

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// inFlightRow adds a row with a fire of the bench's node: a schedule's own, or a
// child's.
func (b *bench) inFlightRow(id int64, kind schema.Origin, origin, nominal int64) Ref {
	b.t.Helper()
	e := schema.Execute{
		ID: id, PID: 1, Application: "app", Shard: schema.ShardOf(id), State: schema.Executing, JobType: schema.Simple,
		RepeatCount: -1, RepeatInterval: hour, StartTime: now, EndTime: -1, PrevFireTime: -1, HostIP: "h", HostName: "h",
		FireTime: nominal, FireNode: b.node.NodeID, FireAttempt: 2, FireStart: now, Recover: 3, PauseAfter: 3, Origin: kind, OriginID: origin,
	}
	if kind == "" {
		e.NextFireTime = now + hour
	} else {
		e.ChildKey = schema.FireKey(origin, nominal)
	}
	require.NoError(b.t, sqldb.Insert(b.t.Context(), b.db, "QRTZ_EXECUTE", e))
	return Ref{id, nominal, 2}
}

// all returns the rows, without the ids that children get by chance.
func (b *bench) all() []schema.Execute {
	b.t.Helper()
	rows, err := sqldb.Select[schema.Execute](b.t.Context(), b.db,
		"SELECT "+sqldb.Columns[schema.Execute]("")+" FROM QRTZ_EXECUTE ORDER BY COALESCE(ORIGIN_ID, ID), FIRE_TIME, CHILD_KEY")
	require.NoError(b.t, err)
	for i := range rows {
		if rows[i].Origin != "" {
			rows[i].ID, rows[i].Shard = 0, 0
		}
	}
	return rows
}

// A batch of ends leaves what the same ends leave one by one, in whatever order,
// also where several concern one row.
func TestABatchOfEndsIsItsEndsOneByOne(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	again := &Again{Kind: schema.ChildRetry, Delay: 500, Fails: 1}
	set := func() []Completion {
		b.reset()
		done := []Completion{
			{Ref: b.inFlightRow(7, "", 0, now), Outcome: schema.Failed, Error: "own, again", Again: again},
			{Ref: b.inFlightRow(8, schema.ChildOverlap, 7, now-1), Origin: 7, Outcome: schema.Failed, Error: "first"},
			{Ref: b.inFlightRow(9, schema.ChildRetry, 7, now-2), Origin: 7, Outcome: schema.Failed, Error: "second"},
			{Ref: b.inFlightRow(10, schema.ChildOverlap, 7, now-3), Origin: 7, Error: "again", Again: again},
			{Ref: b.inFlightRow(17, "", 0, now), Outcome: schema.Failed, Error: "own, again", Again: again},
			{Ref: b.inFlightRow(18, schema.ChildOverlap, 99, now), Origin: 99, Outcome: schema.Succeeded}, // its origin is gone
			{Ref: b.inFlightRow(27, "", 0, now), Outcome: schema.Lost},
			{Ref: Ref{28, now, 1}, Origin: 17, Outcome: schema.Succeeded}, // superseded
			{Ref: Ref{27, now - 5, 2}, Outcome: schema.Succeeded},         // claimed on 27, in a child by now
		}
		b.inFlightRow(28, schema.ChildOverlap, 17, now-4)
		b.inFlightRow(29, schema.ChildOverlap, 27, now-5)
		return done
	}
	superseded := Ref{28, now, 1}
	end := func(done ...Completion) {
		var out Completed
		require.NoError(t, b.endAnywhere(t.Context(), b.node.NodeID, done, &out))
		want := slices.DeleteFunc(refs(done), func(r Ref) bool { return r == superseded })
		require.ElementsMatch(t, want, out.Written)
		require.Len(t, out.Superseded, len(done)-len(want))
	}
	for _, c := range set() {
		end(c)
	}
	want := b.all()
	require.Len(t, want, 7)
	require.Equal(t, int64(2), want[0].FireCount)
	end(set()...)
	require.Equal(t, want, b.all())
}

// The failure that is one too many is said to be that, wherever the fire was, and once.
func TestTheFailureThatFaultsAnExecuteIsSaid(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	failed := func(r Ref, origin int64) Completion {
		return Completion{Ref: r, Origin: origin, Outcome: schema.Failed}
	}
	own, first, paused, before := b.inFlightRow(7, "", 0, now), b.inFlightRow(17, "", 0, now), b.inFlightRow(27, "", 0, now), b.inFlightRow(37, "", 0, now)
	b.inFlightRow(47, "", 0, now)
	b.inFlightRow(57, "", 0, now)
	child, second := b.inFlightRow(48, schema.ChildOverlap, 47, now-1), b.inFlightRow(49, schema.ChildOverlap, 47, now-2)
	b.inFlightRow(58, schema.ChildOverlap, 57, now-5)
	moved := Ref{57, now - 5, 2} // in a child by now
	again := failed(b.inFlightRow(67, "", 0, now), 0)
	again.Again = &Again{Kind: schema.ChildRetry, Delay: 500, Fails: 1}
	succeeded := failed(b.inFlightRow(77, "", 0, now), 0)
	succeeded.Outcome = schema.Succeeded
	_, err := b.db.Exec(t.Context(), "UPDATE QRTZ_EXECUTE SET FAIL_STREAK = 2 WHERE ID <> 17")
	require.NoError(t, err)
	b.exec("UPDATE QRTZ_EXECUTE SET STATE = 'PAUSED' WHERE ID = 27")
	b.exec("UPDATE QRTZ_EXECUTE SET STATE = 'ERROR' WHERE ID = 37")
	out, err := b.Complete(t.Context(), b.node.NodeID, []Completion{
		failed(own, 0), failed(first, 0), failed(paused, 0), failed(before, 0), failed(child, 47), failed(second, 47), failed(moved, 0), again, succeeded,
	})
	require.NoError(t, err)
	require.Len(t, out.Written, 9)
	require.Len(t, out.Faulted, 3)
	require.Subset(t, out.Faulted, []Ref{own, moved})
	for _, id := range []int64{7, 47, 57} {
		require.Equal(t, schema.Error, b.row(id).State)
	}
	out, err = b.Complete(t.Context(), b.node.NodeID, []Completion{failed(own, 0), failed(first, 0), again, succeeded})
	require.NoError(t, err)
	require.Len(t, out.Written, 4)
	require.Equal(t, []Ref{own}, out.Faulted, "also where the answer was lost")
}

// An outcome that is written again because the answer was lost is found written,
// wherever it went, unless the fire was taken away before.
func TestAnEndIsFoundWrittenBefore(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	again := &Again{Kind: schema.ChildRetry, Delay: 500, Fails: 1}
	complete := func(done []Completion) (out Completed) {
		out, err := b.Complete(t.Context(), b.node.NodeID, done)
		require.NoError(t, err)
		return out
	}
	done := []Completion{
		{Ref: b.inFlightRow(7, "", 0, now), Outcome: schema.Failed, Again: again},
		{Ref: b.inFlightRow(8, schema.ChildOverlap, 7, now-1), Origin: 7, Outcome: schema.Succeeded},
		{Ref: b.inFlightRow(9, schema.ChildOverlap, 7, now-2), Origin: 7, Outcome: schema.Failed, Again: again},
		{Ref: b.inFlightRow(17, "", 0, now), Outcome: schema.Succeeded},
		{Ref: Ref{17, now - 5, 2}, Outcome: schema.TimedOut}, // in a child by now
	}
	b.inFlightRow(18, schema.ChildOverlap, 17, now-5)
	require.ElementsMatch(t, refs(done), complete(done).Written)
	before := b.all()
	require.ElementsMatch(t, refs(done), complete(done).Written)
	require.Equal(t, before, b.all())

	taken := []Completion{
		{Ref: b.inFlightRow(27, "", 0, now), Outcome: schema.Failed},
		{Ref: b.inFlightRow(28, schema.ChildOverlap, 27, now-1), Origin: 27, Outcome: schema.Succeeded},
	}
	_, err := b.Deregister(t.Context(), b.node)
	require.NoError(t, err)
	lost, err := b.Lose(t.Context(), b.node.NodeID, refs(taken), "gone")
	require.NoError(t, err)
	require.ElementsMatch(t, refs(taken), lost.Written)
	require.ElementsMatch(t, refs(taken), complete(taken).Superseded)
}

// A fire that was to go on in a child whose execute was deleted is said not to, wherever
// it was claimed and whoever ends it.
func TestWhatCannotGoOnIsSaid(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	again := &Again{Kind: schema.ChildRetry, Delay: 500, Fails: 1}
	child, over := b.inFlightRow(8, schema.ChildRetry, 7, now), b.inFlightRow(18, schema.ChildRetry, 17, now)
	gone := b.inFlightRow(38, schema.ChildRetry, 37, now)
	b.inFlightRow(28, schema.ChildOverlap, 27, now)
	moved := Ref{27, now, 2} // in a child by now
	there := Completion{Ref: b.inFlightRow(47, "", 0, now), Outcome: schema.Failed, Again: again}
	out, err := b.Complete(t.Context(), b.node.NodeID, []Completion{
		{Ref: child, Origin: 7, Outcome: schema.Failed, Again: again}, {Ref: moved, Again: again}, {Ref: over, Origin: 17, Outcome: schema.Succeeded}, there,
	})
	require.NoError(t, err)
	require.ElementsMatch(t, []Ref{child, moved, over, there.Ref}, out.Written)
	require.ElementsMatch(t, []Ref{child, moved}, out.Stray)
	_, err = b.Deregister(t.Context(), b.node)
	require.NoError(t, err)
	out, err = b.Recover(t.Context(), b.node.NodeID, []Ref{gone}, "gone")
	require.NoError(t, err)
	require.Equal(t, []Ref{gone}, out.Stray)
}

// One fire that somebody has taken away does not keep the others of its node.
func TestFiresOfANodeThatIsGoneEndTogether(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	fires := []Ref{b.inFlightRow(7, "", 0, now), b.inFlightRow(8, "", 0, now), b.inFlightRow(9, schema.ChildOverlap, 7, now-1)}
	taken, err := b.Lose(t.Context(), b.node.NodeID, fires, "gone")
	require.NoError(t, err)
	require.Empty(t, taken.Written, "the node lives")
	_, err = b.Deregister(t.Context(), b.node)
	require.NoError(t, err)
	b.exec("UPDATE QRTZ_EXECUTE SET FIRE_NODE = 77 WHERE ID = 8")
	taken, err = b.Lose(t.Context(), b.node.NodeID, fires, "gone")
	require.NoError(t, err)
	require.Equal(t, []Ref{fires[0], fires[2]}, taken.Written)
	require.EqualValues(t, 2, b.row(7).LostCount)
	require.Equal(t, now, b.row(8).FireTime)
}
