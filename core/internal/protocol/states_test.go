package protocol_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// transition is a line of the diagrams: "execute EXECUTING -> COMPLETE engine".
type transition struct{ of, from, to, by string }

var line = regexp.MustCompile(`(?m)^//\t(node|job|execute|fire) (\w+) -> (\w+) +(engine|client)\b`)

// diagrams reads the transitions of doc.go.
func diagrams(t *testing.T) []transition {
	t.Helper()
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	var out []transition
	for _, m := range line.FindAllStringSubmatch(string(doc), -1) {
		out = append(out, transition{m[1], m[2], m[3], m[4]})
	}
	return out
}

// drawn returns what the diagram of something says that the engine does.
func drawn(t *testing.T, of string) map[[2]string]bool {
	t.Helper()
	out := make(map[[2]string]bool)
	for _, d := range diagrams(t) {
		if d.of == of && d.by == "engine" {
			out[[2]string{d.from, d.to}] = true
		}
	}
	require.NotEmpty(t, out)
	return out
}

func TestTheDiagramsHaveTheStatesThatThereAre(t *testing.T) {
	t.Parallel()
	have := make(map[string][]string)
	for _, d := range diagrams(t) {
		have[d.of] = append(have[d.of], d.from, d.to)
	}
	states := make([]string, len(schema.States))
	for i, s := range schema.States {
		states[i] = string(s)
	}
	unique := func(of string) []string { slices.Sort(have[of]); return slices.Compact(have[of]) }
	require.ElementsMatch(t, states, unique("job"))
	require.ElementsMatch(t, states, unique("execute"))
	require.ElementsMatch(t, []string{
		"due", "flight", "waiting", "skipped", string(schema.Succeeded), string(schema.Failed), string(schema.TimedOut), string(schema.Cancelled), string(schema.Lost),
	}, unique("fire"))
	require.ElementsMatch(t, []string{"absent", "live", "kept"}, unique("node"))
}

// Every statement is tried in every situation and state; what it does to the
// execute and to its fire must be in the diagrams, and everything in the diagrams
// must have been done by one.
func TestTheEngineDoesWhatTheDiagramsSayAndNothingElse(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	drawnStates, drawnFires := drawn(t, "execute"), drawn(t, "fire")
	seenStates, seenFires := make(map[[2]string]bool), make(map[[2]string]bool)
	for _, scene := range scenes {
		for _, state := range schema.States {
			reg, d := b.stage(scene, state)
			for name := range calls(b, reg, d) {
				reg, d = b.stage(scene, state)
				before, carrier := b.family()
				fire := fireOf(before, carrier)
				require.NoError(t, calls(b, reg, d)[name](), "%s, %s, %s", name, scene, state)
				row, child := b.family()
				if row == nil {
					require.Equal(t, "forget", name)
					require.Nil(t, child, "its fire would be forgotten with it")
					require.Equal(t, schema.Complete, state, "%s, %s", name, scene)
					continue
				}
				if row.State != state {
					step := [2]string{string(state), string(row.State)}
					require.True(t, drawnStates[step], "execute %v by %q, %s", step, name, scene)
					seenStates[step] = true
				}
				moved := (child != nil && carrier == nil) || fireOf(row, child) != fire
				if step := [2]string{fire, fireOf(row, child)}; fire != "" && moved {
					require.True(t, drawnFires[step], "fire %v by %q, %s, %s", step, name, scene, state)
					seenFires[step] = true
				}
			}
		}
	}
	require.Equal(t, drawnStates, seenStates)
	require.Equal(t, drawnFires, seenFires)
}

// What an operator has said of a job is nowhere overwritten by its summary.
func TestTheEngineSummarisesJobsAsTheDiagramSays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	known, seen := drawn(t, "job"), make(map[[2]string]bool)
	for _, from := range schema.States {
		for _, to := range []schema.State{schema.Executing, schema.Complete, schema.Error} {
			b.stage("ended", to)
			b.exec("UPDATE QRTZ_JOB SET STATE = ?", string(from))
			all, err := b.Summaries(t.Context(), 0, 10)
			require.NoError(t, err)
			require.Len(t, all, 1)
			if from == schema.Init || from == schema.Paused || from == to {
				continue // the handler asks for no summary there
			}
			done, err := b.Summarise(t.Context(), all[0], to)
			require.NoError(t, err)
			require.True(t, done)
			step := [2]string{string(from), string(to)}
			require.True(t, known[step], "job %v", step)
			seen[step] = true
		}
	}
	require.Equal(t, known, seen)
}

func TestNodesComeAndGoAsTheDiagramSays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	seen := make(map[[2]string]bool)
	step := func(do func() error) {
		from := b.nodeOf()
		require.NoError(t, do())
		if to := b.nodeOf(); to != from {
			seen[[2]string{from, to}] = true
		}
	}
	ends := map[string]func(reg store.Registration) error{
		"leaves": func(reg store.Registration) error { _, err := b.Deregister(t.Context(), reg); return err },
		"is removed": func(reg store.Registration) error {
			_, err := b.RemoveNode(t.Context(), store.Peer{Key: reg.Key, NodeID: reg.NodeID})
			return err
		},
	}
	for _, end := range ends {
		for _, paused := range []schema.Switch{schema.On, schema.Off} {
			b.reset()
			b.exec("DELETE FROM QRTZ_NODE")
			var reg store.Registration
			step(func() error { reg = b.register(); return nil })
			b.exec("UPDATE QRTZ_NODE SET STATE = ?", string(paused))
			step(func() error { return end(reg) })
			step(func() error { b.register(); return nil })
		}
	}
	require.Equal(t, drawn(t, "node"), seen)
}
