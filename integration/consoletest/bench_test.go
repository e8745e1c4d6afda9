package consoletest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
)

// most is how many times longer a page of a large table may take than one of a
// small table.
const most = 5

// BenchmarkPages compares each page of 10,000 jobs with 100,000 executes with that
// of 100 with 100, both with the same number of items: "times" is how much longer it
// takes, by the middle of what was measured.
func BenchmarkPages(b *testing.B) {
	for _, kind := range testdb.Kinds(b) {
		b.Run(string(kind), func(b *testing.B) {
			small, large := filled(b, kind, 100, 1, 7), filled(b, kind, 10_000, 10, 97)
			compare(b, pages, small, large)
			b.Run("well", func(b *testing.B) {
				small.heal(b)
				large.heal(b)
				compare(b, wellPages, small, large)
			})
		})
	}
}

func compare(b *testing.B, pages []string, small, large *office) {
	for _, page := range pages {
		b.Run(strings.NewReplacer("/", "_", " ", "_").Replace(strings.TrimPrefix(page, "/api/")), func(b *testing.B) {
			inSmall, inLarge := small.target(page), large.target(page)
			small.send(http.MethodGet, inSmall, nil)
			large.send(http.MethodGet, inLarge, nil)
			var took [2][]time.Duration
			for b.Loop() {
				begun := time.Now()
				small.send(http.MethodGet, inSmall, nil)
				between := time.Now()
				large.send(http.MethodGet, inLarge, nil)
				took[0], took[1] = append(took[0], between.Sub(begun)), append(took[1], time.Since(between))
			}
			one, other := middle(took[0]), middle(took[1])
			times := float64(other) / float64(one)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(one.Seconds()*1000, "ms-small")
			b.ReportMetric(other.Seconds()*1000, "ms-large")
			b.ReportMetric(times, "times")
			if times > most && page != overview {
				b.Errorf("%s takes %.1f times as long, %s to %s: more than %d times", page, times, other, one, most)
			}
		})
	}
}

func middle(took []time.Duration) time.Duration {
	slices.Sort(took)
	return took[len(took)/2]
}

// overview is no list: it counts all rows.
const overview = "/api/overview"

// pages are those of the console's lists, and what its forms narrow them by. {job}
// is a job, and {cursor} leads to a page in the middle.
var pages = []string{
	"/api/apps", "/api/nodes?app=billing", "/api/fires?app=billing", "/api/fires",
	"/api/jobs", "/api/jobs?app=billing", "/api/jobs?app=billing&descending=true", "/api/jobs?app=billing&cursor={cursor}",
	"/api/jobs?app=billing&state=PAUSED", "/api/jobs?app=billing&state=ERROR", "/api/jobs?app=billing&class=class-7",
	"/api/jobs?app=billing&namePrefix=job-9", "/api/jobs?app=billing&text=OB-99", "/api/jobs?app=billing&text=nowhere", "/api/job?id={job}",
	"/api/executes", "/api/executes?app=billing", "/api/executes?app=billing&descending=true", "/api/executes?app=billing&cursor={cursor}",
	"/api/executes?app=billing&sort=nextFire", "/api/executes?app=billing&sort=nextFire&descending=true",
	"/api/executes?app=billing&sort=nextFire&cursor={cursor}", "/api/executes?job={job}", "/api/executes?job={job}&sort=nextFire",
	"/api/executes?app=billing&state=PAUSED", "/api/executes?app=billing&state=ERROR", "/api/executes?app=billing&state=PAUSED&sort=nextFire",
	"/api/executes?app=billing&failing=true", "/api/executes?app=billing&overdue=10s", "/api/executes?app=billing&overdue=10s&sort=nextFire",
	"/api/executes?app=billing&class=class-7", "/api/executes?app=billing&namePrefix=e-1",
	"/api/executes?app=billing&text=E-7", "/api/executes?app=billing&text=nowhere", "/api/executes?app=billing&text=nowhere&sort=nextFire", overview,
}

// wellPages are those of an app of which nothing is paused, fails, is late or runs.
var wellPages = []string{
	"/api/fires", "/api/fires?app=billing", "/api/fires?app=billing&descending=true",
	"/api/jobs?app=billing&state=PAUSED", "/api/executes?state=PAUSED", "/api/executes?app=billing&state=PAUSED",
	"/api/executes?app=billing&state=PAUSED&sort=nextFire", "/api/executes?app=billing&state=COMPLETE&descending=true",
	"/api/executes?failing=true", "/api/executes?app=billing&failing=true", "/api/executes?app=billing&failing=true&sort=nextFire",
	"/api/executes?overdue=10s", "/api/executes?app=billing&overdue=10s", "/api/executes?app=billing&overdue=10s&sort=nextFire",
}

