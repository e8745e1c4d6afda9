package clienttest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

func TestAppsAndNodes(t *testing.T) {
	each(t, func(f *fixture) {
		_, err := f.AddApp(f.ctx, client.App{Name: "billing"})
		require.ErrorIs(f, err, client.ErrAlreadyExists)
		node, err := f.AddNode(f.ctx, client.Node{App: "billing", Key: "10.0.0.1", Paused: true})
		require.NoError(f, err)
		read, err := f.GetNode(f.ctx, "billing", "10.0.0.1")
		require.NoError(f, err)
		require.Equal(f, node, read)
		require.Equal(f, "10.0.0.1", node.HostName)
		require.False(f, node.Live)
		_, err = f.AddNode(f.ctx, client.Node{App: "billing", Key: "10.0.0.1"})
		require.ErrorIs(f, err, client.ErrAlreadyExists)
		_, err = f.AddNode(f.ctx, client.Node{App: "nowhere", Key: "10.0.0.1"})
		require.ErrorIs(f, err, client.ErrNotFound)
		require.EqualValues(f, 1, f.count("SELECT COUNT(*) FROM QRTZ_NODE"))
		_, err = f.AddAppWithNode(f.ctx, client.Node{App: "fresh", Key: "k"})
		require.NoError(f, err)

		// An app's pause leaves its nodes' own alone, both ways.
		_, err = f.AddNode(f.ctx, client.Node{App: "billing", Key: "10.0.0.2"})
		require.NoError(f, err)
		paused := func() (list []bool) {
			for _, key := range []string{"10.0.0.1", "10.0.0.2"} {
				n, err := f.GetNode(f.ctx, "billing", key)
				require.NoError(f, err)
				list = append(list, n.Paused)
			}
			return list
		}
		for range 2 { // the second time changes nothing
			app, err := f.PauseApp(f.ctx, "billing")
			require.NoError(f, err)
			require.True(f, app.Paused)
			require.EqualValues(f, 1, app.Version)
		}
		require.Equal(f, []bool{true, false}, paused())
		app, err := f.ResumeApp(f.ctx, "billing")
		require.NoError(f, err)
		require.False(f, app.Paused)
		require.Equal(f, []bool{true, false}, paused())
		_, err = f.PauseAppWithNodes(f.ctx, "billing")
		require.NoError(f, err)
		require.Equal(f, []bool{true, true}, paused())
		_, err = f.ResumeAppWithNodes(f.ctx, "billing")
		require.NoError(f, err)
		require.Equal(f, []bool{false, false}, paused())
		for range 2 {
			_, err = f.PauseNode(f.ctx, "billing", "10.0.0.2")
			require.NoError(f, err)
		}
		for given, name := range map[string]string{"two": "two", "": "10.0.0.2"} {
			renamed, err := f.UpdateNode(f.ctx, "billing", "10.0.0.2", client.SetHostName(given))
			require.NoError(f, err)
			require.Equal(f, name, renamed.HostName)
			require.Equal(f, []bool{false, true}, paused())
		}
		_, err = f.UpdateNode(f.ctx, "billing", "10.0.0.2", client.SetHostName("\x1b"))
		requireField(f, err, "hostName")
		_, err = f.ResumeNode(f.ctx, "billing", "10.0.0.2")
		require.NoError(f, err)

		require.Contains(f, requireConflict(f, f.DeleteApp(f.ctx, "billing"), client.KindApp), "nodes")
		for _, key := range []string{"10.0.0.1", "10.0.0.2"} {
			require.NoError(f, f.DeleteNode(f.ctx, "billing", key))
		}
		require.ErrorIs(f, f.DeleteNode(f.ctx, "billing", "10.0.0.1"), client.ErrNotFound)
		job := f.job()
		require.Contains(f, requireConflict(f, f.DeleteApp(f.ctx, "billing"), client.KindApp), "jobs")
		require.NoError(f, f.DeleteJob(f.ctx, job.ID))
		require.NoError(f, f.DeleteApp(f.ctx, "billing"))
		require.ErrorIs(f, f.DeleteApp(f.ctx, "billing"), client.ErrNotFound)
		_, err = f.GetApp(f.ctx, "billing")
		require.ErrorIs(f, err, client.ErrNotFound)
		_, err = f.PauseApp(f.ctx, "billing")
		require.ErrorIs(f, err, client.ErrNotFound)
		_, err = f.PauseNode(f.ctx, "billing", "10.0.0.1")
		require.ErrorIs(f, err, client.ErrNotFound)
	})
}

