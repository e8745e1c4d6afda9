package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/examples/internal/stage"
	"github.com/quartz-cluster/quartz/examples/internal/stagetest"
)

func TestMain(m *testing.M) { stagetest.Main(m, program) }

func TestShowEndsWithTheNextMaster(t *testing.T) {
	t.Parallel()
	stagetest.Shows(t, program, stagetest.Lease,
		`(?m)^ +node-1 is master, epoch 1: `,
		`(?m)^ +\d+\.\d\ds  node-1 is KILLED in the middle of a run of rates$`,
		`(?m)^ +\d+\.\d\ds  node-[23] is master, epoch 2: the master before it is gone`,
		`(?m)^ +\d+\.\d\ds  node-[23] runs rates of \d\.\d\ds, attempt 2$`,
		`(?m)^OK: 24 fires of each were due, all ran, \d once more after the kill, .* twice.*; master were node-1 and then node-[23]\.$`,
	)
}

// story is a book in which everything is in order.
func story() (book, masters []stage.Event, kill stage.Event, instants []time.Time) {
	zero := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	masters = []stage.Event{{Kind: stage.Elected, Peer: "node-1", Count: 1}, {Kind: stage.Elected, Peer: "node-2", Count: 2}}
	for i := range times {
		instants = append(instants, zero.Add(time.Duration(i)*time.Second))
	}
	kill = stage.Event{Kind: stage.Killed, Node: "node-1", At: instants[8].Add(time.Millisecond)}
	for i, instant := range instants {
		e := stage.Event{Kind: stage.Started, At: instant, Node: "node-1", Name: onMaster, Nominal: instant, Attempt: 1}
		if i == 8 { // cut off
			book = append(book, e)
			e.Attempt++
		}
		if i >= 8 {
			e.Node, e.At = "node-2", instant.Add(10*time.Second)
		}
		end := e
		end.Kind = stage.Done
		book = append(book, e, end)
	}
	return book, masters, kill, instants
}

func judge(book, masters []stage.Event, kill stage.Event, instants []time.Time) (bool, string) {
	var out strings.Builder
	a := &account{ran: map[string]map[string]int{}, masters: masters}
	a.fires(onMaster, instants, book, kill)
	a.mastership(book, kill)
	ok := a.print(func(format string, args ...any) { fmt.Fprintf(&out, format, args...) })
	return ok, out.String()
}

func TestAccountIsInOrder(t *testing.T) {
	t.Parallel()
	book, masters, kill, instants := story()
	ok, text := judge(book, masters, kill, instants)
	require.True(t, ok, text)
	require.Contains(t, text, "rates   node-1: 8  node-2: 16")
	require.Contains(t, text, "rates stood still for 10.0 s")
	require.Contains(t, text, "OK: 24 fires of each were due, all ran, 1 once more after the kill")
}

func TestFireWhoseEndCouldNotBeWrittenMayEndTwice(t *testing.T) {
	t.Parallel()
	book, masters, kill, instants := story()
	end := book[16] // the start that was cut off
	end.Kind = stage.Done
	ok, text := judge(slices.Insert(book, 17, end), masters, kill, instants)
	require.True(t, ok, text)
	require.Contains(t, text, "1 once more after the kill, 1 of them twice, as the killed node could not write its end; master were")
}

func TestAccountSeesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for says, spoil := range map[string]func(book, masters *[]stage.Event, kill *stage.Event){
		"ended well 2 times": func(book, _ *[]stage.Event, _ *stage.Event) { *book = append(*book, (*book)[1]) },
		"due at 12:00:09 ended well 2 times": func(book, _ *[]stage.Event, _ *stage.Event) {
			again := (*book)[20]
			again.Attempt++
			*book = append(*book, again)
		},
		"ended well 0 times": func(book, _ *[]stage.Event, _ *stage.Event) { *book = slices.Delete(*book, 1, 2) },
		"attempt 1 of the fire of rates due at 12:00:00 came as number 2": func(book, _ *[]stage.Event, _ *stage.Event) {
			*book = slices.Insert(*book, 1, (*book)[0])
		},
		"no master was killed":                            func(_, _ *[]stage.Event, kill *stage.Event) { kill.Kind = "" },
		"the master's epoch is 7 after 2 elections":       func(_, masters *[]stage.Event, _ *stage.Event) { (*masters)[1].Count = 7 },
		"rates was run by [node-1 node-3 node-1 node-2]":  func(book, _ *[]stage.Event, _ *stage.Event) { (*book)[2].Node = "node-3" },
		"elected were [node-1], and rates was run by [no": func(_, masters *[]stage.Event, _ *stage.Event) { *masters = (*masters)[:1] },
	} {
		book, masters, kill, instants := story()
		spoil(&book, &masters, &kill)
		ok, text := judge(book, masters, kill, instants)
		require.False(t, ok, says)
		require.Contains(t, text, says)
		require.NotContains(t, text, "OK")
	}
}

func TestElectionCountsUntilTheNodesLeave(t *testing.T) {
	t.Parallel()
	s := &show{Stage: &stage.Stage{Out: io.Discard}}
	s.hear(stage.Event{Kind: stage.Elected, Peer: "node-1"})
	s.leaving = true
	s.hear(stage.Event{Kind: stage.Elected, Peer: "node-2"})
	require.Len(t, s.masters, 1)
}

func TestNodeInTroubleFailsTheShow(t *testing.T) {
	t.Parallel()
	s := &show{Stage: &stage.Stage{Out: io.Discard}}
	for _, kind := range []stage.Kind{stage.Joined, stage.Left, stage.Gone, stage.Lost, stage.Skipped, stage.Trouble} {
		s.hear(stage.Event{Kind: kind, Node: "node-2"})
	}
	s.hear(stage.Event{Kind: stage.Gone, Node: "node-3", Text: "exit status 2"})
	require.Equal(t, []string{"node-2: LOST ", "node-2: skipped ", "node-2: trouble ", "node-3 ended by itself: exit status 2"}, s.problems)
}
