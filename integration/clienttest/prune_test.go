package clienttest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
)

func TestPruneDeletesWhatTheDocumentDoesNotName(t *testing.T) {
	each(t, func(f *fixture) {
		f.apply(f.read(full), client.ApplyOptions{})
		doc := f.read(full)
		doc.Jobs = doc.Jobs[:1]
		doc.Jobs[0].Executes = doc.Jobs[0].Executes[2:]
		job, err := f.GetJobByName(f.ctx, "billing", "invoices")
		require.NoError(f, err)
		run, err := f.AddExecute(f.ctx, job.ID, client.Now())
		require.NoError(f, err)
		stray, err := f.AddExecute(f.ctx, job.ID, client.Every(time.Minute))
		require.NoError(f, err)
		require.True(f, f.apply(doc, client.ApplyOptions{}).Empty())
		require.Equal(f, []string{
			"deleted execute invoices/at once", "deleted execute invoices/later", "deleted execute invoices/unnamed-" + stray.ID.String(),
			"deleted job quiet",
		}, told(f.apply(doc, client.ApplyOptions{Prune: true})))
		require.EqualValues(f, 1, f.count("SELECT COUNT(*) FROM QRTZ_JOB"))
		require.EqualValues(f, 2, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE"))
		require.Equal(f, run.ID, client.ID(f.row(run.ID).ID), "a run that a program has asked for")
		require.True(f, f.apply(doc, client.ApplyOptions{Prune: true}).Empty())
		_, err = f.Apply(f.ctx, client.Document{App: "billing"}, client.ApplyOptions{Prune: true})
		requireField(f, err, "jobs")
	})
}
