package clienttest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// Whatever writes a row of a job or an execute writes down who did it.
func TestEveryChangeHasItsActor(t *testing.T) {
	each(t, func(f *fixture) {
		as := func(who string) context.Context { return client.WithActor(f.ctx, who) }
		by := func(id client.ID) string { return f.row(id).UpdatedBy }
		job, err := f.AddJob(as("ann"), client.Job{App: "billing", Class: "x", Name: "n"})
		require.NoError(f, err)
		require.Equal(f, "ann", job.UpdatedBy)
		e, err := f.AddExecute(as("ben"), job.ID, client.Every(time.Hour))
		require.NoError(f, err)
		require.Equal(f, "ben", by(e.ID))
		job, err = f.UpdateJob(as("cy"), job.ID, job.Version, client.SetClass("y"))
		require.NoError(f, err)
		require.Equal(f, "cy", job.UpdatedBy)
		for who, change := range map[string]func(ctx context.Context) error{
			"dan": func(ctx context.Context) error {
				_, err := f.UpdateExecute(ctx, e.ID, e.Version, client.SetName("e"))
				return err
			},
			"eve": func(ctx context.Context) error { _, err := f.PauseExecute(ctx, e.ID); return err },
		} {
			require.NoError(f, change(as(who)))
			require.Equal(f, who, by(e.ID))
			f.exec("UPDATE QRTZ_EXECUTE SET VERSION = 0, STATE = 'EXECUTING' WHERE ID = ?", int64(e.ID))
		}
		cascade, err := f.PauseJobWithExecutes(as("fay"), job.ID)
		require.NoError(f, err)
		require.Equal(f, []string{"fay", "fay"}, []string{cascade.Job.UpdatedBy, by(e.ID)})
		_, err = f.ResumeJobWithExecutes(as("gus"), job.ID)
		require.NoError(f, err)
		require.Equal(f, "gus", by(e.ID))

		f.fires(e.ID, noon, 1, 7)
		require.NoError(f, f.CancelFire(as("hal"), client.FireID{ExecuteID: e.ID, Time: noon, Attempt: 1}))
		require.Equal(f, "hal", by(e.ID), "who ordered it")
		fires, err := f.RunNow(as("ida"), e.ID)
		require.NoError(f, err)
		require.EqualValues(f, 1, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE WHERE ORIGIN = 'RUN_NOW' AND UPDATED_BY = 'ida'"))
		require.NoError(f, f.CancelFire(as("jo"), fires[0]))
		require.Equal(f, "jo", by(e.ID), "what was dropped is recorded on its origin")
		require.Contains(f, f.row(e.ID).LastError, "cancelled by jo ")

		_, err = f.PauseApp(as("kim"), "billing")
		require.NoError(f, err)
		events, err := f.Events(f.ctx, "billing")
		require.NoError(f, err)
		require.Equal(f, []client.AppEvent{{At: noon, Kind: schema.EventPaused, By: "kim"}}, events, "edits are no events of the app")
	})
}

func TestTheActorOfTheContextGoesFirst(t *testing.T) {
	each(t, func(f *fixture) {
		add := func(ctx context.Context, c *client.Client) string {
			job, err := c.AddJob(ctx, client.Job{App: "billing", Class: "x"})
			require.NoError(f, err)
			return job.UpdatedBy
		}
		require.Equal(f, "tester", add(f.ctx, f.Client))
		require.Equal(f, "as", add(f.ctx, f.As("as")))
		ctx := client.WithActor(f.ctx, "user")
		require.Equal(f, "user", add(ctx, f.As("as")))
		require.Equal(f, "other", add(client.WithActor(ctx, "other"), f.Client))
		require.Equal(f, "as", add(client.WithActor(ctx, ""), f.As("as")), "nobody in particular")
	})
}
