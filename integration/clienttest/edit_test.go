package clienttest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

func TestEditWithoutScheduleLeavesTheNextFire(t *testing.T) {
	each(t, func(f *fixture) {
		e := f.execute(client.Every(time.Minute))
		before := f.row(e.ID)
		f.pass(time.Hour)
		edited, err := f.As("alice").UpdateExecute(f.ctx, e.ID, e.Version,
			client.SetName("n"), client.SetData(`{"a":1}`), client.SetMisfire(schema.Skip, 0),
			client.SetSchedule(client.Every(time.Minute))) // says what is there already
		require.NoError(f, err)
		want := before
		want.Name, want.Data, want.Misfire, want.Version = "n", `{"a":1}`, schema.Skip, 1
		want.UpdateTime, want.UpdatedBy = noon.Add(time.Hour).UnixMilli(), "alice"
		require.Equal(f, want, f.row(e.ID))
		read, err := f.GetExecute(f.ctx, e.ID)
		require.NoError(f, err)
		require.Equal(f, edited, read)

		_, err = f.UpdateExecute(f.ctx, e.ID, edited.Version, client.SetName(""), client.SetData(nil))
		require.NoError(f, err)
		require.Empty(f, f.row(e.ID).Name)
		require.Empty(f, f.row(e.ID).Data)
	})
}

func TestEditFromAnOldVersionIsRefused(t *testing.T) {
	each(t, func(f *fixture) {
		e := f.execute(client.Every(time.Minute))
		_, err := f.UpdateExecute(f.ctx, e.ID, e.Version, client.SetName("first"))
		require.NoError(f, err)
		for _, edit := range []client.ExecuteEdit{client.SetName("second"), client.SetSchedule(client.Every(time.Hour))} {
			_, err = f.UpdateExecute(f.ctx, e.ID, e.Version, edit)
			var conflict *client.VersionConflictError
			require.ErrorAs(f, err, &conflict)
			require.Equal(f, client.VersionConflictError{Kind: client.KindExecute, ID: e.ID, Given: 0, Current: 1}, *conflict)
		}
		require.Equal(f, "first", f.row(e.ID).Name)

		job := f.job()
		_, err = f.UpdateJob(f.ctx, job.ID, job.Version, client.SetDescription("first"))
		require.NoError(f, err)
		_, err = f.UpdateJob(f.ctx, job.ID, job.Version, client.SetDescription("second"))
		var conflict *client.VersionConflictError
		require.ErrorAs(f, err, &conflict)
		require.Equal(f, client.VersionConflictError{Kind: client.KindJob, ID: job.ID, Given: 0, Current: 1}, *conflict)
	})
}

func TestOfConcurrentEditsFromOneVersionOneWins(t *testing.T) {
	each(t, func(f *fixture) {
		e, job := f.execute(client.Every(time.Minute)), f.job()
		const rivals = 6
		var wins [2]int
		var mu sync.Mutex
		var all sync.WaitGroup
		for range rivals {
			all.Go(func() {
				_, err := f.UpdateExecute(f.ctx, e.ID, e.Version, client.SetSchedule(client.Every(time.Hour)))
				_, jobErr := f.UpdateJob(f.ctx, job.ID, job.Version, client.SetDescription("x"))
				mu.Lock()
				defer mu.Unlock()
				for i, err := range []error{err, jobErr} {
					var conflict *client.VersionConflictError
					if err == nil {
						wins[i]++
					} else if !errors.As(err, &conflict) {
						f.Errorf("neither done nor a version conflict: %v", err)
					}
				}
			})
		}
		all.Wait()
		require.Equal(f, [2]int{1, 1}, wins)
	})
}

func TestEditOfTheScheduleCountsWhatItPassesOver(t *testing.T) {
	each(t, func(f *fixture) {
		e := f.execute(client.Every(time.Minute))
		f.claimed(e.ID, noon, noon.Add(time.Minute))
		f.setNow(noon.Add(10*time.Minute + 30*time.Second)) // due since: minutes 1 to 10
		edited, err := f.UpdateExecute(f.ctx, e.ID, e.Version, client.SetSchedule(client.Cron("0 0 * * * ?", "Europe/Berlin")))
		require.NoError(f, err)
		require.EqualValues(f, 10, edited.Counts.Skipped)
		require.Equal(f, noon.Add(time.Hour), edited.NextFire)
		require.Equal(f, schema.Cron, edited.Schedule.Type)
		read, err := f.GetExecute(f.ctx, e.ID)
		require.NoError(f, err)
		require.Equal(f, edited, read)

		// And back, to instants of which one is now: that one is not lost.
		f.setNow(noon.Add(2 * time.Hour))
		edited, err = f.UpdateExecute(f.ctx, e.ID, edited.Version, client.SetSchedule(client.Every(time.Minute)))
		require.NoError(f, err)
		require.EqualValues(f, 10+1, edited.Counts.Skipped)
		require.Equal(f, noon.Add(2*time.Hour), edited.NextFire)
	})
}

