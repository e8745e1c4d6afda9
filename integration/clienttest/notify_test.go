package clienttest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// notifier writes down what it is to tell, in a table and so as a part of the
// transaction, and may then send a statement that fails.
type notifier struct{ broken bool }

func (n *notifier) Notify(ctx context.Context, tx *gorm.DB, app, hint string) error {
	err := tx.WithContext(ctx).Exec("INSERT INTO told (app, hint) VALUES (?, ?)", app, hint).Error
	if n.broken {
		err = tx.WithContext(ctx).Exec("INSERT INTO nowhere (app) VALUES (?)", app).Error
	}
	return err
}

// notifying returns a client with a notifier, and what returns the hints that were
// told to the app since it was asked before.
func (f *fixture) notifying(n *notifier) (c *client.Client, told func() []schema.Hint) {
	f.Helper()
	require.NoError(f, f.db.Exec("CREATE TABLE told (app VARCHAR(50), hint VARCHAR(50))").Error)
	return f.another(client.Config{Notifier: n, CallTimeout: -1}), func() (hints []schema.Hint) {
		f.Helper()
		var texts []string
		require.NoError(f, f.db.Raw("SELECT hint FROM told WHERE app = ?", "billing").Scan(&texts).Error)
		require.EqualValues(f, len(texts), f.count("SELECT COUNT(*) FROM told"), "nobody else is told")
		require.NoError(f, f.db.Exec("DELETE FROM told").Error)
		for _, text := range texts {
			hints = append(hints, schema.ParseHint(text))
			require.Equal(f, text, hints[len(hints)-1].String())
		}
		return hints
	}
}

func TestNodesAreToldWhatIsDue(t *testing.T) {
	each(t, func(f *fixture) {
		c, told := f.notifying(&notifier{})
		only := func(h schema.Hint) {
			f.Helper()
			require.Equal(f, []schema.Hint{h}, told())
		}
		shard := func(e *client.ExecuteInfo) schema.Hint { return schema.HintOf(f.row(e.ID).Shard) }
		job := f.job()
		add := func(s client.Schedule, options ...client.ExecuteOption) *client.ExecuteInfo {
			f.Helper()
			e, err := c.AddExecute(f.ctx, job.ID, s, options...)
			require.NoError(f, err)
			return e
		}

		now := add(client.Now())
		only(shard(now))
		only(shard(add(client.At(noon.Add(time.Minute)))))
		late := add(client.At(noon.Add(time.Minute + time.Millisecond)))
		add(client.Now(), client.Paused())
		add(client.Now(), client.OnAllNodes())
		require.Empty(f, told(), "not soon, not enabled, not run by itself")
		add(client.Now(), client.OnMaster())
		only(schema.HintOf(schema.SharedShard))

		batch := make([]client.Execute, 40)
		for i := range batch {
			batch[i].Schedule = client.Now()
		}
		many, err := c.AddExecutes(f.ctx, job.ID, batch)
		require.NoError(f, err)
		var all schema.Hint
		for _, e := range many {
			all |= shard(e)
		}
		only(all)

		edited, err := c.UpdateExecute(f.ctx, late.ID, late.Version, client.SetSchedule(client.At(noon.Add(time.Hour))))
		require.NoError(f, err)
		require.Empty(f, told())
		edited, err = c.UpdateExecute(f.ctx, late.ID, edited.Version, client.SetSchedule(client.At(noon.Add(time.Second))))
		require.NoError(f, err)
		only(shard(late))
		_, err = c.UpdateExecute(f.ctx, late.ID, edited.Version, client.SetRunOn(schema.RunOnSome, "here"))
		require.NoError(f, err)
		only(schema.HintOf(schema.SharedShard))

		_, err = c.RunNow(f.ctx, now.ID)
		require.NoError(f, err)
		only(schema.HintOf(f.onlyChild(now.ID).Shard))

		_, err = c.PauseExecute(f.ctx, late.ID)
		require.NoError(f, err)
		_, err = c.PauseJob(f.ctx, job.ID)
		require.NoError(f, err)
		require.Empty(f, told())
		_, err = c.ResumeExecute(f.ctx, late.ID)
		require.NoError(f, err)
		only(schema.HintShards)
		_, err = c.ResumeJob(f.ctx, job.ID)
		require.NoError(f, err)
		only(schema.HintShards)
		_, err = c.ResumeExecute(f.ctx, late.ID)
		require.NoError(f, err)
		_, err = c.ResumeJobWithExecutes(f.ctx, job.ID)
		require.NoError(f, err)
		only(schema.HintShards) // one of them was added paused
		_, err = c.ResumeJobWithExecutes(f.ctx, job.ID)
		require.NoError(f, err)
		require.Empty(f, told(), "nothing was resumed")

		_, err = c.PauseApp(f.ctx, "billing")
		require.NoError(f, err)
		only(schema.HintApp)
		_, err = c.ResumeApp(f.ctx, "billing")
		require.NoError(f, err)
		only(schema.HintApp)
		_, err = c.ResumeApp(f.ctx, "billing")
		require.NoError(f, err)
		require.Empty(f, told())
	})
}

