package clienttest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
)

// Of two edits from one version the later one is refused, whatever it edits.
func TestRescheduleThatMeetsAnEdit(t *testing.T) {
	each(t, func(f *fixture) {
		if lockWaits[f.kind] == "" {
			return // there is no telling when the call waits
		}
		e := f.execute(client.Every(time.Minute))
		err := f.overtake("UPDATE QRTZ_EXECUTE SET VERSION = VERSION + 1, NAME = 'theirs' WHERE ID = ?", e.ID, func() error {
			_, err := f.UpdateExecute(f.ctx, e.ID, e.Version, client.SetSchedule(client.Every(time.Hour)))
			return err
		})
		var version *client.VersionConflictError
		require.ErrorAs(f, err, &version)
		require.Equal(f, time.Minute.Milliseconds(), f.row(e.ID).RepeatInterval)
	})
}

// An edit of the schedule that a claim overtakes is computed from what was claimed.
func TestEditThatMeetsAClaim(t *testing.T) {
	each(t, func(f *fixture) {
		if lockWaits[f.kind] == "" {
			return // there is no telling when the call waits
		}
		e := f.execute(client.Every(time.Minute))
		claim := `UPDATE QRTZ_EXECUTE SET PREV_FIRE_TIME = NEXT_FIRE_TIME + 600000, HIGH_TIME = NEXT_FIRE_TIME + 600000,
			NEXT_FIRE_TIME = NEXT_FIRE_TIME + 660000 WHERE ID = ?`
		err := f.overtake(claim, e.ID, func() error {
			_, err := f.UpdateExecute(f.ctx, e.ID, e.Version, client.SetSchedule(client.Every(time.Second)))
			return err
		})
		require.NoError(f, err)
		row := f.row(e.ID)
		require.Equal(f, time.Second.Milliseconds(), row.RepeatInterval)
		require.Greater(f, row.NextFireTime, row.HighTime)
	})
}
