package clienttest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
)

func TestWhatIsMissingAndWhatIsTakenIsNamed(t *testing.T) {
	each(t, func(f *fixture) {
		e := f.execute(client.Every(time.Hour), client.Named("hourly"))
		other, err := f.AddExecute(f.ctx, e.JobID, client.Now())
		require.NoError(f, err)
		_, err = f.AddJob(f.ctx, client.Job{App: "billing", Class: "x", Name: "nightly"})
		require.NoError(f, err)
		_, err = f.AddNode(f.ctx, client.Node{App: "billing", Key: "a"})
		require.NoError(f, err)
		ofJob := fmt.Sprintf("job %s", e.JobID)

		for want, call := range map[client.NotFoundError]func() error{
			{Kind: client.KindApp, Key: "nowhere"}:                 func() error { _, err := f.GetApp(f.ctx, "nowhere"); return err },
			{Kind: client.KindNode, Key: "billing/b"}:              func() error { _, err := f.PauseNode(f.ctx, "billing", "b"); return err },
			{Kind: client.KindJob, Key: "7"}:                       func() error { _, err := f.AddExecute(f.ctx, 7, client.Now()); return err },
			{Kind: client.KindJob, Key: "none", Of: "app billing"}: func() error { _, err := f.GetJobByName(f.ctx, "billing", "none"); return err },
			{Kind: client.KindExecute, Key: "8"}:                   func() error { return f.DeleteExecute(f.ctx, 8) },
			{Kind: client.KindExecute, Key: "none", Of: ofJob}:     func() error { _, err := f.GetExecuteByName(f.ctx, e.JobID, "none"); return err },
		} {
			err := call()
			require.ErrorIs(f, err, client.ErrNotFound)
			var missing *client.NotFoundError
			require.ErrorAs(f, err, &missing)
			require.Equal(f, want, *missing)
		}

		for want, call := range map[client.AlreadyExistsError]func() error{
			{Kind: client.KindApp, Key: "billing"}:                    func() error { _, err := f.AddApp(f.ctx, client.App{Name: "billing"}); return err },
			{Kind: client.KindNode, Key: "billing/a"}:                 func() error { _, err := f.AddNode(f.ctx, client.Node{App: "billing", Key: "a"}); return err },
			{Kind: client.KindJob, Key: "nightly", Of: "app billing"}: func() error { _, err := f.UpdateJob(f.ctx, e.JobID, 0, client.SetName("nightly")); return err },
			{Kind: client.KindExecute, Key: "hourly", Of: ofJob}:      func() error { _, err := f.UpdateExecute(f.ctx, other.ID, 0, client.SetName("hourly")); return err },
		} {
			err := call()
			require.ErrorIs(f, err, client.ErrAlreadyExists)
			var taken *client.AlreadyExistsError
			require.ErrorAs(f, err, &taken)
			require.Equal(f, want, *taken)
		}
	})
}
