package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/cmd/quartzctl/internal/output"
	"github.com/quartz-cluster/quartz/schema"
)

type nodeCall func(c *client.Client, ctx context.Context, app, key string) (*client.NodeInfo, error)

// nodesSwitch is a verb that writes an operator's word into the row of a node.
func (p *Program) nodesSwitch(name, short string, call nodeCall) *cobra.Command {
	return p.onNodes(name, short, func(ctx context.Context, s *session, app, key string) error {
		info, err := call(s.Client, ctx, app, key)
		if err != nil {
			return err
		}
		return s.out.Say(info, "node %s of app %s is %s", key, app, nodeState(info))
	})
}

type nodeCommand func(c *client.Client, ctx context.Context, app, key string) (*client.Answer, error)

// nodesCommand is a verb that the node itself answers.
func (p *Program) nodesCommand(name, short, answer string, call nodeCommand) *cobra.Command {
	return p.onNodes(name, short, func(ctx context.Context, s *session, app, key string) error {
		got, err := call(s.Client, ctx, app, key)
		if err != nil {
			return err
		}
		return s.out.Say(got, "node %s of app %s %s", key, app, answer)
	})
}

var answerColumns = []output.Column[client.NodeAnswer]{
	{Head: "NODE", Cell: func(n client.NodeAnswer) string { return n.Key }},
	{Head: "ANSWERED AFTER", Cell: func(n client.NodeAnswer) string {
		if n.Answer == nil {
			return ""
		}
		return span(n.Answer.RoundTrip)
	}},
	{Head: "ERROR", Cell: func(n client.NodeAnswer) string { return n.Error }},
}

func (p *Program) nodesPing() *cobra.Command {
	cmd := p.verb("ping APP [NODE...]", "Ask nodes, or all live nodes of an app, to answer", func(ctx context.Context, s *session, args []string) error {
		if len(args) == 1 {
			return s.pingAll(ctx, args[0])
		}
		return s.each(ctx, args[1:], func(key string) error {
			got, err := s.PingNode(ctx, args[0], key)
			if err != nil {
				return err
			}
			return s.out.Say(got, "node %s of app %s answered after %s", key, args[0], span(got.RoundTrip))
		})
	})
	cmd.ValidArgsFunction = p.completed(findNodes)
	return cmd
}

func (s *session) pingAll(ctx context.Context, app string) error {
	all, err := s.PingNodes(ctx, app)
	if err != nil {
		return err
	}
	if err := output.List(s.out, all, all, answerColumns); err != nil {
		return err
	}
	var silent []string
	for _, node := range all {
		if node.Answer == nil {
			silent = append(silent, node.Key)
		}
	}
	if len(silent) > 0 {
		return &client.NoAnswerError{App: app, Nodes: silent, Verb: schema.Ping, Waited: s.program.flags.timeout, Err: context.DeadlineExceeded}
	}
	return nil
}
