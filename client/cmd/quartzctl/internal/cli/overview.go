package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/cmd/quartzctl/internal/output"
	"github.com/quartz-cluster/quartz/schema"
)

var overviewColumns = []output.Column[client.AppOverview]{
	{Head: "APP", Cell: func(a client.AppOverview) string { return a.Name }},
	{Head: "STATE", Cell: func(a client.AppOverview) string { return appState(&a.AppInfo) }},
	{Head: "MASTER", Cell: func(a client.AppOverview) string { return a.MasterKey }},
	{Head: "NODES", Cell: func(a client.AppOverview) string {
		if a.Standalone {
			return "standalone"
		}
		return number(a.Nodes.Live)
	}},
	{Head: "SLOTS", Cell: func(a client.AppOverview) string { return fmt.Sprintf("%d of %d", a.Nodes.Running, a.Nodes.Capacity) }},
	{Head: "RUNNING", Cell: func(a client.AppOverview) string { return number(a.Running) }},
	{Head: "JOBS", Cell: func(a client.AppOverview) string { return number(sum(a.Jobs)) }},
	{Head: "EXECUTES", Cell: func(a client.AppOverview) string { return number(sum(a.Executes)) }},
	{Head: "PAUSED", Cell: func(a client.AppOverview) string { return number(a.Executes[schema.Paused]) }},
	{Head: "ERROR", Cell: func(a client.AppOverview) string { return number(a.Executes[schema.Error]) }},
	{Head: "OVERDUE", Cell: func(a client.AppOverview) string { return number(a.Overdue) }},
	{Head: "FAILING", Cell: func(a client.AppOverview) string { return number(a.Failing) }},
}

func sum(counts map[schema.State]int64) (all int64) {
	for _, n := range counts {
		all += n
	}
	return all
}

func (p *Program) overview() *cobra.Command {
	return p.onApp("overview [APP]", "Show how an app, or each of them, is doing", func(ctx context.Context, s *session, args []string) error {
		all, err := s.Overview(ctx, first(args))
		if err != nil {
			return err
		}
		return output.List(s.out, all, all.Apps, overviewColumns)
	})
}

// first is the argument that may be left out.
func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