// target is the address of a page of ten items.
func (o *office) target(page string) string {
	o.Helper()
	in, err := url.Parse(page)
	require.NoError(o, err)
	query := in.Query()
	switch {
	case query.Get("job") != "":
		query.Set("job", one(o.get("/api/jobs", "app", "billing"), 7)["id"].(string))
	case query.Get("id") != "":
		query.Set("id", one(o.get("/api/jobs", "app", "billing"), 7)["id"].(string))
	case query.Get("cursor") != "":
		query.Set("cursor", o.middle(in.Path, query.Get("sort")))
	}
	if page != overview {
		query.Set("limit", "10")
	}
	return in.Path + "?" + query.Encode()
}

// middle is the cursor behind 5,000 items, or behind 50 where there are only 100.
func (o *office) middle(path, sort string) (cursor string) {
	o.Helper()
	params := []string{"app", "billing", "limit", "50"}
	if sort != "" {
		params = append(params, "sort", sort)
	}
	for range 100 {
		next, more := o.get(path, append(params, "cursor", cursor)...)["next"].(string)
		if !more {
			break
		}
		cursor = next
	}
	return cursor
}

// filled is an office with so many jobs of so many executes each. One row in share
// is paused, failing, overdue or running.
func filled(b *testing.B, kind testdb.Kind, jobs, each, share int) *office {
	b.Helper()
	o := newOffice(b, testdb.NewBeside(b, kind).Gorm)
	start := time.Now().Add(time.Hour)
	for from := 0; from < jobs; from += 100 {
		require.NoError(b, o.db.Transaction(func(tx *gorm.DB) error { return fill(b, o.client.WithTx(tx), from, each, start) }))
	}
	past := time.Now().Add(-time.Minute).UnixMilli()
	o.exec("UPDATE QRTZ_JOB SET STATE = 'PAUSED' WHERE MOD(ID, ?) = 0", share)
	o.exec("UPDATE QRTZ_EXECUTE SET STATE = 'PAUSED' WHERE MOD(ID, ?) = 0", share)
	o.exec("UPDATE QRTZ_EXECUTE SET FAIL_STREAK = 2, LAST_STATE = 'FAILED', LAST_ERROR = 'no' WHERE MOD(ID, ?) = 1", share)
	o.exec("UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = ? WHERE MOD(ID, ?) = 2", past, share)
	o.exec("UPDATE QRTZ_EXECUTE SET FIRE_TIME = ?, FIRE_ATTEMPT = 1, FIRE_NODE = ?, FIRE_START = ? WHERE MOD(ID, ?) = 3", past, nodeID, past, share)
	o.analyze(kind)
	return o
}

// heal takes back what filled has made of some rows.
func (o *office) heal(b *testing.B) {
	o.TB = b
	o.exec("UPDATE QRTZ_JOB SET STATE = 'EXECUTING' WHERE STATE = 'PAUSED'")
	o.exec("UPDATE QRTZ_EXECUTE SET STATE = 'EXECUTING' WHERE STATE = 'PAUSED'")
	o.exec("UPDATE QRTZ_EXECUTE SET FAIL_STREAK = 0, LAST_STATE = 'SUCCEEDED', LAST_ERROR = NULL WHERE FAIL_STREAK > 0")
	o.exec("UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = ? WHERE NEXT_FIRE_TIME < ?", time.Now().Add(time.Hour).UnixMilli(), time.Now().UnixMilli())
	o.exec("UPDATE QRTZ_EXECUTE SET FIRE_TIME = NULL WHERE FIRE_TIME > 0")
}

// analyze lets the database see what is in the tables.
func (o *office) analyze(kind testdb.Kind) {
	for _, table := range []string{"QRTZ_JOB", "QRTZ_EXECUTE"} {
		switch kind {
		case testdb.Postgres:
			o.exec("VACUUM ANALYZE " + table)
		case testdb.MariaDB, testdb.MySQL:
			o.exec("ANALYZE TABLE " + table)
		case testdb.SQLite:
			o.exec("ANALYZE " + table)
		case testdb.Oracle, testdb.OracleH2:
		}
	}
}

// fill adds a hundred jobs with their executes, which fire from start on, many at the
// same instant.
func fill(b *testing.B, c *client.Client, from, each int, start time.Time) error {
	b.Helper()
	jobs := make([]client.Job, 100)
	for i := range jobs {
		jobs[i] = client.Job{App: "billing", Class: fmt.Sprintf("class-%d", i%10), Name: fmt.Sprintf("job-%d", from+i), Data: map[string]int{"n": i}}
	}
	added, err := c.AddJobs(b.Context(), jobs)
	if err != nil {
		return err
	}
	for j, job := range added {
		executes := make([]client.Execute, each)
		for i := range executes {
			at := client.Every(time.Hour).StartAt(start.Add(time.Duration(i) * time.Minute))
			executes[i] = client.Execute{Name: fmt.Sprintf("e-%d-%d", j%10, i), Schedule: at}
		}
		if _, err := c.AddExecutes(b.Context(), job.ID, executes); err != nil {
			return err
		}
	}
	return nil
}
