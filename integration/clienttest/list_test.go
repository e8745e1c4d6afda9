package clienttest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// walk turns all pages of a list and calls between after each.
func walk[T any](f *fixture, list func(cursor string) (*client.Page[T], error), between func()) []*T {
	f.Helper()
	var all []*T
	cursor := ""
	for {
		page, err := list(cursor)
		require.NoError(f, err)
		all = append(all, page.Items...)
		if page.Next == "" {
			return all
		}
		cursor = page.Next
		between()
	}
}

func TestPagesAreStableUnderInserts(t *testing.T) {
	each(t, func(f *fixture) {
		job := f.job()
		for range 7 {
			_, err := f.AddExecute(f.ctx, job.ID, client.Every(time.Minute))
			require.NoError(f, err)
		}
		for _, limit := range []int{1, 3, 7, 8} {
			for _, descending := range []bool{false, true} {
				var old []client.ID
				added := 0
				_, before, err := f.GetJobWithExecutes(f.ctx, job.ID)
				require.NoError(f, err)
				for _, e := range before {
					old = append(old, e.ID)
				}
				all := walk(f, func(cursor string) (*client.Page[client.ExecuteInfo], error) {
					return f.ListExecutes(f.ctx, client.ExecuteFilter{
						PageOptions: client.PageOptions{Limit: limit, Cursor: cursor, Descending: descending}, Job: job.ID,
					})
				}, func() {
					if added++; added <= 3 {
						_, err := f.AddExecute(f.ctx, job.ID, client.Every(time.Minute))
						require.NoError(f, err)
					}
				})
				var seen []client.ID
				for _, e := range all {
					if slices.Contains(old, e.ID) {
						seen = append(seen, e.ID)
					}
				}
				if descending {
					slices.Reverse(old)
				}
				require.Equal(f, old, seen, "limit %d", limit)
			}
		}
	})
}

func TestListOfJobs(t *testing.T) {
	each(t, func(f *fixture) {
		_, err := f.AddApp(f.ctx, client.App{Name: "other"})
		require.NoError(f, err)
		jobs := []client.Job{
			{App: "billing", Class: "invoice.send", Name: "daily_report", Description: "Sends 100% of them"},
			{App: "billing", Class: "invoice.print", Name: "dailyXreport"},
			{App: "billing", Class: "clean!up", Name: "Daily", Paused: true},
			{App: "billing", Class: "nameless"},
			{App: "other", Class: "invoice.send", Name: "daily_report"},
		}
		added, err := f.AddJobs(f.ctx, jobs)
		require.NoError(f, err)
		for _, c := range []struct {
			filter client.JobFilter
			want   []int
		}{
			{client.JobFilter{}, []int{0, 1, 2, 3, 4}},
			{client.JobFilter{App: "billing"}, []int{0, 1, 2, 3}},
			{client.JobFilter{App: "nowhere"}, nil},
			{client.JobFilter{Class: "invoice.send"}, []int{0, 4}},
			{client.JobFilter{States: []schema.State{schema.Paused}}, []int{2}},
			{client.JobFilter{States: []schema.State{schema.Paused, schema.Executing}, App: "billing"}, []int{0, 1, 2, 3}},
			{client.JobFilter{NamePrefix: "daily"}, []int{0, 1, 4}},
			{client.JobFilter{NamePrefix: "daily_"}, []int{0, 4}}, // no wildcard
			{client.JobFilter{NamePrefix: "Daily"}, []int{2}},
			{client.JobFilter{Text: "DAILY"}, []int{0, 1, 2, 4}},
			{client.JobFilter{Text: "0% o"}, []int{0}},
			{client.JobFilter{Text: "0%f"}, nil},
			{client.JobFilter{Text: "y_r"}, []int{0, 4}},
			{client.JobFilter{Text: "n!u"}, []int{2}},
			{client.JobFilter{Text: "print"}, []int{1}},
			{client.JobFilter{Text: "'; DROP TABLE QRTZ_JOB"}, nil},
			{client.JobFilter{IDs: []client.ID{added[3].ID, added[0].ID, 1}}, []int{0, 3}},
			{client.JobFilter{IDs: []client.ID{added[3].ID, added[0].ID}, App: "billing", Text: "REPORT"}, []int{0}},
			{client.JobFilter{IDs: []client.ID{}}, nil},
		} {
			page, err := f.ListJobs(f.ctx, c.filter)
			require.NoError(f, err)
			var got []int
			for _, j := range page.Items {
				got = append(got, slices.IndexFunc(jobs, func(w client.Job) bool {
					return w.App == j.App && w.Class == j.Class && w.Name == j.Name
				}))
			}
			require.Equal(f, c.want, got, "%+v", c.filter)
		}
	})
}

