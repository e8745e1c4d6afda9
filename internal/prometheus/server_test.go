package prometheus

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAServerAnswersUntilItIsStopped(t *testing.T) {
	t.Parallel()
	folder := newFolder(t, "scrape_configs: [{job_name: us, file_sd_configs: [{files: [targets.json]}]}]")
	require.NoError(t, Targets(folder, "127.0.0.1:1"))
	s, err := Start(t.Context(), folder, "127.0.0.1:0")
	require.NoError(t, err)
	begun := time.Now()
	now, err := s.Query(t.Context(), `vector(2.5)`)
	require.NoError(t, err)
	require.Len(t, now, 1)
	require.InDelta(t, 2.5, now[0].Points[0].Value, 0)
	past, err := s.QueryRange(t.Context(), `vector(1)`, begun.Add(-4*time.Second), begun, 2*time.Second)
	require.NoError(t, err)
	require.Len(t, past, 1)
	require.Len(t, past[0].Points, 3)
	require.Equal(t, 4*time.Second, past[0].Points[2].At.Sub(past[0].Points[0].At))
	_, err = s.Query(t.Context(), `vector(`)
	require.ErrorContains(t, err, "bad_data")
	alerts, err := s.Alerts(t.Context())
	require.NoError(t, err)
	require.Empty(t, alerts)
	require.NoError(t, s.Stop())
	_, err = s.Alerts(t.Context())
	require.Error(t, err)
}

func TestAServerThatDoesNotStartSaysWhy(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), newFolder(t, "scrapes: []"), "127.0.0.1:0")
	require.ErrorContains(t, err, "field scrapes not found")
}

func newFolder(t *testing.T, config string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("needs Prometheus")
	}
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "prometheus.yml"), []byte(config+"\n"), 0o600))
	return folder
}
