package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/cmd/quartzctl/internal/output"
)

var runningColumns = []output.Column[*client.RunningFire]{
	{Head: "EXECUTE", Cell: func(f *client.RunningFire) string { return f.ExecuteID.String() }},
	{Head: "JOB", Cell: func(f *client.RunningFire) string { return orElse(f.JobName, f.JobID) }},
	{Head: "NAME", Cell: func(f *client.RunningFire) string { return f.Name }},
	{Head: "CLASS", Cell: func(f *client.RunningFire) string { return f.Class }},
	{Head: "APP", Cell: func(f *client.RunningFire) string { return f.App }},
	{Head: "FIRE", Cell: func(f *client.RunningFire) string { return formatTime(f.Time) }},
	{Head: "ATTEMPT", Cell: func(f *client.RunningFire) string { return number(f.Attempt) }},
	{Head: "NODE", Cell: func(f *client.RunningFire) string { return orElse(f.NodeKey, f.NodeID) }},
	{Head: "SINCE", Cell: func(f *client.RunningFire) string { return formatTime(f.Claimed) }},
	{Head: "KIND", Cell: func(f *client.RunningFire) string { return string(f.Origin) }},
	{Head: "ASKED TO", Cell: func(f *client.RunningFire) string { return string(f.Stop) }},
}

func (p *Program) running() *cobra.Command {
	var filter client.RunningFilter
	var part paging
	var in scope
	var execute, node string
	cmd := p.verb("running", "List the fires that run now", func(ctx context.Context, s *session, _ []string) error {
		var err error
		filter.App = in.app
		switch {
		case execute != "":
			filter.Execute, err = s.executeOf(ctx, execute, in)
		case in.job != "":
			filter.Job, err = s.jobOf(ctx, in.job, in.app)
		}
		if err != nil {
			return err
		}
		if node != "" {
			if filter.Node, err = s.nodeOf(ctx, node, filter.App); err != nil {
				return err
			}
		}
		page, err := pages(part, func(part client.PageOptions) (*client.Page[client.RunningFire], error) {
			filter.PageOptions = part
			return s.Running(ctx, filter)
		})
		if err != nil {
			return err
		}
		return list(s, page, runningColumns)
	})
	p.appFlag(cmd, &in.app, "those of this app")
	cmd.Flags().StringVar(&in.job, "job", "", "those of this job: its id or, with --app, its name")
	cmd.Flags().StringVar(&execute, "execute", "", "those of this execute and its children: its id or, with --job, its name")
	cmd.Flags().StringVar(&node, "node", "", "those on this node of --app")
	part.bind(cmd)
	return cmd
}

// nodeOf returns the id of the registration of a node.
func (s *session) nodeOf(ctx context.Context, key, app string) (client.ID, error) {
	if app == "" {
		return 0, s.wrong("--node needs --app")
	}
	node, err := s.GetNode(ctx, app, key)
	if err != nil {
		return 0, err
	}
	if !node.Live {
		return 0, &client.StateConflictError{Kind: client.KindNode, Key: app + "/" + key, State: "not there", Reason: "nothing runs on it"}
	}
	return node.NodeID, nil
}

// orElse is a name, or the id of what has none.
func orElse(name string, id client.ID) string {
	if name == "" {
		return id.String()
	}
	return name
}
