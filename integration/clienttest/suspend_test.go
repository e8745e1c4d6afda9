package clienttest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

func TestSuspend(t *testing.T) {
	each(t, func(f *fixture) {
		for _, from := range []schema.State{schema.Executing, schema.Paused, schema.Complete, schema.Error} {
			e, spilled, retry, run := f.family()
			if from != schema.Executing {
				f.setExecuteState(e.ID, from)
			}
			rest := func() []schema.Execute { return []schema.Execute{f.row(retry), f.row(run)} }
			waiting := rest()
			for range 2 { // the second time changes nothing
				info, err := f.SuspendExecute(f.ctx, e.ID)
				require.NoError(f, err)
				require.Equal(f, schema.Paused, info.State)
				read, err := f.GetExecute(f.ctx, e.ID)
				require.NoError(f, err)
				require.Equal(f, read, info)
				require.Equal(f, schema.StopSuspend, info.InFlight.Stop)
				version := int64(1)
				if from == schema.Paused {
					version = 0
				}
				require.Equal(f, version, info.Version)
				row := f.row(spilled)
				require.Equal(f, schema.StopOrder(schema.StopSuspend, row.FireTime, 2), row.Cancel)
				require.Equal(f, waiting, rest())
			}
			// What is to be cancelled stays cancelled, also the other way round.
			require.NoError(f, f.CancelFire(f.ctx, fireOf(e, 3, 1)))
			_, err := f.SuspendExecute(f.ctx, e.ID)
			require.NoError(f, err)
			require.Equal(f, schema.StopOrder(schema.StopCancel, noon.Add(3*time.Minute).UnixMilli(), 1), f.row(e.ID).Cancel)
			resumed, err := f.ResumeExecute(f.ctx, e.ID)
			require.NoError(f, err)
			require.Equal(f, schema.Executing, resumed.State)
		}

		idle := f.execute(client.Every(time.Minute))
		info, err := f.SuspendExecute(f.ctx, idle.ID)
		require.NoError(f, err)
		require.Equal(f, schema.Paused, info.State)
		f.setExecuteState(idle.ID, schema.Complete)
		before := f.row(idle.ID)
		_, err = f.SuspendExecute(f.ctx, idle.ID)
		requireConflict(f, err, client.KindExecute)
		require.Equal(f, before, f.row(idle.ID))

		// Suspended during its last fire, it is complete when it is resumed, and its
		// child goes on.
		f.setNow(noon)
		once := f.execute(client.Now())
		f.claimed(once.ID, noon, time.Time{})
		f.fires(once.ID, noon, 1, node)
		_, err = f.SuspendExecute(f.ctx, once.ID)
		require.NoError(f, err)
		f.exec("UPDATE QRTZ_EXECUTE SET FIRE_TIME = NULL, CANCEL = NULL WHERE ID = ?", int64(once.ID))
		f.child(once.ID, schema.ChildRecovery, noon.UnixMilli(), nil)
		resumed, err := f.ResumeExecute(f.ctx, once.ID)
		require.NoError(f, err)
		require.Equal(f, schema.Complete, resumed.State)
	})
}

// A fire that is claimed while the execute is being suspended gets its order.
func TestSuspendThatMeetsAClaim(t *testing.T) {
	each(t, func(f *fixture) {
		if lockWaits[f.kind] == "" {
			return // there is no telling when the call waits
		}
		e := f.execute(client.Every(time.Minute))
		err := f.overtake("UPDATE QRTZ_EXECUTE SET FIRE_TIME = 17, FIRE_ATTEMPT = 1, FIRE_NODE = 7 WHERE ID = ?", e.ID, func() error {
			_, err := f.SuspendExecute(f.ctx, e.ID)
			return err
		})
		require.NoError(f, err)
		require.Equal(f, schema.StopOrder(schema.StopSuspend, 17, 1), f.row(e.ID).Cancel)
	})
}
