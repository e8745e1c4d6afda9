package clienttest

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

func declaration() client.Declaration {
	return client.Declaration{
		Job: client.Job{App: "reports", Name: "nightly", Class: "report.make", Data: map[string]string{"to": "all"}},
		Executes: []client.Execute{
			{Name: "weekdays", Schedule: client.Cron("0 0 2 ? * MON-FRI", "Europe/Berlin")},
			{Name: "often", Schedule: client.Every(time.Minute)},
			{Name: "once", Schedule: client.Now()},
		},
	}
}

func changes(e *client.Ensured) []client.Change {
	list := []client.Change{e.JobChange}
	for _, x := range e.Executes {
		list = append(list, x.Change)
	}
	return list
}

func TestTenReplicasEnsureOneJob(t *testing.T) {
	each(t, func(f *fixture) {
		var all sync.WaitGroup
		results := make([]*client.Ensured, 10)
		for i := range results {
			all.Go(func() {
				var err error
				if results[i], err = f.Ensure(f.ctx, declaration()); err != nil {
					f.Errorf("ensure: %v", err)
				}
			})
		}
		all.Wait()
		require.EqualValues(f, 1, f.count("SELECT COUNT(*) FROM QRTZ_JOB"))
		require.EqualValues(f, 3, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE"))
		created := 0
		for _, r := range results {
			require.NotNil(f, r)
			require.Equal(f, results[0].Job, r.Job)
			for i, e := range r.Executes {
				require.Equal(f, results[0].Executes[i].ExecuteInfo, e.ExecuteInfo)
				if e.Change == client.Created {
					created++
				}
			}
		}
		require.Equal(f, 3, created, "each is created by one of them")
	})
}

func TestEnsureLeavesWhatIsAsDeclared(t *testing.T) {
	each(t, func(f *fixture) {
		first, err := f.Ensure(f.ctx, declaration())
		require.NoError(f, err)
		require.Equal(f, []client.Change{client.Created, client.Created, client.Created, client.Created}, changes(first))
		// Time has passed, things have fired, an operator has paused, another has added.
		f.claimed(first.Executes[1].ID, noon.Add(time.Minute), noon.Add(2*time.Minute))
		f.claimed(first.Executes[2].ID, noon, time.Time{})
		f.setExecuteState(first.Executes[2].ID, schema.Complete)
		_, err = f.PauseExecute(f.ctx, first.Executes[0].ID)
		require.NoError(f, err)
		_, err = f.PauseJob(f.ctx, first.Job.ID)
		require.NoError(f, err)
		_, err = f.AddExecute(f.ctx, first.Job.ID, client.Now(), client.Named("by hand"))
		require.NoError(f, err)
		f.pass(time.Hour)
		var before []schema.Execute
		for _, e := range first.Executes {
			before = append(before, f.row(e.ID))
		}
		second, err := f.Ensure(f.ctx, declaration())
		require.NoError(f, err)
		require.Equal(f, []client.Change{client.Unchanged, client.Unchanged, client.Unchanged, client.Unchanged}, changes(second))
		for i, e := range second.Executes {
			require.Equal(f, before[i], f.row(e.ID))
		}
		require.Equal(f, schema.Paused, second.Job.State)
		require.EqualValues(f, 4, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE"))
	})
}

func TestEnsureEditsWhatDiffers(t *testing.T) {
	each(t, func(f *fixture) {
		first, err := f.Ensure(f.ctx, declaration())
		require.NoError(f, err)
		_, err = f.PauseExecute(f.ctx, first.Executes[0].ID)
		require.NoError(f, err)
		d := declaration()
		d.Job.Class, d.Job.Data = "report.make2", nil
		d.Executes[0].Schedule = client.Cron("0 0 3 ? * MON-FRI", "Europe/Berlin")
		d.Executes[1].Data, d.Executes[1].Misfire = []int{1}, schema.Skip
		d.Executes = append(d.Executes, client.Execute{Name: "new", Schedule: client.Every(time.Hour)})
		second, err := f.Ensure(f.ctx, d)
		require.NoError(f, err)
		require.Equal(f, []client.Change{client.Updated, client.Updated, client.Updated, client.Unchanged, client.Created}, changes(second))
		require.Equal(f, first.Job.ID, second.Job.ID)
		require.Equal(f, "report.make2", second.Job.Class)
		require.Empty(f, second.Job.Data)
		require.Equal(f, schema.Paused, second.Executes[0].State)
		require.Equal(f, "0 0 3 ? * MON-FRI", second.Executes[0].Schedule.Cron)
		require.Equal(f, first.Executes[1].NextFire, second.Executes[1].NextFire)
		for _, e := range second.Executes {
			read, err := f.GetExecute(f.ctx, e.ID)
			require.NoError(f, err)
			require.Equal(f, read, e.ExecuteInfo)
		}
		again, err := f.Ensure(f.ctx, d)
		require.NoError(f, err)
		require.NotContains(f, changes(again), client.Updated)
	})
}

func TestBadDeclarationWritesNothing(t *testing.T) {
	each(t, func(f *fixture) {
		for field, spoil := range map[string]func(d *client.Declaration){
			"job.name":            func(d *client.Declaration) { d.Job.Name = "" },
			"job.class":           func(d *client.Declaration) { d.Job.Class = "" },
			"executes[1].name":    func(d *client.Declaration) { d.Executes[1].Name = "" },
			"executes[0].zone":    func(d *client.Declaration) { d.Executes[0].Schedule.Zone = "UTC+8" },
			"executes[2].start":   func(d *client.Declaration) { d.Executes[2].Schedule = client.At(noon.Add(-time.Hour)) },
			"executes[2].name":    func(d *client.Declaration) { d.Executes[2].Name = "often" },
			"executes[0].misfire": func(d *client.Declaration) { d.Executes[0].Misfire = "NEVER" },
		} {
			d := declaration()
			spoil(&d)
			_, err := f.Ensure(f.ctx, d)
			requireField(f, err, field)
			require.Zero(f, f.count("SELECT COUNT(*) FROM QRTZ_JOB")+f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE"))
		}
	})
}
