package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/quartz-cluster/quartz/client"
)

// list shows all executes of the app.
func (o *office) list(ctx context.Context) error {
	table := tabwriter.NewWriter(o.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "EXECUTE\tSTATE\tCLASS\tSCHEDULE\tNEXT FIRE\tFIRED\tFAILED\tSKIPPED\tLOST\tLAST ERROR")
	jobs := map[client.ID]*client.JobInfo{}
	for e, err := range o.AllExecutes(ctx, client.ExecuteFilter{App: o.app}) {
		if err != nil {
			return err
		}
		if jobs[e.JobID] == nil {
			if jobs[e.JobID], err = o.GetJob(ctx, e.JobID); err != nil {
				return err
			}
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%s\n", e.ID, e.State, jobs[e.JobID].Class, words(e.Schedule),
			shown(e.NextFire), e.Counts.Fires, e.Counts.Failed, e.Counts.Skipped, e.Counts.Lost, e.LastError)
	}
	return table.Flush()
}

// nodes shows the workers of the app.
func (o *office) nodes(ctx context.Context) error {
	table := tabwriter.NewWriter(o.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "NODE\tHOST\tLIVE\tPAUSED\tRUNNING\tSLOTS\tLAST BEAT\tHANDLERS")
	for n, err := range o.AllNodes(ctx, client.NodeFilter{App: o.app}) {
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "%s\t%s\t%t\t%t\t%d\t%d\t%s\t%s\n",
			n.Key, n.HostName, n.Live, n.Paused, n.Running, n.Capacity, shown(n.LastBeat), strings.Join(n.Handlers, " "))
	}
	return table.Flush()
}

// words is a schedule for people.
func words(s client.Schedule) string {
	switch {
	case s.Cron != "":
		return s.Cron + " " + s.Zone
	case s.Count == 1:
		return "once"
	case s.Count > 1:
		return fmt.Sprintf("every %s, %d times", s.Interval, s.Count)
	default:
		return fmt.Sprintf("every %s", s.Interval)
	}
}

func shown(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(time.RFC3339)
}