// In the Java edition an update let an instant that had fired fire again.
func TestEditNeverReturnsToWhatWasClaimed(t *testing.T) {
	each(t, func(f *fixture) {
		e := f.execute(client.Every(time.Minute))
		ahead := noon.Add(200 * time.Millisecond) // claimed ahead of its time
		f.claimed(e.ID, ahead, noon.Add(time.Minute))
		edited, err := f.UpdateExecute(f.ctx, e.ID, e.Version,
			client.SetSchedule(client.Every(100*time.Millisecond).StartAt(noon)))
		require.NoError(f, err)
		require.Equal(f, noon.Add(300*time.Millisecond), edited.NextFire)
		require.Zero(f, edited.Counts.Skipped)

		// Without a start, a counted schedule begins after it, with all its fires.
		edited, err = f.UpdateExecute(f.ctx, e.ID, edited.Version, client.SetSchedule(client.Every(time.Hour).Times(3)))
		require.NoError(f, err)
		require.Equal(f, ahead.Add(time.Millisecond), edited.NextFire)
		times, err := f.Preview(f.ctx, e.ID, 10)
		require.NoError(f, err)
		require.Len(f, times, 3)

		// The Java client wrote an instant back that was claimed: it is not lost twice.
		f.exec("UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = ? WHERE ID = ?", noon.UnixMilli(), int64(e.ID))
		edited, err = f.UpdateExecute(f.ctx, e.ID, edited.Version, client.SetSchedule(client.Every(2*time.Hour)))
		require.NoError(f, err)
		require.Zero(f, edited.Counts.Skipped)
	})
}

// In the Java edition a finished counted execute could not run again.
func TestFinishedExecuteRunsAgainAfterAnEdit(t *testing.T) {
	each(t, func(f *fixture) {
		for _, s := range []client.Schedule{
			client.Every(time.Minute).Times(5), client.Now(), client.Cron("0 0 * * * ?", ""),
			client.Every(time.Minute).Times(3).StartAt(noon.Add(time.Hour)),
		} {
			e := f.execute(client.Every(time.Second).Times(3))
			last := noon.Add(2 * time.Second)
			f.claimed(e.ID, last, time.Time{})
			f.exec("UPDATE QRTZ_EXECUTE SET TIME_TRIGGERED = 3 WHERE ID = ?", int64(e.ID))
			f.setExecuteState(e.ID, schema.Complete)
			f.setJobState(e.JobID, schema.Complete)
			f.pass(time.Minute)
			edited, err := f.UpdateExecute(f.ctx, e.ID, e.Version, client.SetSchedule(s))
			require.NoError(f, err)
			require.Equal(f, schema.Executing, edited.State)
			require.Equal(f, schema.Executing, f.jobState(e.JobID))
			require.True(f, edited.NextFire.After(last))
			if s.Type == schema.Simple {
				require.Zero(f, f.row(e.ID).TimeTriggered)
			}
			f.setNow(noon)
		}
		// The same again is no edit of the schedule.
		e := f.execute(client.Every(time.Second).Times(3))
		f.claimed(e.ID, noon.Add(2*time.Second), time.Time{})
		f.setExecuteState(e.ID, schema.Complete)
		f.pass(time.Minute)
		edited, err := f.UpdateExecute(f.ctx, e.ID, e.Version, client.SetSchedule(e.Schedule))
		require.NoError(f, err)
		require.Equal(f, schema.Complete, edited.State)
		// And one that leaves nothing is refused.
		_, err = f.UpdateExecute(f.ctx, e.ID, edited.Version, client.SetSchedule(client.Every(time.Second).Times(10).StartAt(noon)))
		requireField(f, err, "start")
	})
}

func TestEditTakesAnExecuteOutOfError(t *testing.T) {
	each(t, func(f *fixture) {
		e := f.execute(client.Cron("0 0 * * * ?", ""))
		f.exec("UPDATE QRTZ_EXECUTE SET STATE = 'ERROR', ZONE_ID = 'UTC+8', LAST_ERROR = 'zone' WHERE ID = ?", int64(e.ID))
		f.pass(90 * time.Minute)
		_, err := f.ResumeExecute(f.ctx, e.ID)
		require.Contains(f, requireConflict(f, err, client.KindExecute), "UTC+8")
		edited, err := f.UpdateExecute(f.ctx, e.ID, e.Version, client.SetSchedule(client.Cron("0 0 * * * ?", "Asia/Shanghai")))
		require.NoError(f, err)
		require.Equal(f, schema.Executing, edited.State)
		require.Empty(f, edited.LastError)
		require.EqualValues(f, 1, edited.Counts.Skipped, "the one instant that was known")
	})
}

