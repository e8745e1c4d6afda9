package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/quartz-cluster/quartz/examples/opendb"
)

// TestMain makes this test binary what the program is: it starts itself.
func TestMain(m *testing.M) {
	if code, isNode := nodeMain(); isNode {
		os.Exit(code)
	}
	goleak.VerifyTestMain(m)
}

// shortShow takes some seconds; its leases are not so short that a busy machine
// loses them.
var shortShow = []string{"-duration", "5s", "-lease", "2s"}

func TestShowEndsWithEveryFireAccountedFor(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "shared.db")
	var out bytes.Buffer
	var stderr locked
	code := quickstart(t.Context(), append([]string{"-dsn", file}, shortShow...), &out, &stderr)
	require.Zero(t, code, "%s\n%s", &out, &stderr)
	require.Empty(t, stderr.String())

	text := out.String()
	for _, line := range []string{
		`(?m)^A cluster on sqlite 3\.\S+: 3 node processes and a back office`,
		`(?m)^node-3 has joined, process \d+$`,
		`(?m)^ +\d+\.\d{3}  [|] [|] >  node-3 .* starts|^ +\d+\.\d{3}  [|] > [|]  node-2 .* starts|^ +\d+\.\d{3}  > [|] [|]  node-1 .* starts`,
		`(?m) node-\d +backup +KILLED by the back office, in the middle of this run$`,
		`(?m) node-\d +removes node-\d from the cluster`,
		`(?m) node-\d +backup +recorded LOST`,
		`(?m) office +urgent +added by the back office`,
		`(?m)^backup +once +1 +0 +1 +0 +0 +0$`,
		`(?m)^acme +every 820ms, 6 times +6 `,
		`(?m)^node-\d was killed .* into backup\. Cut off by it, and not run again`,
		`(?m)^  backup, due \d\.\d+, started on node-\d at \d\.\d+: recorded as LOST by node-\d at \d`,
		`(?m)^OK: \d+ fires were due: \d+ ran once, \d+ recorded as lost, 0 as skipped\. None ran twice, none is missing\.$`,
	} {
		require.Regexp(t, line, text)
	}
	require.NotContains(t, text, "\x1b[", "colour where there is no terminal")

	// Nothing is left in the user's database.
	db, err := opendb.Open(file)
	require.NoError(t, err)
	var tables []string
	require.NoError(t, db.Raw("SELECT name FROM sqlite_master").Scan(&tables).Error)
	require.Empty(t, tables)
	require.NoError(t, opendb.Close(db))
}

func TestInterruptedShowLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "shared.db")
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	out := &watcher{until: "starts", then: interrupt}
	var stderr locked
	require.Equal(t, 1, quickstart(ctx, append([]string{"-dsn", file}, shortShow...), out, &stderr))
	require.Contains(t, stderr.String(), "context canceled")
	db, err := opendb.Open(file)
	require.NoError(t, err)
	var tables []string
	require.NoError(t, db.Raw("SELECT name FROM sqlite_master").Scan(&tables).Error)
	require.Empty(t, tables)
	require.NoError(t, opendb.Close(db))
}

// locked is a buffer that several processes write to.
type locked struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
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
	s.killed = event{Kind: killed, Node: "node-1", Name: "acme", Took: time.Second}
	require.True(t, s.summarise(f.account()), "%s", &out)
	require.Contains(t, out.String(), "OK: 3 fires were due: 2 ran once, 1 recorded as lost")

	out.Reset()
	f.tell(started, "node-2", zero, zero.Add(time.Second))
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
	s.killed = event{Kind: killed, Node: "node-1", Name: "acme"}
	s.hear(event{Kind: gone, Node: "node-1", Text: "signal: killed"})
	s.hear(event{Kind: gone, Node: "node-2"})
	require.Empty(t, s.problems)
	s.hear(event{Kind: gone, Node: "node-3", Text: "exit status 2"})
	require.False(t, s.summarise(newFixture().account()))
	require.Contains(t, out.String(), "node-3 ended by itself: exit status 2")
}

func TestFlags(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"-h"}, 0, "-dsn"},
		{[]string{"-duration", "3s"}, 2, "-duration is 3s: it must be from 4s to 10m"},
		{[]string{"-lease", "2m"}, 2, "-lease is 2m0s: it must be from 500ms to 1m"},
		{[]string{"now"}, 2, `"now" is no flag`},
		{[]string{"-nodes", "9"}, 2, "flag provided but not defined: -nodes"},
		{[]string{"-dsn", ":memory:"}, 1, `the DSN is ":memory:"`},
		{[]string{"-dsn", "redis://localhost"}, 1, `the DSN begins with "redis://"`},
	} {
		var out, stderr bytes.Buffer
		require.Equal(t, c.code, quickstart(t.Context(), c.args, &out, &stderr), c.args)
		require.Contains(t, stderr.String(), c.want, c.args)
		require.Empty(t, out.String(), c.args)
	}
}

func TestNodeRefusesWhatTheBackOfficeDidNotWrite(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, runNode("{", strings.NewReader(""), &bytes.Buffer{}), nodeEnv)
	require.ErrorContains(t, runNode("{}", strings.NewReader(""), &bytes.Buffer{}), "the DSN is empty")
}
