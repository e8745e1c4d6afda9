package member_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/quartz-cluster/quartz/core/internal/dbclock"
	"github.com/quartz-cluster/quartz/core/internal/member"
	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// While somebody holds the application's row, in which an answer is noted, heartbeats go
// out long before the lease ends.
func TestAnAnswerThatCannotBeNotedLeavesTimeForTheNextHeartbeat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const lease, margin = 5 * time.Second, 500 * time.Millisecond
		// A connection whose call is given up is closed, and a database in memory with it.
		db, err := gorm.Open(sqlite.Open(filepath.Join(t.TempDir(), "db")+"?_pragma=busy_timeout(5000)"), &gorm.Config{Logger: logger.Discard})
		require.NoError(t, err)
		pool, err := db.DB()
		require.NoError(t, err)
		defer func() { require.NoError(t, pool.Close()) }()
		require.NoError(t, schema.Migrate(t.Context(), db, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
		s, err := store.New(db, sqldb.Config{}, "billing", time.Minute)
		require.NoError(t, err)
		var ms *member.Membership
		least, told := lease, []observe.Event{}
		ms, err = member.Join(t.Context(), member.Config{
			Store: s, Clock: new(dbclock.Clock), Heartbeat: time.Second, Lease: lease, Margin: margin,
			Report: func() store.Report { least = min(least, ms.Lease().Left()); return store.Report{} },
			Took:   func(time.Time) bool { return false }, Failed: func() bool { return true }, Tried: func() {},
			Tell: func(e observe.Event) { told = append(told, e) }, Heard: func(store.Cluster) {},
			Obey: func(schema.Command) member.Reply { return member.Reply{Ready: true} },
		}, store.Member{Key: "key"})
		require.NoError(t, err)
		require.NoError(t, db.Callback().Row().Before("gorm:row").Register("hold", func(tx *gorm.DB) {
			if strings.HasPrefix(tx.Statement.SQL.String(), "SELECT EVENTS") {
				<-tx.Statement.Context.Done()
				_ = tx.AddError(tx.Statement.Context.Err())
			}
		}))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- ms.Run(ctx, t.Context()) }()
		time.Sleep(1500 * time.Millisecond)
		require.NoError(t, db.Exec(`UPDATE QRTZ_NODE SET COMMAND = '{"id":"1","verb":"PING"}'`).Error)
		ms.Nudge()
		time.Sleep(lease)
		cancel()
		require.NoError(t, <-ended)
		require.GreaterOrEqual(t, least, (lease-margin)/2)
		require.Len(t, told, 1)
		require.Equal(t, "note answer", told[0].Reason)
	})
}
