package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/coretest"
	"github.com/quartz-cluster/quartz/examples/opendb"
	"github.com/quartz-cluster/quartz/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what should come at once.
const patience = time.Minute

// process is a worker as main runs it.
type process struct {
	client  *client.Client
	signals chan os.Signal
	log     chan map[string]any // lines of the log
	code    chan int
}

// start starts a worker on a database of its own and waits until it has joined.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	file := filepath.Join(t.TempDir(), "quartz.db")
	db, err := opendb.Open(file)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, opendb.Close(db)) })
	c, err := client.New(db)
	require.NoError(t, err)
	p := &process{c, make(chan os.Signal, 2), make(chan map[string]any, 1000), make(chan int, 1)}
	var stderr bytes.Buffer
	go func() {
		p.code <- worker(append([]string{"-dsn", file, "-migrate"}, args...), p.signals, lines(p.log), &stderr)
	}()
	p.await(t, "node registered")
	return p
}

// lines takes the log apart, line by line.
type lines chan map[string]any

func (l lines) Write(p []byte) (int, error) {
	var line map[string]any
	if err := json.Unmarshal(p, &line); err != nil {
		return 0, err
	}
	l <- line
	return len(p), nil
}

// await returns the next line of the log with the message.
func (p *process) await(t *testing.T, message string) map[string]any {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case line := <-p.log:
			if line["msg"] == message {
				return line
			}
		case <-deadline:
			require.FailNow(t, "not logged", message)
		}
	}
}

func (p *process) exit(t *testing.T) int {
	t.Helper()
	select {
	case code := <-p.code:
		return code
	case <-time.After(patience):
		require.FailNow(t, "the worker has not ended")
		return 0
	}
}

func TestAlertsAreLogged(t *testing.T) {
	t.Parallel()
	p := start(t)
	job, err := p.client.AddJob(t.Context(), client.Job{App: "billing", Class: "invoice.send", Data: Invoice{Number: "R-1"}})
	require.NoError(t, err)
	_, err = p.client.AddExecute(t.Context(), job.ID, client.Every(100*time.Millisecond))
	require.NoError(t, err)
	require.Contains(t, p.await(t, "alert")["what"], "the invoice has no email")
	p.signals <- syscall.SIGTERM
	require.Equal(t, "the node has stopped", p.await(t, "alert over")["what"])
	require.Zero(t, p.exit(t))
}

// add adds a report to be built now.
func (p *process) add(t *testing.T, pages int) *client.ExecuteInfo {
	t.Helper()
	job, err := p.client.AddJob(t.Context(), client.Job{App: "billing", Class: "report.build", Data: Report{"stock", pages}})
	require.NoError(t, err)
	execute, err := p.client.AddExecute(t.Context(), job.ID, client.Now())
	require.NoError(t, err)
	return execute
}

func (p *process) last(t *testing.T, id client.ID) *client.ExecuteInfo {
	t.Helper()
	execute, err := p.client.GetExecute(t.Context(), id)
	require.NoError(t, err)
	require.NotNil(t, execute.Last)
	return execute
}

func TestSignalLetsRunsEnd(t *testing.T) {
	t.Parallel()
	p := start(t)
	execute := p.add(t, 10)
	p.await(t, "page built")
	p.signals <- syscall.SIGTERM
	require.Zero(t, p.exit(t))
	require.Equal(t, schema.Succeeded, p.last(t, execute.ID).Last.Outcome)
}

func TestSecondSignalCutsRunsOff(t *testing.T) {
	t.Parallel()
	p := start(t)
	execute := p.add(t, 1_000_000)
	p.await(t, "page built")
	p.signals <- syscall.SIGTERM
	p.signals <- syscall.SIGTERM
	require.Zero(t, p.exit(t))
	info := p.last(t, execute.ID)
	require.Equal(t, schema.Failed, info.Last.Outcome)
	require.Equal(t, core.ErrStopped.Error(), info.LastError)
}

func TestHealthWhileRegistered(t *testing.T) {
	t.Parallel()
	node := registered(t)
	var address string
	var stop func()
	var err error
	for range 10 { // another process may take what is free
		address = freeAddress(t)
		if stop, err = serveHealth(address, node); err == nil {
			break
		}
	}
	require.NoError(t, err)
	defer stop()
	require.Equal(t, http.StatusOK, probe(t, address+"/livez"))
	require.Equal(t, http.StatusOK, probe(t, address+"/readyz"))
	require.NoError(t, node.Stop(context.Background()))
	require.Equal(t, http.StatusOK, probe(t, address+"/livez"))
	require.Equal(t, http.StatusServiceUnavailable, probe(t, address+"/readyz"))

	_, err = serveHealth(address, node)
	require.ErrorContains(t, err, "-listen")
}

// registered is a node that has joined, on SQLite in memory.
func registered(t *testing.T) *core.Node {
	return coretest.Open(t).Start(core.Config{App: "billing", Handlers: newHandlers(slog.New(slog.DiscardHandler))})
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}

func probe(t *testing.T, url string) int {
	t.Helper()
	browser := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := browser.Get("http://" + url)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}

func TestHandlers(t *testing.T) {
	t.Parallel()
	handlers := newHandlers(slog.New(slog.DiscardHandler))
	require.NoError(t, coretest.Run(t.Context(), handlers, "invoice.send", Invoice{"R-1", "ada@example.com"}))
	require.ErrorContains(t, coretest.Run(t.Context(), handlers, "invoice.send", Invoice{Number: "R-1"}), "no email")
	require.NoError(t, coretest.Run(t.Context(), handlers, "report.build", Report{"stock", 1}))

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(core.ErrLeaseLost)
	require.ErrorIs(t, coretest.Run(ctx, handlers, "report.build", Report{"stock", 1_000_000}), core.ErrLeaseLost)
}

func TestWrongConfigurationIsNamed(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "quartz.db")
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"-h"}, 0, "-dsn"},
		{[]string{"-fast"}, 2, "-fast"},
		{[]string{"-dsn", empty, "-app", ""}, 2, "Config.App is required"},
		{[]string{"-dsn", empty}, 1, "QRTZ_APP"}, // there are no tables
		{[]string{"-dsn", ":memory:"}, 1, "belongs to one process"},
		{[]string{"-dsn", empty, "-migrate", "-listen", "nowhere"}, 1, "-listen"},
	} {
		var out bytes.Buffer
		require.Equal(t, c.code, worker(c.args, nil, &out, &out), c.args)
		require.Contains(t, out.String(), c.want, c.args)
	}
}

func TestEnvironmentIsNamed(t *testing.T) {
	t.Setenv("QUARTZ_LEASE", "soon")
	var out bytes.Buffer
	require.Equal(t, 2, worker(nil, nil, &out, &out))
	require.Contains(t, out.String(), `QUARTZ_LEASE: "soon" is not a duration`)
}
