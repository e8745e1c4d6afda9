package telemetry

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/quartz-cluster/quartz/integration/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

// A process may be killed, and a test may read, in the middle of a line.
func TestLinesThatAreFinished(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for process, text := range map[string]string{
		"late":  `{"time":"2026-01-02T03:04:05.2Z","execute":217723727926233931}` + "\n" + `{"time":"2026-01`,
		"early": `{"time":"2026-01-02T04:04:05.1+01:00"}` + "\n",
	} {
		file, err := CreateLog(dir, process)
		require.NoError(t, err)
		_, err = file.WriteString(text)
		require.NoError(t, err)
		require.NoError(t, file.Close())
	}
	lines, err := Lines(dir)
	require.NoError(t, err)
	require.Len(t, lines, 2)
	require.Equal(t, "early", lines[0].Process)
	require.Equal(t, "217723727926233931", lines[1].Field("execute"), "every digit")
	require.Empty(t, lines[1].Field("node"))
}

func TestSpansComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	exporter, err := NewExporter(dir, "north")
	require.NoError(t, err)
	tracers := trace.NewTracerProvider(trace.WithSyncer(exporter))
	ctx, parent := tracers.Tracer("").Start(t.Context(), "parent")
	_, child := tracers.Tracer("").Start(ctx, "child")
	child.End()
	parent.End()
	require.NoError(t, tracers.Shutdown(context.Background()))
	all, err := Spans(dir)
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, all[1].ID, all[0].Parent)
	require.Empty(t, all[1].Parent)
	for i, s := range []any{child, parent} {
		want := Of(s.(trace.ReadOnlySpan))
		want.Process, want.Attributes = "north", nil // empty comes back as none
		require.Equal(t, want, all[i])
	}
}
