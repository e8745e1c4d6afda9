package flawstest

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

func TestAStateIsCheckedBySubstring(t *testing.T) {
	lab.Once(t, func(t *testing.T, l *lab.Lab) {
		require.False(t, schema.State("ERROR,INIT").Valid())
		require.False(t, schema.State("").Valid())
		require.False(t, schema.State("executing").Valid())
		_, err := l.Client.ListJobs(t.Context(), client.JobFilter{States: []schema.State{"ERROR,INIT"}})
		var field *client.FieldError
		require.ErrorAs(t, err, &field)
		require.Equal(t, "states", field.Field)
		// What another program stored is no state in which anything runs.
		id := l.Execute(client.Now())
		l.Set(id, "STATE = 'ERROR,INIT'")
		l.Start()
		l.Passes(2)
		require.Empty(t, l.Runs(id))
	})
}

func TestMalformedInputThrowsOrIsStored(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		job := l.Job()
		now := l.Now()
		for _, c := range []struct {
			field string
			call  func() error
		}{
			{"data", func() error {
				_, err := l.Client.AddJob(t.Context(), client.Job{App: lab.App, Class: lab.Work, Data: `{"a":`})
				return err
			}},
			{"data", func() error {
				_, err := l.Client.AddExecute(t.Context(), job, client.Now(), client.WithData([]byte("\x00\xff")))
				return err
			}},
			{"end", func() error {
				_, err := l.Client.AddExecute(t.Context(), job, client.Every(time.Minute).StartAt(now.Add(time.Hour)).Until(now.Add(time.Minute)))
				return err
			}},
		} {
			var field *client.FieldError
			require.ErrorAs(t, c.call(), &field)
			require.Equal(t, c.field, field.Field)
		}
		page, err := l.Client.ListExecutes(t.Context(), client.ExecuteFilter{App: lab.App})
		require.NoError(t, err)
		require.Empty(t, page.Items)

		// A missing end is none; data that another program stored fails its fire alone.
		l.Start(lab.Running(typed(l)))
		id := l.ExecuteOf(job, client.Every(100*time.Millisecond))
		l.Set(id, "END_TIME = NULL")
		l.UntilRuns(id, 2)
		l.Set(id, "DATA = ?", `{"a":`)
		row := l.UntilRow(id, func(e schema.Execute) bool { return e.FailCount > 0 }, "it failed")
		require.Contains(t, row.LastError, "data does not fit handler")
	})
}

// typed is a handler that wants its data decoded.
func typed(l *lab.Lab) *core.Handlers {
	return l.Handlers(func(_ context.Context, fire *core.Fire) error {
		var data map[string]any
		return fire.Decode(&data)
	})
}

func TestIdsCollideBetweenTwoAdminProcesses(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		const writers, each = 4, 100
		var wg sync.WaitGroup
		ids := make([][]*client.JobInfo, writers)
		errs := make([]error, writers)
		for w := range writers {
			c, err := client.New(testdb.Open(t, l.DB.Kind))
			require.NoError(t, err)
			wg.Go(func() {
				jobs := make([]client.Job, each)
				for i := range jobs {
					jobs[i] = client.Job{App: lab.App, Class: lab.Work}
				}
				ids[w], errs[w] = c.AddJobs(t.Context(), jobs)
			})
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
		seen := make(map[client.ID]bool)
		for _, added := range ids {
			for _, j := range added {
				require.False(t, seen[j.ID])
				require.LessOrEqual(t, int64(j.ID), int64(schema.MaxID))
				seen[j.ID] = true
			}
		}
		require.Len(t, seen, writers*each)
	})
}

func TestAFinishedExecuteCannotBeRunAgain(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		l.Start()
		added, err := l.Client.AddExecute(t.Context(), l.Job(), client.Every(100*time.Millisecond).Times(2))
		require.NoError(t, err, "success is no error")
		require.NotZero(t, added.ID)
		id := int64(added.ID)
		l.UntilState(id, schema.Complete)
		require.Len(t, l.Runs(id), 2)
		_, err = l.Client.UpdateExecute(t.Context(), added.ID, added.Version, client.SetSchedule(client.Every(100*time.Millisecond).Times(3)))
		require.NoError(t, err)
		l.UntilRuns(id, 5)
		row := l.UntilState(id, schema.Complete)
		require.EqualValues(t, 5, row.FireCount)
		require.EqualValues(t, 3, row.TimeTriggered)
	})
}

func TestDeletingBesideAddingLeavesOrphans(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		for range 10 {
			job := l.Job()
			var wg sync.WaitGroup
			var addErr, deleteErr error
			wg.Go(func() { _, addErr = l.Client.AddExecute(t.Context(), job, client.At(time.Now().Add(time.Hour))) })
			wg.Go(func() { deleteErr = l.Client.DeleteJob(t.Context(), job) })
			wg.Wait()
			var conflict *client.StateConflictError
			if addErr == nil { // then the job had to stay
				require.ErrorAs(t, deleteErr, &conflict)
			} else {
				require.ErrorIs(t, addErr, client.ErrNotFound)
				require.NoError(t, deleteErr)
			}
			page, err := l.Client.ListExecutes(t.Context(), client.ExecuteFilter{Job: job})
			require.NoError(t, err)
			require.Equal(t, addErr == nil, len(page.Items) == 1)
		}
		// An app with jobs stays as well, and a cascade is all or nothing.
		var conflict *client.StateConflictError
		job := l.Job()
		require.ErrorAs(t, l.Client.DeleteApp(t.Context(), lab.App), &conflict)
		l.ExecuteOf(job, client.At(l.Now().Add(time.Hour)))
		n, err := l.Client.DeleteJobWithExecutes(t.Context(), job)
		require.NoError(t, err)
		require.Equal(t, 1, n)
	})
}

func TestThePrefixIsPutIntoSQLUnchecked(t *testing.T) {
	lab.Once(t, func(t *testing.T, l *lab.Lab) {
		for _, prefix := range []string{"QRTZ_; DROP TABLE QRTZ_JOB; --", "Q'", `Q"`, "1Q", "Q-", "Q Q", "Q\x00", "a_prefix_that_is_too_long_"} {
			_, err := client.New(l.DB.Gorm, client.Config{TablePrefix: prefix})
			var field *client.FieldError
			require.ErrorAs(t, err, &field)
			require.Equal(t, "tablePrefix", field.Field)
			require.Equal(t, prefix, field.Value)

			config := l.Config()
			config.TablePrefix = prefix
			_, err = core.New(l.DB.Gorm, config)
			var bad *core.ConfigError
			require.ErrorAs(t, err, &bad)
			require.Equal(t, "TablePrefix", bad.Field)
			require.Equal(t, prefix, bad.Value)

			options := schema.Options{TablePrefix: prefix, Logger: slog.New(slog.DiscardHandler)}
			require.ErrorContains(t, schema.Migrate(t.Context(), l.DB.Gorm, options), "prefix")
			_, err = schema.DDL("sqlite", schema.Options{TablePrefix: prefix})
			require.ErrorContains(t, err, "prefix")
		}
	})
}
