package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/cmd/quartzctl/internal/output"
)

func (p *Program) nodes() *cobra.Command {
	cmd := group("nodes", "Nodes: the running workers of an app",
		p.nodesList(), p.nodesShow(), p.nodesAdd(), p.nodesEdit(),
		p.nodesSwitch("pause", "Let nodes claim nothing more; it stays with the key", (*client.Client).PauseNode),
		p.nodesSwitch("resume", "Let nodes claim again", (*client.Client).ResumeNode),
		p.nodesDelete(),
		p.nodesPing(),
		p.nodesCommand("drain", "Let nodes claim nothing more until they rejoin or end", "claims nothing more", (*client.Client).DrainNode),
		p.nodesCommand("rejoin", "End the drain of nodes", "claims again", (*client.Client).RejoinNode),
		p.nodesCommand("stop", "Let nodes finish what they run, hand over the rest and leave", "stops", (*client.Client).StopNode),
		p.nodesSwitch("bar", "Keep nodes from ever being master; it stays with the key", (*client.Client).BarNode),
		p.nodesSwitch("unbar", "Let nodes be master again", (*client.Client).UnbarNode))
	cmd.Aliases = []string{"node"}
	return cmd
}

var nodeColumns = []output.Column[*client.NodeInfo]{
	{Head: "APP", Cell: func(n *client.NodeInfo) string { return n.App }},
	{Head: "NODE", Cell: func(n *client.NodeInfo) string { return n.Key }},
	{Head: "STATE", Cell: nodeState},
	{Head: "MASTER", Cell: func(n *client.NodeInfo) string { return yes(n.Master) }},
	{Head: "RUNNING", Cell: func(n *client.NodeInfo) string {
		if !n.Live {
			return ""
		}
		return fmt.Sprintf("%d of %d", n.Running, n.Capacity)
	}},
	{Head: "HEARD OF", Cell: func(n *client.NodeInfo) string {
		if !n.Live {
			return ""
		}
		return n.BeatAge.String() + " ago"
	}},
	{Head: "BUILD", Cell: func(n *client.NodeInfo) string { return n.Build }},
	{Head: "LABELS", Cell: func(n *client.NodeInfo) string { return strings.Join(n.Labels, " ") }},
}

// nodeState is what keeps a node from claiming, or from being master.
func nodeState(n *client.NodeInfo) string {
	words := []string{"live", "", "", ""}
	if !n.Live {
		words[0] = "not there"
	}
	if n.Draining {
		words[1] = "draining"
	}
	if n.Paused {
		words[2] = "paused"
	}
	if n.Barred {
		words[3] = "barred"
	}
	return spoken(", ", words...)
}

func (p *Program) nodesList() *cobra.Command {
	var filter client.NodeFilter
	var part paging
	var live, gone, paused, active bool
	cmd := p.verb("list", "List nodes by app and key", func(ctx context.Context, s *session, _ []string) error {
		filter.Live, filter.Paused = either(live, gone), either(paused, active)
		page, err := pages(part, func(part client.PageOptions) (*client.Page[client.NodeInfo], error) {
			filter.PageOptions = part
			return s.ListNodes(ctx, filter)
		})
		if err != nil {
			return err
		}
		return list(s, page, nodeColumns)
	})
	p.appFlag(cmd, &filter.App, "only those of this app")
	cmd.Flags().StringVar(&filter.Text, "text", "", "those that have this in key, host name, labels or build")
	cmd.Flags().BoolVar(&live, "live", false, "only those that are registered")
	cmd.Flags().BoolVar(&gone, "gone", false, "only those that are not registered")
	cmd.Flags().BoolVar(&paused, "paused", false, "only those that are paused")
	cmd.Flags().BoolVar(&active, "active", false, "only those that are not paused")
	cmd.MarkFlagsMutuallyExclusive("live", "gone")
	cmd.MarkFlagsMutuallyExclusive("paused", "active")
	part.bind(cmd)
	return cmd
}

// onNodes is a verb on each of some nodes of an app.
func (p *Program) onNodes(use, short string, do func(ctx context.Context, s *session, app, key string) error) *cobra.Command {
	cmd := p.verb(use+" APP NODE...", short, func(ctx context.Context, s *session, args []string) error {
		return s.each(ctx, args[1:], func(key string) error { return do(ctx, s, args[0], key) })
	})
	cmd.ValidArgsFunction = p.completed(findNodes)
	return cmd
}

func (p *Program) nodesShow() *cobra.Command {
	more := slices.Concat(nodeColumns, []output.Column[*client.NodeInfo]{
		{Head: "HOST", Cell: func(n *client.NodeInfo) string { return n.HostName }},
		{Head: "NODE ID", Cell: func(n *client.NodeInfo) string { return known(n.NodeID) }},
		{Head: "STARTED", Cell: func(n *client.NodeInfo) string { return formatTime(n.Started) }},
		{Head: "LAST BEAT", Cell: func(n *client.NodeInfo) string { return formatTime(n.LastBeat) }},
		{Head: "CLOCK SKEW", Cell: func(n *client.NodeInfo) string { return span(n.ClockSkew) }},
		{Head: "HANDLERS", Cell: func(n *client.NodeInfo) string { return strings.Join(n.Handlers, " ") }},
	})
	return p.onNodes("show", "Show nodes", func(ctx context.Context, s *session, app, key string) error {
		info, err := s.GetNode(ctx, app, key)
		if err != nil {
			return err
		}
		return output.Show(s.out, info, more)
	})
}

func (p *Program) nodesAdd() *cobra.Command {
	var node client.Node
	var withApp bool
	cmd := p.onNodes("add", "Add nodes by hand, to keep a word for whoever registers under the key",
		func(ctx context.Context, s *session, app, key string) error {
			node.App, node.Key = app, key
			add := s.AddNode
			if withApp {
				add = s.AddAppWithNode
			}
			info, err := add(ctx, node)
			if err != nil {
				return err
			}
			return s.out.Say(info, "node %s of app %s was added", key, app)
		})
	cmd.Flags().StringVar(&node.HostName, "host-name", "", "for people to read (default the key)")
	cmd.Flags().BoolVar(&node.Paused, "paused", false, "add it paused")
	cmd.Flags().BoolVar(&withApp, "with-app", false, "add the app, too, unless it is there")
	return cmd
}

func (p *Program) nodesEdit() *cobra.Command {
	var name string
	cmd := p.onNodes("edit", "Change the host name of nodes", func(ctx context.Context, s *session, app, key string) error {
		info, err := s.UpdateNode(ctx, app, key, client.SetHostName(name))
		if err != nil {
			return err
		}
		return s.out.Say(info, "node %s of app %s has host name %s", key, app, info.HostName)
	})
	cmd.Flags().StringVar(&name, "host-name", "", "for people to read")
	mustHave(cmd, "host-name")
	return cmd
}

func (p *Program) nodesDelete() *cobra.Command {
	return p.onNodes("delete", "Delete the rows of nodes; one that lives registers again", func(ctx context.Context, s *session, app, key string) error {
		if err := s.DeleteNode(ctx, app, key); err != nil {
			return err
		}
		return s.out.Say(deleted{client.KindNode, app + "/" + key}, "node %s of app %s was deleted", key, app)
	})
}
