package observe

import (
	"log/slog"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/run"
)

const call = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

// all is an event of which everything is known.
var all = Event{
	Kind: Failed, Time: time.Now(), App: "a", Node: "n", NodeID: 1, JobID: 2, Job: "j", Class: "c", ExecuteID: 3, Execute: "e",
	Nominal: time.Unix(1, 0), Attempt: 1, Trace: call, Link: call, Late: 1, Took: 1, Wait: 1, Count: 1, Of: 1, State: "s", Peer: "p",
	Reason: "r", Err: &run.PanicError{Value: "x", Stack: []byte("main.go")},
}

// rows returns the cells of the table behind a mark in docs/observability.md, by the
// first of them.
func rows(t *testing.T, mark string) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/observability.md")
	require.NoError(t, err)
	_, after, found := strings.Cut(string(text), "<!-- "+mark+": held to the code by a test of core/observe -->\n\n")
	require.True(t, found, mark)
	table, _, _ := strings.Cut(after, "\n\n")
	out := map[string][]string{}
	for _, line := range strings.Split(table, "\n")[2:] {
		cells := strings.Split(line, "|")
		out[strings.Trim(cells[1], " `")] = cells[2:]
	}
	return out
}

func TestTheDocsHaveEveryKey(t *testing.T) {
	t.Parallel()
	for i := range reflect.TypeFor[Event]().NumField() {
		require.False(t, reflect.ValueOf(all).Field(i).IsZero(), reflect.TypeFor[Event]().Field(i).Name)
	}
	var keys []string
	for _, a := range all.attrs() {
		keys = append(keys, a.Key)
	}
	require.ElementsMatch(t, keys, slices.Collect(maps.Keys(rows(t, "keys of logs"))))
}

func TestTheDocsHaveTheLevelOfEveryEvent(t *testing.T) {
	t.Parallel()
	want := map[string][]string{}
	for kind, m := range messages {
		want[m.level.String()] = append(want[m.level.String()], string(kind))
	}
	have := rows(t, "levels of logs")
	require.Len(t, have, len(want))
	for level, kinds := range want {
		require.ElementsMatch(t, kinds, strings.Fields(strings.ReplaceAll(have[level][0], "`", "")), level)
	}
}

// What is tried again wakes nobody.
func TestAFailureThatIsTriedAgainIsAWarning(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Failed, TimedOut} {
		for state, level := range map[string]string{"": "WARN", "FAILED": "ERROR"} {
			var out strings.Builder
			Log(slog.New(slog.NewTextHandler(&out, nil))).Observe(t.Context(), Event{Kind: kind, State: state})
			require.Contains(t, out.String(), "level="+level+" ")
		}
	}
}

// A line is found by the trace of its fire, or else by that of the call.
func TestTraceOfALine(t *testing.T) {
	t.Parallel()
	const own = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for want, e := range map[string]Event{
		"0af7651916cd43dd8448eb211c80319c": {Trace: own, Link: call},
		"4bf92f3577b34da6a3ce929d0e0e4736": {Link: call},
		"":                                 {Trace: "none", Link: "none"},
	} {
		have := ""
		for _, a := range e.attrs() {
			if a.Key == "trace_id" {
				have = a.Value.String()
			}
		}
		require.Equal(t, want, have)
	}
}
