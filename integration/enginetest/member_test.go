package enginetest

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/schema"
)

// What no live node can run is said aloud within 10 s, and runs once a node joins
// that can.
func TestAnUnknownClassIsSaidAloudAndWaits(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start()
		id := l.ExecuteOf(l.JobOf(client.Job{Class: "elsewhere"}), client.Now())
		row := l.UntilRow(id, func(e schema.Execute) bool { return e.LastError != "" }, "it is spoken of")
		due := time.UnixMilli(row.StartTime)
		require.Equal(t, `no live node has a handler for class "elsewhere"`, row.LastError)
		require.Equal(t, schema.Executing, row.State)
		require.Zero(t, row.FireTime)
		e := l.UntilEvents(observe.Unrunnable, 1)[0]
		require.Equal(t, "elsewhere", e.Class)
		require.Equal(t, id, e.ExecuteID)
		// By the first pass that begins more than three seconds after it was due; with
		// the default period that is within ten.
		passes := 0
		for _, told := range l.Events(observe.PassDone, observe.Unrunnable) {
			if told.Kind == observe.Unrunnable {
				break
			}
			if told.Time.After(due.Add(3 * time.Second)) {
				passes++
			}
		}
		require.LessOrEqual(t, passes, 2)
		l.Passes(2)
		require.Len(t, l.Events(observe.Unrunnable), 1, "said once")

		h := core.NewHandlers()
		h.Add("elsewhere", l.Handler(nil))
		l.Start(lab.Running(h), lab.As("able"))
		row = l.UntilState(id, schema.Complete)
		require.Empty(t, row.LastError)
		require.Equal(t, "able", l.Runs(id)[0].Node)
	})
}

// A node that can run less than the others neither claims nor holds up the rest.
func TestANodeWithFewerHandlersBesideOthers(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		few := core.NewHandlers()
		few.Add("common", l.Handler(nil))
		all := core.NewHandlers()
		all.Add("common", l.Handler(nil))
		all.Add("special", l.Handler(nil))
		l.Start(lab.As("few"), lab.Running(few)) // the oldest, so the owner of shards
		l.Start(lab.As("all"), lab.Running(all))
		common, special := l.JobOf(client.Job{Class: "common"}), l.JobOf(client.Job{Class: "special"})
		var ids []int64
		for range 12 {
			thrice := client.Every(200 * time.Millisecond).Times(3)
			ids = append(ids, l.ExecuteOf(common, thrice), l.ExecuteOf(special, thrice))
		}
		for _, id := range ids {
			require.EqualValues(t, 3, l.UntilState(id, schema.Complete).FireCount)
		}
		on := make(map[string]bool)
		for _, r := range l.Runs(0) {
			on[r.Node+" "+r.Class] = true
		}
		require.False(t, on["few special"])
		require.True(t, on["all special"] && on["few common"], "%v", on)
	})
}

func TestTwoAppsInOneProcess(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		other := func(c *core.Config) { c.App = "other" }
		l.Start(lab.As("same"))
		l.Start(lab.As("same"), lab.With(other))
		mine := l.Execute(client.Every(100 * time.Millisecond).Times(5))
		job, err := l.Client.AddJob(t.Context(), client.Job{App: "other", Class: lab.Work})
		require.NoError(t, err)
		theirs := l.ExecuteOf(job.ID, client.Every(100*time.Millisecond).Times(5))
		l.UntilState(mine, schema.Complete)
		l.UntilState(theirs, schema.Complete)
		for _, r := range l.Runs(mine) {
			require.Equal(t, lab.App, r.App)
		}
		for _, r := range l.Runs(theirs) {
			require.Equal(t, "other", r.App)
		}
		_, err = l.Client.PauseApp(t.Context(), "other")
		require.NoError(t, err)
		id := l.Execute(client.Now())
		l.UntilState(id, schema.Complete)
	})
}

func TestThreeNodesUnderOneKey(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		nodes := l.Nodes(3, lab.As("key"))
		require.Equal(t, []string{"key", "key#2", "key#3"}, l.LiveNodes())
		var fences []int64
		for _, n := range l.NodeRows() {
			fences = append(fences, n.NodeID)
		}
		require.True(t, slices.IsSorted(fences), "younger nodes have greater ids")
		require.NoError(t, nodes[1].Stop(t.Context()))
		require.Equal(t, []string{"key", "key#3"}, l.LiveNodes())
		require.Equal(t, "key#2", l.Start(lab.As("key")).Key(), "the first free one is taken")
		require.Greater(t, l.NodeRows()[1].NodeID, fences[2])
	})
}

// An operator's pause stays with the key when its node leaves, and holds for
// whoever registers under it, also as key#n.
func TestAPauseStaysWithTheKey(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		n := l.Start(lab.As("key"))
		_, err := l.Client.PauseNode(t.Context(), lab.App, "key")
		require.NoError(t, err)
		require.NoError(t, n.Stop(t.Context()))
		row := l.NodeRows()
		require.Len(t, row, 1)
		require.Zero(t, row[0].NodeID)
		require.Equal(t, schema.Off, row[0].State)

		l.Nodes(2, lab.As("key"))
		require.Equal(t, []string{"key", "key#2"}, l.LiveNodes())
		id := l.Execute(client.Now())
		l.Passes(3)
		require.Empty(t, l.Runs(id))
		_, err = l.Client.ResumeNode(t.Context(), lab.App, "key#2")
		require.NoError(t, err)
		l.UntilState(id, schema.Complete)
		require.Equal(t, "key#2", l.Runs(id)[0].Node)
	})
}

