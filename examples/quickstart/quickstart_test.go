package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/examples/internal/stage"
	"github.com/quartz-cluster/quartz/examples/internal/stagetest"
)

func TestMain(m *testing.M) { stagetest.Main(m, program) }

func TestShowEndsWithEveryFireAccountedFor(t *testing.T) {
	t.Parallel()
	stagetest.Shows(t, program, stagetest.Lease,
		`(?m)^A cluster on \S+ .*: 3 node processes and a back office`,
		`(?m)^node-3 has joined, process \d+$`,
		`(?m)^ +\d+\.\d{3}  [|] [|] >  node-3 .* starts|^ +\d+\.\d{3}  [|] > [|]  node-2 .* starts|^ +\d+\.\d{3}  > [|] [|]  node-1 .* starts`,
		`(?m) node-\d +backup +KILLED by the back office, in the middle of this run$`,
		`(?m) node-\d +removes node-\d from the cluster`,
		`(?m) node-\d +backup +recorded LOST`,
		`(?m) office +urgent +added by the back office`,
		`(?m)^backup +once +1 +0 +1 +0 +0 +0$`,
		`(?m)^acme +every 1\.32s, 6 times +6 `,
		`(?m)^node-\d was killed .* into backup\. Cut off by it, and not run again`,
		`(?m)^  backup, due \d\.\d+, started on node-\d at \d\.\d+: recorded as LOST by node-\d at \d`,
		`(?m)^OK: \d+ fires were due: \d+ ran once, \d+ recorded as lost, 0 as skipped\. None ran twice, none is missing\.$`,
	)
}

func TestInterruptedShowLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	code, _, stderr := stagetest.Play(ctx, t, program, stagetest.Lease, t.TempDir()+"/shared.db", &watcher{until: "starts", then: interrupt})
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "context canceled")
}

// watcher calls then when it is written a text.
type watcher struct {
	until string
	then  func()
}

func (w *watcher) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.until) {
		w.then()
	}
	return len(p), nil
}

func TestDoubledFireFailsTheShow(t *testing.T) {
	t.Parallel()
	f := newFixture()
	var out bytes.Buffer
	s := &show{line: timeline{out: &out, zero: zero, nodes: []string{"node-1", "node-2"}}}
	s.killed = stage.Event{Kind: stage.Killed, Node: "node-1", Name: "acme", Took: time.Second}
	require.True(t, s.summarise(f.account()), "%s", &out)
	require.Contains(t, out.String(), "OK: 3 fires were due: 2 ran once, 1 recorded as lost")

	out.Reset()
	f.tell(stage.Started, "node-2", zero, zero.Add(time.Second))
	require.False(t, s.summarise(f.account()))
	require.Contains(t, out.String(), "FAILED:\n  acme: the fire due at 0.000 ran 2 times, first on node-1, then on node-2\n")
	require.NotContains(t, out.String(), "OK")
}

func TestShowWithoutKillFails(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := &show{line: timeline{out: &out, zero: zero}}
	require.False(t, s.summarise(newFixture().account()))
	require.Contains(t, out.String(), "no node was killed")
}

func TestNodeThatEndsByItselfFailsTheShow(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := &show{line: timeline{out: &out, zero: zero}}
	s.killed = stage.Event{Kind: stage.Killed, Node: "node-1", Name: "acme"}
	s.hear(stage.Event{Kind: stage.Gone, Node: "node-1"})
	s.hear(stage.Event{Kind: stage.Gone, Node: "node-2"})
	s.hear(stage.Event{Kind: stage.Elected, Node: "node-2"})
	require.Empty(t, s.problems)
	require.Empty(t, out.String())
	s.hear(stage.Event{Kind: stage.Gone, Node: "node-3", Text: "exit status 2"})
	require.False(t, s.summarise(newFixture().account()))
	require.Contains(t, out.String(), "node-3 ended by itself: exit status 2")
}
