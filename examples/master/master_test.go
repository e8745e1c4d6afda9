package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

func TestShowEndsWithTheNextMaster(t *testing.T) {
	t.Parallel()
	servers := map[string]string{"sqlite": filepath.Join(t.TempDir(), "shared.db")}
	if server := os.Getenv("QUARTZ_TEST_POSTGRES_DSN"); server != "" && !testing.Short() {
		servers["postgres"] = server
	}
	for name, dsn := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			var stderr locked
			code := master(t.Context(), []string{"-dsn", dsn, "-duration", "5s", "-lease", "2s"}, &out, &stderr)
			require.Zero(t, code, "%s\n%s", &out, &stderr)
			require.Empty(t, stderr.String())
			for _, line := range []string{
				`(?m)^ +node-1 is master, epoch 1: `,
				`(?m)^ +\d+\.\d\ds  node-1 is KILLED in the middle of a run of rates$`,
				`(?m)^ +\d+\.\d\ds  node-[23] is master, epoch 2: the master before it is gone`,
				`(?m)^ +\d+\.\d\ds  node-[23] runs rates of \d\.\d\ds, attempt 2$`,
				`(?m)^OK: 24 fires of each were due, all ran, \d once more after the kill, none twice; master were node-1 and then node-[23]\.$`,
			} {
				require.Regexp(t, line, out.String())
			}
			if name == "sqlite" {
				db, err := opendb.Open(dsn)
				require.NoError(t, err)
				var tables []string
				require.NoError(t, db.Raw("SELECT name FROM sqlite_master").Scan(&tables).Error)
				require.Empty(t, tables, "nothing is left in the user's database")
				require.NoError(t, opendb.Close(db))
			}
		})
	}
}

// story is a book in which everything is in order.
func story() (book, masters []event, kill event, instants []time.Time) {
	zero := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	masters = []event{{Kind: elected, Peer: "node-1", Epoch: 1}, {Kind: elected, Peer: "node-2", Epoch: 2}}
	for i := range times {
		instants = append(instants, zero.Add(time.Duration(i)*time.Second))
	}
	kill = event{Kind: killed, Node: "node-1", At: instants[8].Add(time.Millisecond)}
	for i, instant := range instants {
		e := event{Kind: started, At: instant, Node: "node-1", Name: onMaster, Nominal: instant, Attempt: 1}
		if i == 8 { // cut off
			book = append(book, e)
			e.Attempt++
		}
		if i >= 8 {
			e.Node, e.At = "node-2", instant.Add(10*time.Second)
		}
		end := e
		end.Kind = done
		book = append(book, e, end)
	}
	return book, masters, kill, instants
}

func judge(book, masters []event, kill event, instants []time.Time) (bool, string) {
	var out strings.Builder
	a := &account{ran: map[string]map[string]int{}, masters: masters}
	a.fires(onMaster, instants, book)
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

func TestAccountSeesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for says, spoil := range map[string]func(book, masters *[]event, kill *event){
		"ended well 2 times": func(book, _ *[]event, _ *event) { *book = append(*book, (*book)[1]) },
		"ended well 0 times": func(book, _ *[]event, _ *event) { *book = slices.Delete(*book, 1, 2) },
		"attempt 1 of the fire of rates due at 12:00:00 came as number 2": func(book, _ *[]event, _ *event) {
			*book = slices.Insert(*book, 1, (*book)[0])
		},
		"no master was killed":                            func(_, _ *[]event, kill *event) { kill.Kind = "" },
		"the master's epoch is 7 after 2 elections":       func(_, masters *[]event, _ *event) { (*masters)[1].Epoch = 7 },
		"rates was run by [node-1 node-3 node-1 node-2]":  func(book, _ *[]event, _ *event) { (*book)[2].Node = "node-3" },
		"elected were [node-1], and rates was run by [no": func(_, masters *[]event, _ *event) { *masters = (*masters)[:1] },
	} {
		book, masters, kill, instants := story()
		spoil(&book, &masters, &kill)
		ok, text := judge(book, masters, kill, instants)
		require.False(t, ok, says)
		require.Contains(t, text, says)
		require.NotContains(t, text, "OK")
	}
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
		{[]string{"-lease", "2m"}, 2, "-lease is 2m0s: it must be from 500ms to 30s"},
		{[]string{"now"}, 2, `"now" is no flag`},
		{[]string{"-dsn", ":memory:"}, 1, `the DSN is ":memory:"`},
	} {
		var out, stderr bytes.Buffer
		require.Equal(t, c.code, master(t.Context(), c.args, &out, &stderr), c.args)
		require.Contains(t, stderr.String(), c.want, c.args)
		require.Empty(t, out.String(), c.args)
	}
}

func TestNodeRefusesWhatTheBackOfficeDidNotWrite(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, runNode("{", strings.NewReader(""), &bytes.Buffer{}), nodeEnv)
	require.ErrorContains(t, runNode("{}", strings.NewReader(""), &bytes.Buffer{}), "the DSN is empty")
}