func TestListOfExecutes(t *testing.T) {
	each(t, func(f *fixture) {
		job, err := f.AddJob(f.ctx, client.Job{App: "billing", Class: "invoice.send"})
		require.NoError(f, err)
		added, err := f.AddExecutes(f.ctx, job.ID, []client.Execute{
			{Schedule: client.Now(), Name: "once"},
			{Schedule: client.Every(time.Minute).StartAt(noon.Add(time.Hour)), Name: "later"},
			{Schedule: client.Cron("0 0 8 ? * MON-FRI", ""), Paused: true},
		})
		require.NoError(f, err)
		f.execute(client.At(noon.Add(2 * time.Hour)))
		other, err := f.AddJob(f.ctx, client.Job{App: "billing", Class: "other"})
		require.NoError(f, err)
		_, err = f.AddExecute(f.ctx, other.ID, client.Now(), client.Named("other"))
		require.NoError(f, err)
		for _, c := range []struct {
			filter client.ExecuteFilter
			want   int
		}{
			{client.ExecuteFilter{}, 5},
			{client.ExecuteFilter{App: "billing"}, 5},
			{client.ExecuteFilter{App: "other"}, 0},
			{client.ExecuteFilter{Job: job.ID}, 3},
			{client.ExecuteFilter{Class: "invoice.send"}, 4},
			{client.ExecuteFilter{Class: "other", App: "billing"}, 1},
			{client.ExecuteFilter{States: []schema.State{schema.Paused}}, 1},
			{client.ExecuteFilter{NamePrefix: "o"}, 2},
			{client.ExecuteFilter{Text: "mon-fri"}, 1},
			{client.ExecuteFilter{IDs: []client.ID{added[2].ID, added[0].ID, 1}}, 2},
			{client.ExecuteFilter{IDs: []client.ID{added[2].ID}, App: "other"}, 0},
			{client.ExecuteFilter{IDs: []client.ID{}, Sort: client.SortNextFire}, 0},
			{client.ExecuteFilter{DueBefore: noon}, 0},
			{client.ExecuteFilter{DueBefore: noon.Add(time.Millisecond)}, 2},
			{client.ExecuteFilter{DueBefore: noon.Add(90 * time.Minute)}, 3},
		} {
			page, err := f.ListExecutes(f.ctx, c.filter)
			require.NoError(f, err)
			require.Len(f, page.Items, c.want, "%+v", c.filter)
		}
	})
}

func TestListsOfAppsAndNodes(t *testing.T) {
	each(t, func(f *fixture) {
		for i := range 5 {
			_, err := f.AddApp(f.ctx, client.App{Name: fmt.Sprintf("app-%d", i), Paused: i%2 == 0})
			require.NoError(f, err)
			for j := range 3 {
				_, err := f.AddNode(f.ctx, client.Node{App: fmt.Sprintf("app-%d", i), Key: fmt.Sprintf("node-%d", j), Paused: j == 0})
				require.NoError(f, err)
			}
		}
		f.exec("UPDATE QRTZ_NODE SET NODE_ID = 7, HANDLERS = '[\"a\",\"b\"]', LABELS = '[\"gpu\"]', BUILD = 'rev% 12', HOST_NAME = 'Big HÖST'" +
			" WHERE APPLICATION = 'app-1' AND HOST_IP = 'node-1'")
		for _, descending := range []bool{false, true} {
			options := func(cursor string) client.PageOptions {
				return client.PageOptions{Limit: 2, Cursor: cursor, Descending: descending}
			}
			apps := walk(f, func(cursor string) (*client.Page[client.AppInfo], error) {
				return f.ListApps(f.ctx, client.AppFilter{PageOptions: options(cursor), NamePrefix: "app-"})
			}, func() {})
			nodes := walk(f, func(cursor string) (*client.Page[client.NodeInfo], error) {
				return f.ListNodes(f.ctx, client.NodeFilter{PageOptions: options(cursor)})
			}, func() {})
			var names, keys []string
			for _, a := range apps {
				names = append(names, a.Name)
			}
			for _, n := range nodes {
				keys = append(keys, n.App+"/"+n.Key)
			}
			if descending {
				slices.Reverse(names)
				slices.Reverse(keys)
			}
			require.Equal(f, "app-0 app-1 app-2 app-3 app-4", strings.Join(names, " "))
			require.Len(f, keys, 15)
			require.True(f, slices.IsSorted(keys))
		}
		yes, no := true, false
		paused, err := f.ListApps(f.ctx, client.AppFilter{Paused: &yes})
		require.NoError(f, err)
		require.Len(f, paused.Items, 3)
		live, err := f.ListNodes(f.ctx, client.NodeFilter{Live: &yes})
		require.NoError(f, err)
		require.Len(f, live.Items, 1)
		require.Equal(f, []string{"a", "b"}, live.Items[0].Handlers)
		for text, want := range map[string]int{"": 15, "NODE-1": 5, "gpu": 1, "Rev%": 1, "x": 0, "big h": 1, "HÖST": 1, "_": 0} {
			some, err := f.ListNodes(f.ctx, client.NodeFilter{Text: text})
			require.NoError(f, err)
			require.Len(f, some.Items, want, text)
		}
		for text, want := range map[string]int{"": 6, "BILL": 1, "p-": 5, "p_": 0} {
			some, err := f.ListApps(f.ctx, client.AppFilter{Text: text})
			require.NoError(f, err)
			require.Len(f, some.Items, want, text)
		}
		idle, err := f.ListNodes(f.ctx, client.NodeFilter{App: "app-1", Live: &no, Paused: &no})
		require.NoError(f, err)
		require.Len(f, idle.Items, 1)
	})
}