// A node added by hand, paused, before any process came up under its key.
func TestANodeAddedByHandIsTakenOver(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		_, err := l.Client.AddNode(t.Context(), client.Node{App: lab.App, Key: "key", Paused: true})
		require.NoError(t, err)
		l.Start(lab.As("key"))
		require.Equal(t, schema.Off, l.NodeRows()[0].State)
		_, err = l.Client.ResumeNode(t.Context(), lab.App, "key")
		require.NoError(t, err)
		id := l.Execute(client.Now())
		l.UntilState(id, schema.Complete)
	})
}

// The row of a node says what it is and does.
func TestANodeDescribesItself(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		h := l.Handlers(gate.Wait)
		h.Add("unused", l.Handler(nil))
		n := l.Start(lab.As("key"), lab.Running(h), lab.With(func(c *core.Config) {
			c.Slots, c.Build, c.Labels = 7, "v1.2.3", []string{"gpu", "zone-a"}
		}))
		id := l.Execute(client.Now())
		l.UntilRuns(id, 1)
		n.Beats(2)
		info, err := l.Client.GetNode(t.Context(), lab.App, "key")
		require.NoError(t, err)
		require.True(t, info.Live)
		require.Equal(t, 7, info.Capacity)
		require.Equal(t, 1, info.Running)
		require.Equal(t, []string{"unused", lab.Work}, info.Handlers)
		require.Equal(t, []string{"gpu", "zone-a"}, info.Labels)
		require.Equal(t, "v1.2.3", info.Build)
		require.NotEmpty(t, info.HostName)
		gate.Open()
	})
}

// A node whose connections are cut is removed by its peers. What it had in flight
// is recorded as lost and not run again; what it had not claimed, the others run.
// The node itself has stopped before: its runs are cancelled.
func TestADeadNodeIsRemovedAndItsFiresAreLost(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		short := lab.With(func(c *core.Config) { c.Lease = 8 * time.Second; c.Slots = 2 })
		gate := lab.NewGate()
		dying := l.Start(lab.As("dying"), lab.Running(l.Handlers(gate.Wait)), short)
		job := l.Job()
		finite := l.ExecuteOf(job, client.Now())
		endless := l.ExecuteOf(job, client.Every(300*time.Millisecond), client.OnOverlap(schema.Queue))
		l.UntilRuns(finite, 1)
		l.UntilRuns(endless, 1)
		waiting := l.ExecuteOf(job, client.Now()) // no slot is free for it
		l.Start(lab.As("living"), short)
		dying.Pool.Cut()

		row := l.UntilState(finite, schema.Complete)
		require.Equal(t, schema.Lost, row.LastState)
		require.EqualValues(t, 1, row.LostCount)
		require.Zero(t, row.FireCount)
		require.Contains(t, row.LastError, "is gone")
		l.UntilState(waiting, schema.Complete)
		row = l.UntilRow(endless, func(e schema.Execute) bool { return e.FireCount > 2 }, "the living node goes on with it")
		require.EqualValues(t, 1, row.LostCount)
		require.Len(t, l.Runs(finite), 1, "at most once")
		require.Equal(t, []string{"living"}, l.LiveNodes())
		require.Len(t, l.UntilEvents(observe.Lost, 2), 2)
		require.Equal(t, "dying", l.UntilEvents(observe.NodeRemoved, 1)[0].Peer)
		for _, r := range l.Runs(0) {
			if r.Node == "dying" {
				l.Until(func() bool { return l.Runs(r.ExecuteID)[0].Done }, "the run on the dead node ended")
				require.ErrorIs(t, l.Runs(r.ExecuteID)[0].Cause, core.ErrLeaseLost)
			}
		}

		dying.Pool.Mend()
		gate.Open()
		l.Until(func() bool { return len(l.LiveNodes()) == 2 }, "the node came back")
		for _, r := range l.Runs(endless) {
			if r.Node == "living" {
				require.Greater(t, r.NominalTime, l.Runs(endless)[0].NominalTime)
			}
		}
	})
}

// What a registration that is gone left in flight is found however it came about,
// also without the removal of a node.
func TestAFireUnderNoRegistrationIsLost(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		id := l.Execute(client.At(l.Now().Add(time.Hour)))
		l.Set(id, "FIRE_NODE = 4711, FIRE_TIME = NEXT_FIRE_TIME, HIGH_TIME = NEXT_FIRE_TIME, FIRE_ATTEMPT = 1, NEXT_FIRE_TIME = NULL")
		l.Start()
		row := l.UntilState(id, schema.Complete)
		require.EqualValues(t, 1, row.LostCount)
		require.Equal(t, schema.Lost, row.LastState)
		require.Empty(t, l.Runs(id))
	})
}
