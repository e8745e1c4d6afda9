package core_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/coretest"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/schema"
)

// words is a Listener that passes on what is sent to it.
type words chan string

func (w words) Listen(ctx context.Context, _ string, hint func(string)) error {
	hint("")
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case text := <-w:
			hint(text)
		}
	}
}

// A hint for what a node serves makes it look long before it is its time to, and
// one for the app makes it read that.
func TestANodeFollowsHints(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cluster := coretest.Open(t)
		heard := make(words)
		cluster.Start(core.Config{
			App: "billing", Handlers: someHandlers(), NodeKey: "a", Listener: heard,
			ScanInterval: time.Minute, Heartbeat: time.Minute, Lease: time.Hour, HandlerInterval: time.Hour,
		})
		cluster.Advance(time.Second)
		exec := func(statement string, values ...any) {
			t.Helper()
			require.NoError(t, cluster.DB.Exec(statement, values...).Error)
		}
		exec("INSERT INTO QRTZ_JOB (ID, APPLICATION, STATE, JOB_CLASS, UPDATE_TIME) VALUES (1, 'billing', 'EXECUTING', 'noop', 0)")
		add := func(id int64, shard int) {
			t.Helper()
			now := time.Now().UnixMilli()
			exec(`INSERT INTO QRTZ_EXECUTE (ID, PID, STATE, HOST_IP, HOST_NAME, APPLICATION, SHARD, JOB_TYPE, REPEAT_COUNT, START_TIME, NEXT_FIRE_TIME)
				VALUES (?, 1, 'EXECUTING', 'h', 'h', 'billing', ?, 'SIMPLE', 1, ?, ?)`, id, shard, now, now)
		}
		ran := func() int { return len(cluster.Events(observe.Completed)) }

		add(1, 3)
		cluster.Advance(time.Second)
		require.Zero(t, ran(), "it is not its time to look")
		heard <- schema.HintOf(3).String()
		cluster.Advance(time.Second)
		require.Equal(t, 1, ran())

		exec("UPDATE QRTZ_APP SET STATE = 'N'")
		heard <- schema.HintApp.String()
		cluster.Advance(time.Second)
		add(2, 5)
		heard <- "a word of another version"
		cluster.Advance(time.Second)
		require.Equal(t, 1, ran(), "it has read that the app is paused")
		exec("UPDATE QRTZ_APP SET STATE = 'Y'")
		heard <- schema.HintApp.String()
		cluster.Advance(time.Second)
		require.Equal(t, 2, ran())
	})
}
