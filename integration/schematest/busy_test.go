package schematest

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/javaedition"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

// listener is a log that closes heard at the first line that contains word.
type listener struct {
	slog.Handler
	word  string
	heard chan struct{}
}

func (l *listener) Enabled(context.Context, slog.Level) bool { return true }

func (l *listener) Handle(_ context.Context, r slog.Record) error {
	if strings.Contains(r.Message, l.word) && l.word != "" {
		l.word = ""
		close(l.heard)
	}
	return nil
}

// A transaction that stands on a table does not fail the upgrade, which lets
// others through between its tries.
func TestAnUpgradeOutlastsABusyTable(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		if db.Kind == testdb.SQLite || db.Kind.IsOracle() {
			return // waits as long as the connection says; has no emulation for it
		}
		javaedition.Load(t, db.Gorm, loaded)
		busy := testdb.Open(t, db.Kind).Begin()
		require.NoError(t, busy.Exec("UPDATE QRTZ_EXECUTE SET HOST_NAME = 'busy'").Error)

		l := &listener{word: "trying again", heard: make(chan struct{})}
		done := make(chan error, 1)
		go func() { done <- schema.Migrate(t.Context(), db.Gorm, schema.Options{Logger: slog.New(l)}) }()
		<-l.heard
		require.NoError(t, busy.Exec("UPDATE QRTZ_EXECUTE SET HOST_NAME = 'busy still'").Error)
		require.NoError(t, busy.Commit().Error)
		require.NoError(t, <-done)
		require.NoError(t, schema.Verify(t.Context(), db.Gorm, quiet()))
		require.EqualValues(t, javaedition.ExecutesTotal, count(t, db.Gorm, "SELECT COUNT(*) FROM QRTZ_EXECUTE WHERE HOST_NAME = 'busy still'"))
	})
}

func TestAnUpgradeEndsWithItsContext(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		if db.Kind == testdb.SQLite || db.Kind.IsOracle() {
			return
		}
		javaedition.Load(t, db.Gorm, loaded)
		busy := testdb.Open(t, db.Kind).Begin()
		require.NoError(t, busy.Exec("UPDATE QRTZ_EXECUTE SET HOST_NAME = 'busy'").Error)
		ctx, cancel := context.WithCancel(t.Context())
		l := &listener{word: "trying again", heard: make(chan struct{})}
		done := make(chan error, 1)
		go func() { done <- schema.Migrate(ctx, db.Gorm, schema.Options{Logger: slog.New(l)}) }()
		<-l.heard
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
		require.NoError(t, busy.Rollback().Error)
		require.NoError(t, schema.Migrate(t.Context(), db.Gorm, quiet()))
	})
}
