package enginetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/schema"
)

// policyCase is an execute with one policy and what becomes of it, however many
// nodes there are.
type policyCase struct {
	name     string // which tells the handler what to do
	schedule client.Schedule
	late     time.Duration // by which it begins in the past
	options  []client.ExecuteOption

	state   schema.State
	runs    int // of the handler
	fires   int64
	skipped int64
	failed  int64
}

var policyCases = []policyCase{
	// Five instants an hour from each other are overdue, the newest by half an hour.
	{"once", hourly, overdueBy, []client.ExecuteOption{client.OnMisfire(schema.FireOnce)}, schema.Executing, 1, 1, 4, 0},
	{"skip", hourly, overdueBy, []client.ExecuteOption{client.OnMisfire(schema.Skip)}, schema.Executing, 0, 0, 5, 0},
	{"all", hourly, overdueBy, []client.ExecuteOption{client.OnMisfire(schema.FireAll)}, schema.Executing, 5, 5, 0, 0},
	{"catch up", hourly, overdueBy, []client.ExecuteOption{client.CatchUp(2)}, schema.Executing, 2, 2, 3, 0},
	{"deadline", hourly, overdueBy, []client.ExecuteOption{client.OnMisfire(schema.FireAll), client.Deadline(2 * time.Hour)}, schema.Executing, 2, 2, 3, 0},
	{"fails, tried again", client.Now(), 0, []client.ExecuteOption{client.Retry(2, 10*time.Millisecond)}, schema.Complete, 3, 1, 0, 1},
	{"fails, too often", client.Every(50 * time.Millisecond), 0, []client.ExecuteOption{client.PauseAfter(2), client.AtMost(1)}, schema.Error, 2, 2, 0, 2},
	{"hangs", client.Now(), 0, []client.ExecuteOption{client.Timeout(50 * time.Millisecond)}, schema.Complete, 1, 1, 0, 1},
	{"goes first", client.Now(), 0, []client.ExecuteOption{client.Priority(9)}, schema.Complete, 1, 1, 0, 0},
}

const overdueBy = 4*time.Hour + 30*time.Minute

// Each policy comes to the same on one node as on four, with exact counts.
func TestPoliciesOnOneToFourNodes(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		handlers := l.Handlers(func(ctx context.Context, f *core.Fire) error {
			switch f.ExecuteName {
			case "fails, tried again", "fails, too often":
				return errFailed
			case "hangs":
				<-ctx.Done()
				return context.Cause(ctx)
			}
			return nil
		})
		for n := 1; n <= 4; n++ {
			job := l.Job()
			ids := make([]int64, len(policyCases))
			for i, c := range policyCases {
				ids[i] = l.ExecuteOf(job, c.schedule, append(c.options, client.Named(c.name))...)
				if c.late > 0 {
					began := l.Now().Add(-c.late).UnixMilli()
					l.Set(ids[i], "START_TIME = ?, NEXT_FIRE_TIME = ?", began, began)
				}
			}
			for i := range n {
				l.Start(lab.As(fmt.Sprintf("n%d", i)), lab.Running(handlers))
			}
			for i, c := range policyCases {
				what := fmt.Sprintf("%s, %d nodes", c.name, n)
				row := l.UntilRow(ids[i], func(e schema.Execute) bool {
					return e.State == c.state && e.FireTime == 0 && e.FireCount+e.SkipCount >= c.fires+c.skipped && len(l.Children(ids[i])) == 0
				}, what)
				// What times out may be recorded before its handler was called.
				require.Len(t, l.UntilRuns(ids[i], c.runs), c.runs, what)
				require.Equal(t, []int64{c.fires, c.skipped, c.failed}, []int64{row.FireCount, row.SkipCount, row.FailCount}, what)
			}
			l.Clear()
		}
	})
}
