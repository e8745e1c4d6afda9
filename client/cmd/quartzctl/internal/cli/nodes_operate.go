package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
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

func (p *Program) nodesPing() *cobra.Command {
	return p.onNodes("ping", "Ask nodes to answer", func(ctx context.Context, s *session, app, key string) error {
		got, err := s.PingNode(ctx, app, key)
		if err != nil {
			return err
		}
		return s.out.Say(got, "node %s of app %s answered after %s", key, app, got.RoundTrip.Round(time.Millisecond))
	})
}
