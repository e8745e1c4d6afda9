package corebench_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/quartz-cluster/quartz/core/corebench"
	"github.com/quartz-cluster/quartz/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestBurnCompletesWhatIsDueAndNothingElse(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	file := filepath.ToSlash(filepath.Join(t.TempDir(), "quartz.db"))
	db, err := gorm.Open(sqlite.Open(file+"?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)"), &gorm.Config{Logger: logger.Discard})
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	require.NoError(t, schema.Migrate(ctx, db, schema.Options{}))
	node, err := corebench.Join(ctx, db, "bench", "noop")
	require.NoError(t, err)

	const due, later = 450, 5
	now := time.Now()
	require.NoError(t, db.Exec(`INSERT INTO QRTZ_JOB (ID, APPLICATION, STATE, JOB_CLASS, UPDATE_TIME) VALUES (1, 'bench', 'EXECUTING', 'noop', 0)`).Error)
	for id := range due + later {
		at := now.Add(-time.Hour) // beyond any misfire threshold
		if id >= due {
			at = now.Add(time.Hour)
		}
		require.NoError(t, db.Exec(`INSERT INTO QRTZ_EXECUTE (ID, PID, STATE, JOB_TYPE, HOST_IP, HOST_NAME, APPLICATION, SHARD, REPEAT_COUNT,
			START_TIME, NEXT_FIRE_TIME) VALUES (?, 1, 'EXECUTING', 'SIMPLE', 'h', 'h', 'bench', ?, 1, ?, ?)`,
			id, schema.ShardOf(int64(id)), at.UnixMilli(), at.UnixMilli()).Error)
	}
	found, err := node.Scan(ctx)
	require.NoError(t, err)
	require.Equal(t, due, found)

	completed, err := node.Burn(ctx, 2)
	require.NoError(t, err)
	require.EqualValues(t, due, completed)
	var rows int64
	require.NoError(t, db.Raw(`SELECT COUNT(*) FROM QRTZ_EXECUTE WHERE STATE = 'COMPLETE' AND LAST_STATE = 'SUCCEEDED' AND FIRE_COUNT = 1`).Scan(&rows).Error)
	require.EqualValues(t, due, rows)

	require.NoError(t, db.Exec(`UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = ? WHERE STATE = 'EXECUTING'`, now.UnixMilli()).Error)
	require.NoError(t, node.Leave(ctx))
	completed, err = node.Burn(ctx, 1)
	require.NoError(t, err)
	require.Zero(t, completed, "the engine's claims ask for a registration")
}
