package cli

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// serving runs quartzctl console until the test ends or stop is called, which
// returns the exit code, and returns the address that it said.
func serving(t *testing.T, args ...string) (at string, stop func() int) {
	t.Helper()
	w := newWorld(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	said, out := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		p := &Program{In: strings.NewReader(""), Out: out, Err: io.Discard, Actor: "ada@office", Getenv: func(string) string { return w.dsn() }}
		code := p.Main(ctx, append([]string{"console", "--listen", "127.0.0.1:0"}, args...))
		_ = out.Close()
		ended <- code
	}()
	line := make([]byte, 100)
	n, err := said.Read(line)
	require.NoError(t, err)
	at = strings.TrimSpace(string(line[:n]))
	return at, func() int {
		cancel()
		return <-ended
	}
}

func ask(t *testing.T, method, url, body string) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(text)
}

func TestTheConsoleIsServedUntilItIsInterrupted(t *testing.T) {
	t.Parallel()
	at, stop := serving(t)
	status, page := ask(t, http.MethodGet, at, "")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "<!doctype html>")
	status, me := ask(t, http.MethodGet, at+"api/me", "")
	require.Equal(t, http.StatusOK, status, me)
	require.Contains(t, me, "ada@office")
	status, added := ask(t, http.MethodPost, at+"api/app/add", `{"app":"billing"}`)
	require.Less(t, status, 300, added)
	require.Equal(t, exitOK, stop())
}

func TestAReadOnlyConsoleChangesNothing(t *testing.T) {
	t.Parallel()
	at, stop := serving(t, "--read-only", "--actor", "eve@office")
	status, me := ask(t, http.MethodGet, at+"api/me", "")
	require.Equal(t, http.StatusOK, status, me)
	require.Contains(t, me, "eve@office")
	status, refused := ask(t, http.MethodPost, at+"api/app/add", `{"app":"billing"}`)
	require.Equal(t, http.StatusForbidden, status, refused)
	_, apps := ask(t, http.MethodGet, at+"api/apps", "")
	require.NotContains(t, apps, "billing")
	require.Equal(t, exitOK, stop())
}