// Run-now on all nodes is for each of them.
func TestNodesAreToldOfWhatEachOfThemRuns(t *testing.T) {
	each(t, func(f *fixture) {
		c, told := f.notifying(&notifier{})
		f.register("node", 17)
		f.exec("UPDATE QRTZ_NODE SET HANDLERS = ?", `["invoice.send"]`)
		e := f.execute(client.Every(time.Hour), client.OnAllNodes())
		_, err := c.RunNow(f.ctx, e.ID)
		require.NoError(f, err)
		require.Equal(f, []schema.Hint{schema.HintOf(schema.NodeShard(17))}, told())
	})
}

// What is told goes the way of the transaction.
func TestNodesAreToldWhenTheTransactionCommits(t *testing.T) {
	each(t, func(f *fixture) {
		c, told := f.notifying(&notifier{})
		job := f.job()
		for _, end := range []func(tx *gorm.DB) *gorm.DB{(*gorm.DB).Rollback, (*gorm.DB).Commit} {
			tx := f.db.Begin()
			require.NoError(f, tx.Error)
			e, err := c.WithTx(tx).AddExecute(f.ctx, job.ID, client.Now(), client.Named("one"))
			require.NoError(f, err)
			_, err = c.WithTx(tx).AddExecute(f.ctx, job.ID, client.Now(), client.Named("one"))
			require.ErrorIs(f, err, client.ErrAlreadyExists)
			require.NoError(f, end(tx).Error)
			if f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE") == 0 {
				require.Empty(f, told())
			} else {
				require.Equal(f, []schema.Hint{schema.HintOf(f.row(e.ID).Shard)}, told())
			}
		}
	})
}

// A notifier that fails takes nothing with it: neither a call, nor the caller's
// transaction.
func TestANotifierThatFails(t *testing.T) {
	each(t, func(f *fixture) {
		c, told := f.notifying(&notifier{broken: true})
		everything(f, c)
		tx := f.db.Begin()
		require.NoError(f, tx.Error)
		job, err := c.WithTx(tx).AddJob(f.ctx, client.Job{App: "billing", Class: "x"})
		require.NoError(f, err)
		e, err := c.WithTx(tx).AddExecute(f.ctx, job.ID, client.Now())
		require.NoError(f, err)
		_, err = c.WithTx(tx).RunNow(f.ctx, e.ID)
		require.NoError(f, err)
		require.NoError(f, tx.Commit().Error)
		f.onlyChild(e.ID)
		_, err = c.PauseApp(f.ctx, "billing")
		require.NoError(f, err)
		require.Empty(f, told(), "its own writing is taken back")
	})
}
