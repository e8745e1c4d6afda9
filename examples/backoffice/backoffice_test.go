package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// session runs commands on a database of its own.
type session struct {
	t   *testing.T
	dsn string
}

func newSession(t *testing.T) session {
	s := session{t, filepath.Join(t.TempDir(), "quartz.db")}
	s.ok("init")
	return s
}

func (s session) run(args ...string) (string, error) {
	s.t.Helper()
	var out, stderr bytes.Buffer
	err := backoffice(s.t.Context(), append([]string{"-dsn", s.dsn}, args...), &out, &stderr)
	return out.String(), err
}

func (s session) ok(args ...string) string {
	s.t.Helper()
	out, err := s.run(args...)
	require.NoError(s.t, err, args)
	return out
}

func (s session) refused(want string, args ...string) {
	s.t.Helper()
	_, err := s.run(args...)
	require.ErrorContains(s.t, err, want, args)
}

func TestLifeOfAnExecute(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.ok("init") // again changes nothing

	out := s.ok("add", "-class", "invoice.send", "-data", `{"number":"R-1"}`, "-cron", "0 0 8 ? * MON-FRI", "-zone", "Europe/Berlin")
	id, _, _ := strings.Cut(out, " ")
	require.Contains(t, out, "first fires at ")

	require.Regexp(t, id+` +EXECUTING +invoice.send +0 0 8 \? \* MON-FRI Europe/Berlin +\d{4}-.* 0 +0 +0 +0`, s.ok("list"))
	times := strings.Split(strings.TrimSpace(s.ok("preview", id)), "\n")
	require.Len(t, times, 10)
	for _, line := range times {
		require.Regexp(t, `^(Mon|Tue|Wed|Thu|Fri) .* 08:00:00\.000 CES?T$`, line)
	}

	s.ok("pause", id)
	require.Contains(t, s.ok("list"), "PAUSED")
	s.ok("resume", id)
	require.Contains(t, s.ok("list"), "EXECUTING")
	s.ok("delete", id)
	require.NotContains(t, s.ok("list"), id)
	s.refused("not found", "delete", id)
	s.refused("not found", "preview", id)
}

func TestDeleteKeepsAJobThatHasOtherExecutes(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	out := s.ok("add", "-class", "report.build", "-every", "1h", "-times", "24")
	first, _, _ := strings.Cut(out, " ")
	require.Contains(t, s.ok("list"), "every 1h0m0s, 24 times")
	out = s.ok("add", "-class", "report.build", "-now")
	second, _, _ := strings.Cut(out, " ")
	s.ok("delete", first)
	list := s.ok("list")
	require.NotContains(t, list, first)
	require.Contains(t, list, second)
}

func TestNodes(t *testing.T) {
	t.Parallel()
	require.Contains(t, newSession(t).ok("nodes"), "LAST BEAT")
}

func TestMistakesAreNamedAndNothingIsWritten(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	before := s.ok("list")
	s.refused(`"sing" is no command`, "sing")
	s.refused(`"" is no command`)
	s.refused("say when", "add", "-class", "invoice.send")
	s.refused("-at", "add", "-class", "invoice.send", "-at", "tomorrow")
	s.refused("class", "add", "-now")
	s.refused("cron", "add", "-class", "invoice.send", "-cron", "0 0 8 31 2 ?")
	s.refused("zone", "add", "-class", "invoice.send", "-cron", "0 0 8 * * ?", "-zone", "UTC+8")
	s.refused("data", "add", "-class", "invoice.send", "-now", "-data", "R-1")
	s.refused("has it been added by init?", "-app", "shipping", "add", "-class", "invoice.send", "-now")
	s.refused("id", "pause", "seven")
	require.Equal(t, before, s.ok("list"))

	untouched := session{t, filepath.Join(t.TempDir(), "empty.db")}
	untouched.refused("schema.Migrate", "list")
}

func TestServesTheConsole(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, in := io.Pipe()
	served := make(chan error, 1)
	go func() {
		served <- backoffice(ctx, []string{"-dsn", s.dsn, "serve", "-addr", "localhost:0"}, in, io.Discard)
	}()
	url, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)

	get := func(path string) string {
		r, err := http.Get(strings.TrimSpace(url) + path)
		require.NoError(t, err)
		defer func() { require.NoError(t, r.Body.Close()) }()
		text, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, r.StatusCode, "%s", text)
		return string(text)
	}
	require.Contains(t, get(""), "<html")
	require.Contains(t, get("api/apps"), "billing")
	http.DefaultClient.CloseIdleConnections()
	stop()
	require.NoError(t, <-served)
	s.refused("addr", "serve", "-addr")
	s.refused("listen", "serve", "-addr", "no-such-host.invalid:1")
}

// A back office manages jobs and does not carry the engine that runs them.
func TestDoesNotLinkTheEngine(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "github.com/quartz-cluster/quartz/client\n")
	require.NotContains(t, string(out), "github.com/quartz-cluster/quartz/core")
}