// Edits go through although the row's next fire moves all the time, and every
// instant is either claimed or counted as skipped.
func TestEditOfABusyExecute(t *testing.T) {
	each(t, func(f *fixture) {
		e := f.execute(client.Every(10 * time.Millisecond))
		ctx, stop := context.WithCancel(f.ctx)
		var engine sync.WaitGroup
		engine.Go(func() {
			for ctx.Err() == nil { // claims, one after the other, by the interval in the row
				_, err := f.sql.Exec(f.ctx, `UPDATE QRTZ_EXECUTE SET PREV_FIRE_TIME = NEXT_FIRE_TIME, HIGH_TIME = NEXT_FIRE_TIME,
					NEXT_FIRE_TIME = NEXT_FIRE_TIME + REPEAT_INTERVAL, FIRE_COUNT = FIRE_COUNT + 1 WHERE ID = ?`, int64(e.ID))
				if err != nil {
					f.Errorf("claim: %v", err)
					return
				}
			}
		})
		version := e.Version
		for i := range 20 {
			edited, err := f.UpdateExecute(f.ctx, e.ID, version,
				client.SetSchedule(client.Every(time.Duration(10+i%2)*time.Millisecond).StartAt(noon)))
			if err == nil {
				edited, err = f.UpdateExecute(f.ctx, e.ID, edited.Version, client.SetName("n"))
			}
			if err == nil && i%5 == 0 {
				edited, err = f.PauseExecute(f.ctx, e.ID)
			}
			if err == nil && i%5 == 1 {
				edited, err = f.ResumeExecute(f.ctx, e.ID)
			}
			require.NoError(f, err)
			version = edited.Version
		}
		stop()
		engine.Wait()
		row := f.row(e.ID)
		require.Equal(f, version, row.Version)
		require.Positive(f, row.FireCount)
		require.Greater(f, row.NextFireTime, row.HighTime)
	})
}

func TestUpdateJob(t *testing.T) {
	each(t, func(f *fixture) {
		job := f.job()
		f.pass(time.Minute)
		edited, err := f.As("bob").UpdateJob(f.ctx, job.ID, job.Version, client.SetClass("invoice.print"),
			client.SetName("print"), client.SetDescription("prints"), client.SetData([]int{1, 2}))
		require.NoError(f, err)
		require.Equal(f, &client.JobInfo{
			ID: job.ID, App: "billing", Name: "print", Class: "invoice.print", Data: []byte("[1,2]"), Description: "prints",
			State: schema.Executing, Version: 1, UpdatedAt: noon.Add(time.Minute), UpdatedBy: "bob",
		}, edited)
		other := f.job()
		_, err = f.UpdateJob(f.ctx, other.ID, 0, client.SetName("print"))
		require.ErrorIs(f, err, client.ErrAlreadyExists)
		_, err = f.UpdateJob(f.ctx, other.ID, 0, client.SetClass(""))
		requireField(f, err, "class")

		a := f.execute(client.Now(), client.Named("a"))
		b, err := f.AddExecute(f.ctx, a.JobID, client.Now())
		require.NoError(f, err)
		_, err = f.UpdateExecute(f.ctx, b.ID, 0, client.SetName("a"))
		require.ErrorIs(f, err, client.ErrAlreadyExists)
		_, err = f.UpdateExecute(f.ctx, b.ID, 0, client.SetMisfire("SOON", 0))
		requireField(f, err, "misfire")
	})
}

// The Java edition counts characters where we count bytes: what it has written may stay.
func TestLongDescriptionsStayAsTheyAre(t *testing.T) {
	each(t, func(f *fixture) {
		if f.kind.IsOracle() {
			return // whose column counts bytes
		}
		long := strings.Repeat("字", 40)
		job := f.job()
		f.exec("UPDATE QRTZ_JOB SET JOB_DESCRIPTION = ? WHERE ID = ?", long, int64(job.ID))
		job, err := f.UpdateJob(f.ctx, job.ID, job.Version, client.SetClass("y"), client.SetDescription(long))
		require.NoError(f, err)
		require.Equal(f, []string{"y", long}, []string{job.Class, job.Description})
		_, err = f.UpdateJob(f.ctx, job.ID, job.Version, client.SetDescription(long+"x"))
		require.EqualError(f, err, `update job: description "`+strings.Repeat("字", 33)+`…": has 121 bytes, at most 100 are allowed`)

		exported, err := f.Export(f.ctx, "billing")
		require.NoError(f, err)
		doc := f.read(text(f, exported))
		require.True(f, f.apply(doc, client.ApplyOptions{}).Empty())
		doc.Jobs[0].Class = "z"
		require.Len(f, f.apply(doc, client.ApplyOptions{}).Changes, 1)
		_, err = f.Apply(f.ctx, doc, client.ApplyOptions{App: "reports"})
		requireField(f, err, "jobs[0].description") // there it is a new one
		doc.Jobs[0].Description += "x"
		_, err = f.Diff(f.ctx, doc, client.ApplyOptions{})
		requireField(f, err, "jobs[0].description")
		doc.Jobs[0].Description = strings.Repeat("字", 101)
		_, err = client.ReadDocument([]byte(text(f, &doc)))
		requireField(f, err, "jobs[0].description") // of no database's row
		require.Zero(f, f.count("SELECT COUNT(*) FROM QRTZ_APP WHERE APPLICATION = 'reports'"))
	})
}
