package clienttest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// A search looks at client.MaxLook rows a page at most, and finds what there is all the
// same: each of it once, whatever is added meanwhile, also where everything fires at
// the same instant.
func TestSearchesGoOnPageByPage(t *testing.T) {
	each(t, func(f *fixture) {
		const total = 2400
		job := f.job()
		var every, rare, late []client.ID
		at := client.Every(time.Hour).StartAt(noon.Add(time.Hour))
		for from := 0; from < total; from += 800 {
			part := make([]client.Execute, 800)
			for i := range part {
				part[i] = client.Execute{Name: fmt.Sprintf("e-%d", from+i), Schedule: at}
				switch i % 300 {
				case 7:
					part[i].Name, part[i].Paused = fmt.Sprintf("needle-%d", from+i), true
				case 8:
					part[i].Name = fmt.Sprintf("thorn-%d", from+i)
				}
			}
			added, err := f.AddExecutes(f.ctx, job.ID, part)
			require.NoError(f, err)
			for i, e := range added {
				every = append(every, e.ID)
				switch i % 300 {
				case 7:
					rare = append(rare, e.ID)
					f.exec("UPDATE QRTZ_EXECUTE SET FAIL_STREAK = 1 WHERE ID = ?", int64(e.ID))
					f.fires(e.ID, noon, 1, 7)
				case 8:
					late = append(late, e.ID)
				}
			}
		}
		f.pass(2 * time.Hour)

		for _, c := range []struct {
			filter client.ExecuteFilter
			want   []client.ID
		}{
			{client.ExecuteFilter{Text: "NEEDLE"}, rare},
			{client.ExecuteFilter{NamePrefix: "needle"}, rare},
			{client.ExecuteFilter{States: []schema.State{schema.Paused}}, rare},
			{client.ExecuteFilter{Failing: true}, rare},
			{client.ExecuteFilter{Overdue: time.Minute, Text: "thorn"}, late},
			{client.ExecuteFilter{DueBefore: noon.Add(90 * time.Minute), Text: "thorn"}, late},
			{client.ExecuteFilter{States: []schema.State{schema.Complete}}, nil},
			{client.ExecuteFilter{Class: "nobody's"}, nil},
			{client.ExecuteFilter{Class: "invoice.send", DueBefore: noon.Add(61 * time.Minute)}, every},
		} {
			for _, sort := range []client.Sort{client.SortAdded, client.SortNextFire} {
				for _, in := range []client.ExecuteFilter{
					{PageOptions: client.PageOptions{Limit: 7}},
					{PageOptions: client.PageOptions{Limit: client.MaxLimit}, App: "billing"},
					{PageOptions: client.PageOptions{Limit: client.MaxLimit}, Job: job.ID},
				} {
					for _, descending := range []bool{false, true} {
						filter, pages := c.filter, 0
						filter.App, filter.Job, filter.Limit, filter.Sort, filter.Descending = in.App, in.Job, in.Limit, sort, descending
						all := walk(f, func(cursor string) (*client.Page[client.ExecuteInfo], error) {
							filter.Cursor, pages = cursor, pages+1
							return f.ListExecutes(f.ctx, filter)
						}, func() {
							if pages == 1 {
								_, err := f.AddExecute(f.ctx, job.ID, client.Every(time.Hour).StartAt(noon.Add(4*time.Hour)))
								require.NoError(f, err)
							}
						})
						var got []client.ID
						for _, e := range all {
							got = append(got, e.ID)
						}
						if descending {
							slices.Reverse(got)
						}
						require.Equal(f, c.want, got, "%+v", filter)
						require.GreaterOrEqual(f, pages, 3, "%+v", filter)
					}
				}
			}
		}

		for _, filter := range []client.RunningFilter{{}, {App: "billing"}, {Job: job.ID, Node: 7}} {
			pages := 0
			all := walk(f, func(cursor string) (*client.Page[client.RunningFire], error) {
				filter.Cursor, pages = cursor, pages+1
				return f.Running(f.ctx, filter)
			}, func() {})
			var got []client.ID
			for _, fire := range all {
				got = append(got, fire.ExecuteID)
			}
			require.Equal(f, rare, got, "%+v", filter)
			require.Equal(f, (total+client.MaxLook-1)/client.MaxLook, pages, "%+v", filter)
		}

		page, err := f.ListExecutes(f.ctx, client.ExecuteFilter{App: "billing", Text: "nowhere"})
		require.NoError(f, err)
		require.Empty(f, page.Items)
		require.NotEmpty(f, page.Next, "it has not looked at everything")
	})
}

func TestSearchesOfJobsGoOnPageByPage(t *testing.T) {
	each(t, func(f *fixture) {
		const total = client.MaxLook + 200
		var last client.ID
		for from := 0; from < total; from += 400 {
			jobs := make([]client.Job, 400)
			for i := range jobs {
				jobs[i] = client.Job{App: "billing", Class: "invoice.send", Name: fmt.Sprintf("job-%d", from+i)}
			}
			added, err := f.AddJobs(f.ctx, jobs)
			require.NoError(f, err)
			last = added[len(added)-1].ID
		}
		f.setJobState(last, schema.Error)
		for _, filter := range []client.JobFilter{
			{Text: "1199"}, {App: "billing", States: []schema.State{schema.Error}}, {App: "billing", NamePrefix: "job-1199"},
		} {
			for descending, want := range map[bool]int{false: 0, true: 1} {
				filter.Descending, filter.Cursor = descending, ""
				page, err := f.ListJobs(f.ctx, filter)
				require.NoError(f, err)
				require.Len(f, page.Items, want)
				require.NotEmpty(f, page.Next)
				filter.Cursor = page.Next
				page, err = f.ListJobs(f.ctx, filter)
				require.NoError(f, err)
				require.Len(f, page.Items, 1-want)
				require.Empty(f, page.Next)
			}
		}
		plain, err := f.ListJobs(f.ctx, client.JobFilter{App: "billing", PageOptions: client.PageOptions{Limit: client.MaxLimit}})
		require.NoError(f, err)
		require.Len(f, plain.Items, client.MaxLimit, "a list that searches nothing fills its pages")
	})
}
