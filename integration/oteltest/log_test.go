package oteltest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/telemetry"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
)

// ofFires are the events that concern a fire.
var ofFires = []observe.Kind{
	observe.Claimed, observe.Started, observe.Finished, observe.Failed, observe.TimedOut, observe.Cancelled, observe.Suspended,
	observe.HandedOver, observe.Retrying, observe.Recovered, observe.Completed, observe.Superseded, observe.Abandoned, observe.Lost,
}

// keys are in every line that concerns a fire.
var keys = []string{"app", "node", "job", "execute", "fire", "attempt", "trace_id"}

// fire names a fire as lines do.
type fire struct{ execute, nominal string }

// The logs of three processes, one of which is killed, are joined by fire, and each
// fire's story stands there.
func TestLogsTellTheStoryOfEachFire(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		processes := []*worker.Process{o.launch("north")}
		north := processes[0]
		north.AwaitReady(t) // the oldest becomes the master
		for _, name := range []string{"south", "west"} {
			processes = append(processes, o.launch(name))
			processes[len(processes)-1].AwaitReady(t)
		}
		// A load whose fires fail, over all three, while nothing is wrong.
		often := map[string]bool{}
		for i := range 6 {
			script := []worker.Act{worker.Fails, worker.Fails}[:1+i%2] // every other one for good
			id := o.add(t.Context(), fmt.Sprintf("often %d", i), client.Every(400*time.Millisecond).Times(4), script, client.Retry(1, time.Millisecond))
			often[id.String()] = true
		}
		o.untilOver(func(f fire) bool { return often[f.execute] }, 24)
		// And what is under way on the master when that is killed.
		retried := o.add(t.Context(), "retried", client.Now(), []worker.Act{worker.Fails, worker.Hangs},
			client.Retry(1, time.Millisecond), client.Recover(), client.OnMaster())
		recurring := o.add(t.Context(), "recurring", client.Every(400*time.Millisecond).Times(2), []worker.Act{worker.Hangs},
			client.Recover(), client.OnMaster()) // the first is in a child by the time of the second
		lost := o.add(t.Context(), "lost", client.Now(), []worker.Act{worker.Hangs}, client.OnMaster())
		for id, runs := range map[client.ID]int{retried: 2, recurring: 2, lost: 1} {
			o.untilRuns(id, runs)
		}
		north.Kill()
		o.untilOver(func(f fire) bool { return !often[f.execute] }, 4)
		for _, p := range processes[1:] {
			p.Stop(t)
		}

		for _, line := range o.lines() {
			require.NotContains(t, line.Text, secret, "job data at level %s", line.Field("level"))
			if isOfFire(line) {
				for _, key := range keys {
					require.NotEmpty(t, line.Field(key), "%s in: %s", key, line.Text)
				}
			}
		}
		elsewhere := 0 // fires that were retried on another process
		for f, story := range o.stories(nil) {
			switch told := tell(story); {
			case often[f.execute]:
				require.Contains(t, []string{
					"1 claimed, 1 started, 1 failed, 1 retrying, 2 claimed, 2 started, 2 finished, 2 completed",
					"1 claimed, 1 started, 1 failed, 1 retrying, 2 claimed, 2 started, 2 failed, 2 completed",
				}, told)
				require.Len(t, traces(story[1:]), 1, "from its start on")
				if story[0].Process != story[len(story)-1].Process {
					elsewhere++
				}
			case f.execute == retried.String():
				require.Equal(t, "1 claimed, 1 started, 1 failed, 1 retrying, 2 claimed, 2 started, 2 recovered, "+
					"3 claimed, 3 started, 3 finished, 3 completed", told)
				o.requireSurvived(story, 6)
				require.Len(t, traces(story), 1, "the call's")
			case f.execute == recurring.String():
				require.Equal(t, "1 claimed, 1 started, 1 recovered, 2 claimed, 2 started, 2 finished, 2 completed", told)
				o.requireSurvived(story, 2)
				require.Len(t, traces(story), 3, "one of each attempt, and the call's where there is none yet, or none is known")
			case f.execute == lost.String():
				require.Equal(t, "1 claimed, 1 started, 1 lost", told)
				o.requireSurvived(story, 2)
				require.Len(t, traces(story), 1, "the call's")
			}
		}
		require.NotZero(t, elsewhere)
	})
}

// isOfFire reports whether a line concerns a fire: by its event, or because it names one.
func isOfFire(l telemetry.Line) bool {
	return slices.Contains(ofFires, observe.Kind(l.Field("event"))) || l.Field("fire") != ""
}

// stories joins the lines of all processes by fire, each in the order of its attempts.
// Nil counts all.
func (o *office) stories(only func(fire) bool) map[fire][]telemetry.Line {
	o.t.Helper()
	out := map[fire][]telemetry.Line{}
	for _, line := range o.lines() {
		if f := (fire{line.Field("execute"), line.Field("fire")}); isOfFire(line) && (only == nil || only(f)) {
			out[f] = append(out[f], line)
		}
	}
	for _, story := range out {
		slices.SortStableFunc(story, func(a, b telemetry.Line) int { return cmp.Compare(attempt(a), attempt(b)) })
	}
	return out
}

func attempt(l telemetry.Line) int {
	n, _ := strconv.Atoi(l.Field("attempt"))
	return n
}

// tell says what happened to a fire.
func tell(story []telemetry.Line) string {
	words := make([]string, len(story))
	for i, l := range story {
		words[i] = l.Field("attempt") + " " + l.Field("event")
	}
	return strings.Join(words, ", ")
}

// traces are those that lines name.
func traces(story []telemetry.Line) map[string]bool {
	out := map[string]bool{}
	for _, l := range story {
		out[l.Field("trace_id")] = true
	}
	return out
}

// untilOver waits until so many fires have come to their end.
func (o *office) untilOver(only func(fire) bool, fires int) {
	o.t.Helper()
	o.until("the fires are over", func() bool {
		over := 0
		for _, story := range o.stories(only) {
			if slices.ContainsFunc(story, func(l telemetry.Line) bool {
				return l.Field("event") == string(observe.Completed) || l.Field("event") == string(observe.Lost)
			}) {
				over++
			}
		}
		return over == fires
	})
}

// requireSurvived makes sure that the first lines are those of the process that was
// killed, and the others those of who took its fire up, each under its node's name.
func (o *office) requireSurvived(story []telemetry.Line, killed int) {
	o.t.Helper()
	for i, l := range story {
		require.Equal(o.t, i < killed, l.Process == "north", l.Text)
		require.Equal(o.t, l.Process, l.Field("node"))
	}
}
