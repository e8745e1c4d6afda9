package clienttest_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/clienttest"
	"github.com/quartz-cluster/quartz/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newClient(t *testing.T) (*client.Client, *gorm.DB) {
	t.Helper()
	db, err := gorm.Open(sqlite.Open("file:"+filepath.Join(t.TempDir(), "quartz.db")+"?_txlock=immediate"), &gorm.Config{Logger: logger.Discard})
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	require.NoError(t, schema.Migrate(t.Context(), db, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
	c, err := client.New(db)
	require.NoError(t, err)
	_, err = c.AddApp(t.Context(), client.App{Name: "billing"})
	require.NoError(t, err)
	return c, db
}

// failing is a test that is expected to fail.
type failing struct {
	testing.TB
	message string
}

func (f *failing) Fatalf(format string, args ...any) {
	f.message = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// failure returns what a test says that fails, or "".
func failure(t *testing.T, test func(t testing.TB)) string {
	t.Helper()
	f := &failing{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(f)
	}()
	<-done
	return f.message
}

func requireFailure(t *testing.T, want string, test func(t testing.TB)) {
	t.Helper()
	require.Contains(t, failure(t, test), want)
}

func TestJobs(t *testing.T) {
	t.Parallel()
	c, _ := newClient(t)
	ctx := t.Context()
	job, err := c.AddJob(ctx, client.Job{App: "billing", Class: "x", Name: "one", Data: map[string]int{"n": 1}})
	require.NoError(t, err)
	right := &clienttest.JobOpts{Name: "one", Data: `{ "n": 1 }`, State: schema.Executing}
	require.Equal(t, job, clienttest.RequireJob(ctx, t, c, "billing", "x", nil))
	require.Equal(t, job, clienttest.RequireJob(ctx, t, c, "billing", "x", right))
	clienttest.RequireNoJob(ctx, t, c, "billing", "y", nil)
	clienttest.RequireNoJob(ctx, t, c, "other", "x", nil)
	clienttest.RequireNoJob(ctx, t, c, "billing", "x", &clienttest.JobOpts{Name: "two"})
	requireFailure(t, `there should be no such job of class "x" in app "billing"`, func(t testing.TB) {
		clienttest.RequireNoJob(ctx, t, c, "billing", "x", right)
	})
	requireFailure(t, `no such job of class "y" in app "billing" among 0`, func(t testing.TB) {
		clienttest.RequireJob(ctx, t, c, "billing", "y", nil)
	})
	for want, opts := range map[string]clienttest.JobOpts{
		`name is "one", want "two"`:                {Name: "two"},
		`state is "EXECUTING", want "PAUSED"`:      {State: schema.Paused},
		`data is {"n":1}, want {"n":2}`:            {Data: map[string]int{"n": 2}},
		`data is {"n":1}, want "none of the kind"`: {Data: []byte("none of the kind")},
	} {
		requireFailure(t, want, func(t testing.TB) { clienttest.RequireJob(ctx, t, c, "billing", "x", &opts) })
	}
	_, err = c.AddJob(ctx, client.Job{App: "billing", Class: "x"})
	require.NoError(t, err)
	requireFailure(t, "2 such of one job", func(t testing.TB) { clienttest.RequireJob(ctx, t, c, "billing", "x", nil) })
	requireFailure(t, `app "\n"`, func(t testing.TB) { clienttest.RequireJob(ctx, t, c, "\n", "x", nil) })
}

func TestExecutes(t *testing.T) {
	t.Parallel()
	c, _ := newClient(t)
	ctx := t.Context()
	job, err := c.AddJob(ctx, client.Job{App: "billing", Class: "x", Name: "one"})
	require.NoError(t, err)
	start := time.Date(2100, 1, 1, 0, 0, 0, 1, time.UTC)
	added, err := c.AddExecutes(ctx, job.ID, []client.Execute{
		{Name: "cron", Schedule: client.Cron("@daily", "")},
		{Schedule: client.Every(time.Minute).Times(3).StartAt(start)},
		{Schedule: client.Now(), Data: []int{1}, Paused: true},
	})
	require.NoError(t, err)
	all := []clienttest.ExecuteOpts{
		{Name: "cron", Schedule: client.Cron("@daily", "UTC"), JobName: "one"},
		{Schedule: client.Every(time.Minute).Times(3).StartAt(start)},
		{Schedule: client.Now(), Data: []int{1}, State: schema.Paused},
	}
	require.Equal(t, added, clienttest.RequireExecutes(ctx, t, c, "billing", "x", all...))
	for i, opts := range all {
		require.Equal(t, added[i], clienttest.RequireExecute(ctx, t, c, "billing", "x", &opts))
	}
	clienttest.RequireExecute(ctx, t, c, "billing", "x", &clienttest.ExecuteOpts{Schedule: client.Every(time.Minute).Times(3)}) // whenever it begins
	clienttest.RequireNoExecute(ctx, t, c, "billing", "x", &clienttest.ExecuteOpts{JobName: "two"})
	clienttest.RequireNoExecute(ctx, t, c, "billing", "x", &clienttest.ExecuteOpts{Schedule: client.Every(time.Minute)})
	for _, other := range []client.Schedule{
		client.Cron("@daily", "Europe/Berlin"), client.Cron("@hourly", ""), client.Every(time.Minute), client.At(start),
		client.Every(time.Minute).Times(3).StartAt(start.Add(time.Hour)), client.Every(time.Minute).Times(3).Until(start.Add(time.Hour)),
	} {
		clienttest.RequireNoExecute(ctx, t, c, "billing", "x", &clienttest.ExecuteOpts{Schedule: other})
	}
	requireFailure(t, "there should be no such execute", func(t testing.TB) { clienttest.RequireNoExecute(ctx, t, c, "billing", "x", nil) })
	requireFailure(t, "3 such of one execute", func(t testing.TB) { clienttest.RequireExecute(ctx, t, c, "billing", "x", nil) })
	requireFailure(t, `number 0: schedule is {"type":"CRON","cron":"@daily"`, func(t testing.TB) {
		clienttest.RequireExecute(ctx, t, c, "billing", "x", &clienttest.ExecuteOpts{Schedule: client.Cron("@hourly", "")})
	})
	requireFailure(t, `3 executes of class "x" in app "billing", want 1`, func(t testing.TB) {
		clienttest.RequireExecutes(ctx, t, c, "billing", "x", all[0])
	})
	all[0].JobName, all[1].State = "two", schema.Error
	message := failure(t, func(t testing.TB) { clienttest.RequireExecutes(ctx, t, c, "billing", "x", all...) })
	require.Contains(t, message, `number 0: job name is "one", want "two"`)
	require.Contains(t, message, `number 1: state is "EXECUTING", want "ERROR"`)
	require.Equal(t, 2, strings.Count(message, "number"))
}

func TestRuns(t *testing.T) {
	t.Parallel()
	c, _ := newClient(t)
	ctx := t.Context()
	job, err := c.AddJob(ctx, client.Job{App: "billing", Class: "x"})
	require.NoError(t, err)
	e, err := c.AddExecute(ctx, job.ID, client.Every(time.Hour))
	require.NoError(t, err)
	requireFailure(t, "no such run of execute", func(t testing.TB) { clienttest.RequireRunNow(ctx, t, c, e.ID, nil) })
	_, err = c.RunNow(ctx, e.ID, client.RunWith([]int{1}))
	require.NoError(t, err)
	require.Equal(t, e.ID, clienttest.RequireRunNow(ctx, t, c, e.ID, []int{1}).OriginID)
	requireFailure(t, "data is [1], want [2]", func(t testing.TB) { clienttest.RequireRunNow(ctx, t, c, e.ID, []int{2}) })
}

// What a test adds in a transaction is seen there, and gone afterwards.
func TestInATransaction(t *testing.T) {
	t.Parallel()
	c, db := newClient(t)
	ctx := t.Context()
	tx := db.WithContext(ctx).Begin()
	in := c.WithTx(tx)
	_, err := in.AddJob(ctx, client.Job{App: "billing", Class: "x"})
	require.NoError(t, err)
	clienttest.RequireJob(ctx, t, in, "billing", "x", nil)
	require.NoError(t, tx.Rollback().Error)
	clienttest.RequireNoJob(ctx, t, c, "billing", "x", nil)
}
