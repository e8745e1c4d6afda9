package misfire

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// hears keeps what is told of trouble.
func (b *bench) hears() *[]observe.Event {
	told := &[]observe.Event{}
	b.cfg.Tell = func(e observe.Event) {
		if e.Kind == observe.Trouble {
			*told = append(*told, e)
		}
	}
	return told
}

// A row that the database will not have changed holds up none behind it, in no step.
func TestARejectedRowHoldsUpNoneBehindIt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		columns string // of two executes, of which the first is rejected
		do      func(*Handler, context.Context, view) error
		undone  string // holds for the other one until then
	}{
		"adopt":     {"APPLICATION = NULL", (*Handler).adopt, "APPLICATION IS NULL"},
		"schedule":  {"NEXT_FIRE_TIME = NULL", (*Handler).walk, "NEXT_FIRE_TIME IS NULL"},
		"fault":     {"NEXT_FIRE_TIME = NULL, CRON = 'never'", (*Handler).walk, "STATE <> 'ERROR'"},
		"forget":    {"STATE = 'COMPLETE', LAST_END_TIME = 1000", (*Handler).walk, "1 = 1"},
		"summarise": {"STATE = 'COMPLETE', PID = ID", (*Handler).walk, "(SELECT STATE FROM QRTZ_JOB j WHERE j.ID = PID) <> 'COMPLETE'"},
		"copy":      {fmt.Sprintf("RUN_ON = 'ALL', SHARD = %d, NEXT_FIRE_TIME = 1000", schema.SharedShard), (*Handler).copies, "NEXT_FIRE_TIME = 1000"},
		"evict":     {"ORIGIN = 'RETRY', ORIGIN_ID = 7, CHILD_KEY = ID", (*Handler).copies, "1 = 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.cfg.Retention = time.Minute
				told := b.hears()
				require.NoError(t, sqldb.Insert(t.Context(), b.db, "QRTZ_JOB", schema.Job{ID: 2, Application: "app", State: schema.Executing, Class: "work"}))
				b.add(1, 0, false)
				b.add(2, 0, false)
				mustExec(t, b.db, "UPDATE QRTZ_EXECUTE SET "+test.columns)
				for _, on := range []string{"UPDATE ON QRTZ_EXECUTE", "DELETE ON QRTZ_EXECUTE", "UPDATE ON QRTZ_JOB"} {
					mustExec(t, b.db, fmt.Sprintf("CREATE TRIGGER '%[1]s' BEFORE %[1]s WHEN OLD.ID = 1 BEGIN SELECT RAISE(ABORT, 'poison'); END", on))
				}
				require.NoError(t, test.do(b.Handler, t.Context(), b.view()))
				require.NotEmpty(t, *told)
				for _, e := range *told {
					require.ErrorContains(t, e.Err, "poison")
					require.EqualValues(t, 1, e.JobID, "it names the row")
				}
				var id int64
				undone, err := b.db.One(t.Context(), []any{&id}, "SELECT ID FROM QRTZ_EXECUTE WHERE ID = 2 AND "+test.undone)
				require.NoError(t, err)
				require.False(t, undone)
			})
		})
	}
}

// Nor does the row of a dead node.
func TestARejectedRemovalHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		told := b.hears()
		for _, key := range []string{"first", "second"} {
			_, err := b.cfg.Store.Register(t.Context(), store.Member{Key: key, HostName: "host", Capacity: 1})
			require.NoError(t, err)
		}
		b.cfg.Watch.Heard(b.cluster())
		mustExec(t, b.db, "CREATE TRIGGER poison BEFORE DELETE ON QRTZ_NODE WHEN OLD.HOST_IP = 'first' BEGIN SELECT RAISE(ABORT, 'poison'); END")
		time.Sleep(lease + time.Millisecond)
		b.cfg.Watch.Heard(b.cluster())
		left := make([]string, 0, 2)
		for _, p := range b.view().Peers {
			left = append(left, p.Key)
		}
		require.Equal(t, []string{"node", "first"}, left)
		require.Len(t, *told, 1)
		require.Equal(t, "first", (*told)[0].Peer)
	})
}