// In the Java edition SQL errors came back as null, 0 or "not found".
func TestDatabaseFailureIsNeverNotFound(t *testing.T) {
	each(t, func(f *fixture) {
		e := f.execute(client.Every(time.Minute))
		cancelled, cancel := context.WithCancel(f.ctx)
		cancel()
		absent := f.another(client.Config{TablePrefix: "ABSENT_"})
		for name, call := range map[string]func(ctx context.Context, c *client.Client) error{
			"GetApp": func(ctx context.Context, c *client.Client) error { _, err := c.GetApp(ctx, "billing"); return err },
			"AddApp": func(ctx context.Context, c *client.Client) error {
				_, err := c.AddApp(ctx, client.App{Name: "n"})
				return err
			},
			"PauseApp":  func(ctx context.Context, c *client.Client) error { _, err := c.PauseApp(ctx, "billing"); return err },
			"DeleteApp": func(ctx context.Context, c *client.Client) error { return c.DeleteApp(ctx, "billing") },
			"ListApps": func(ctx context.Context, c *client.Client) error {
				_, err := c.ListApps(ctx, client.AppFilter{})
				return err
			},
			"GetNode": func(ctx context.Context, c *client.Client) error {
				_, err := c.GetNode(ctx, "billing", "k")
				return err
			},
			"AddNode": func(ctx context.Context, c *client.Client) error {
				_, err := c.AddNode(ctx, client.Node{App: "billing", Key: "k"})
				return err
			},
			"PauseNode": func(ctx context.Context, c *client.Client) error {
				_, err := c.PauseNode(ctx, "billing", "k")
				return err
			},
			"DeleteNode": func(ctx context.Context, c *client.Client) error { return c.DeleteNode(ctx, "billing", "k") },
			"GetJob":     func(ctx context.Context, c *client.Client) error { _, err := c.GetJob(ctx, e.JobID); return err },
			"AddJob": func(ctx context.Context, c *client.Client) error {
				_, err := c.AddJob(ctx, client.Job{App: "billing", Class: "x"})
				return err
			},
			"UpdateJob": func(ctx context.Context, c *client.Client) error {
				_, err := c.UpdateJob(ctx, e.JobID, 0, client.SetClass("y"))
				return err
			},
			"DeleteJob": func(ctx context.Context, c *client.Client) error { return c.DeleteJob(ctx, e.JobID) },
			"DeleteJobWith": func(ctx context.Context, c *client.Client) error {
				_, err := c.DeleteJobWithExecutes(ctx, e.JobID)
				return err
			},
			"GetExecute": func(ctx context.Context, c *client.Client) error { _, err := c.GetExecute(ctx, e.ID); return err },
			"AddExecute": func(ctx context.Context, c *client.Client) error {
				_, err := c.AddExecute(ctx, e.JobID, client.Now())
				return err
			},
			"UpdateExecute": func(ctx context.Context, c *client.Client) error {
				_, err := c.UpdateExecute(ctx, e.ID, 0, client.SetName("n"))
				return err
			},
			"SetMode": func(ctx context.Context, c *client.Client) error {
				_, err := c.SetMode(ctx, "billing", schema.MasterOnly)
				return err
			},
			"Events": func(ctx context.Context, c *client.Client) error { _, err := c.Events(ctx, "billing"); return err },
			"PingNode": func(ctx context.Context, c *client.Client) error {
				_, err := c.PingNode(ctx, "billing", "k")
				return err
			},
			"WaitMaintenance": func(ctx context.Context, c *client.Client) error {
				return c.WaitMaintenance(ctx, "billing")
			},
			"RunNow": func(ctx context.Context, c *client.Client) error { _, err := c.RunNow(ctx, e.ID); return err },
			"Cancel": func(ctx context.Context, c *client.Client) error { _, err := c.Cancel(ctx, e.ID); return err },
			"Running": func(ctx context.Context, c *client.Client) error {
				_, err := c.Running(ctx, client.RunningFilter{})
				return err
			},
			"SuspendExecute": func(ctx context.Context, c *client.Client) error {
				_, err := c.SuspendExecute(ctx, e.ID)
				return err
			},
			"PauseExecute":  func(ctx context.Context, c *client.Client) error { _, err := c.PauseExecute(ctx, e.ID); return err },
			"DeleteExecute": func(ctx context.Context, c *client.Client) error { return c.DeleteExecute(ctx, e.ID) },
			"ListExecutes": func(ctx context.Context, c *client.Client) error {
				_, err := c.ListExecutes(ctx, client.ExecuteFilter{})
				return err
			},
			"Ensure": func(ctx context.Context, c *client.Client) error {
				_, err := c.Ensure(ctx, client.Declaration{Job: client.Job{App: "billing", Class: "x", Name: "n"}})
				return err
			},
		} {
			err := call(cancelled, f.Client)
			require.ErrorIs(f, err, context.Canceled, name)
			require.NotErrorIs(f, err, client.ErrNotFound, name)
			err = call(f.ctx, absent)
			require.ErrorContains(f, err, "schema.Migrate", name)
			require.NotErrorIs(f, err, client.ErrNotFound, name)
		}
	})
}

func TestDatabaseInfo(t *testing.T) {
	each(t, func(f *fixture) {
		info, err := f.Database(f.ctx)
		require.NoError(f, err)
		require.Equal(f, string(f.sql.Dialect()), info.Dialect)
		require.NotEmpty(f, info.Version)
		require.Equal(f, noon, info.Now)
	})
}

// Another prefix is another set of tables, in every call.
func TestPrefixIsObeyedEverywhere(t *testing.T) {
	each(t, func(f *fixture) {
		require.NoError(f, schema.Migrate(f.ctx, f.db, schema.Options{TablePrefix: "OTHER_", Logger: slog.New(slog.DiscardHandler)}))
		other := f.another(client.Config{TablePrefix: "OTHER_"})
		_, err := other.AddApp(f.ctx, client.App{Name: "billing"})
		require.NoError(f, err)
		everything(f, other)
		require.Zero(f, f.count("SELECT COUNT(*) FROM QRTZ_JOB")+f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE")+f.count("SELECT COUNT(*) FROM QRTZ_NODE"))
	})
}
