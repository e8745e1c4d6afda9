package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/quartz-cluster/quartz/examples/internal/stagetest"
)

func TestMain(m *testing.M) { stagetest.Main(m, program) }

// collector counts what is sent to it.
type collector struct{ traces, logs atomic.Int64 }

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/v1/traces":
		c.traces.Add(1)
	case "/otlp/v1/logs":
		c.logs.Add(1)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func TestShowSeesWhatGoesWrong(t *testing.T) {
	if testing.Short() {
		t.Skip("needs Prometheus")
	}
	var sent collector
	place := httptest.NewServer(&sent)
	defer place.Close()
	t.Setenv(tracesTo, place.URL+"/v1/traces")
	t.Setenv(logsTo, place.URL+"/otlp/v1/logs")

	code, text, stderr := play(t.Context(), t, "-duration", "45s", "-lease", "8s")
	require.Zero(t, code, "%s\n%s", text, stderr)
	require.Empty(t, stderr)
	require.Regexp(t, `s  firing   QuartzFiresFailing: Fires of mail.send of app seen fail`, text)
	require.Regexp(t, `s  node-1 removes node-2`, text)
	require.Regexp(t, `s  firing   QuartzNodeLost: A node of app seen was lost`, text)
	require.Regexp(t, `127\.0\.0\.1:\d+ +failed +\d`, text)
	require.Positive(t, sent.traces.Load())
	require.Positive(t, sent.logs.Load())
}

// Whoever has seen enough presses Ctrl-C, and nothing of it is left.
func TestInterruptedShowIsNoFailure(t *testing.T) {
	if testing.Short() {
		t.Skip("needs Prometheus")
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	code, text, stderr := play(ctx, t, "-duration", "5m", after{"/targets", interrupt})
	require.Zero(t, code, "%s\n%s", text, stderr)
	left, err := filepath.Glob(temporary + "/*")
	require.NoError(t, err)
	require.Empty(t, left)
}

// after calls do when it is written a text.
type after struct {
	text string
	do   func()
}

func (a after) Write(p []byte) (int, error) {
	if strings.Contains(string(p), a.text) {
		a.do()
	}
	return len(p), nil
}

// play performs a show with these flags; a writer among them is written to as well.
func play(ctx context.Context, t *testing.T, args ...any) (code int, stdout, stderr string) {
	t.Helper()
	var out bytes.Buffer
	var errs stagetest.Buffer
	flags, to := []string{"-dsn", filepath.Join(t.TempDir(), "shared.db")}, []io.Writer{&out}
	for _, a := range args {
		switch a := a.(type) {
		case string:
			flags = append(flags, a)
		case io.Writer:
			to = append(to, a)
		}
	}
	code = program.Run(ctx, flags, io.MultiWriter(to...), &errs)
	return code, out.String(), errs.String()
}

func TestWithoutPrometheusItSaysWhatToDo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("QUARTZ_TEST_PROMETHEUS", "")
	code, _, stderr := play(t.Context(), t)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "scripts/provision installs Debian's")
}

func TestFilesAreOfTheirSyntax(t *testing.T) {
	t.Parallel()
	seen := 0
	require.NoError(t, filepath.WalkDir(".", func(path string, _ os.DirEntry, err error) error {
		var content any
		parse := map[string]func([]byte, any) error{".yml": yaml.Unmarshal, ".json": json.Unmarshal}[filepath.Ext(path)]
		if err != nil || parse == nil {
			return err
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, parse(text, &content), path)
		require.NotEmpty(t, content, path)
		seen++
		return nil
	}))
	require.GreaterOrEqual(t, seen, 9)
}
