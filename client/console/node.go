package console

import (
	"context"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/internal/host"
	"github.com/quartz-cluster/quartz/schema"
)

// nodeIn names a node.
type nodeIn struct {
	appIn

	Key string `json:"key"`
}

func (in nodeIn) subject() string { return in.App + "/" + in.Key }

// nodeOut is a node, and whether it runs on the host that answers.
type nodeOut struct {
	*client.NodeInfo

	Here bool `json:"here"`
}

func here(node *client.NodeInfo) nodeOut {
	return nodeOut{node, node.HostName == host.Name(schema.MaxHostName)}
}

func (c *console) listNodes(ctx context.Context, p *params) (any, error) {
	filter := client.NodeFilter{PageOptions: p.page(), App: p.text("app"), Text: p.text("text"), Paused: p.choice("paused"), Live: p.choice("live")}
	if err := p.done(); err != nil {
		return nil, err
	}
	page, err := c.client.ListNodes(ctx, filter)
	if err != nil {
		return nil, err
	}
	out := struct {
		items[nodeOut]

		Next string `json:"next,omitempty"`
	}{items[nodeOut]{make([]nodeOut, len(page.Items))}, page.Next}
	for i, node := range page.Items {
		out.Items[i] = here(node)
	}
	return out, nil
}

func (c *console) getNode(ctx context.Context, p *params) (any, error) {
	app, key := p.text("app"), p.text("key")
	if err := p.done(); err != nil {
		return nil, err
	}
	return nodeResult(c.client.GetNode(ctx, app, key))
}

func nodeResult(node *client.NodeInfo, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return here(node), nil
}

// byNode is a change of a node that needs nothing but its name.
func byNode(change func(ctx context.Context, app, key string) (*client.NodeInfo, error)) func(context.Context, nodeIn) (any, error) {
	return func(ctx context.Context, in nodeIn) (any, error) { return nodeResult(change(ctx, in.App, in.Key)) }
}

// command is something that is asked of a node, which answers itself.
func command(ask func(ctx context.Context, app, key string) (*client.Answer, error)) func(context.Context, nodeIn) (any, error) {
	return func(ctx context.Context, in nodeIn) (any, error) { return ask(ctx, in.App, in.Key) }
}

// pingWait is how long an answer waits for nodes that may be silent.
const pingWait = 5 * time.Second

func (c *console) pingNodes(ctx context.Context, in appIn) (any, error) {
	wait, cancel := context.WithTimeout(ctx, pingWait)
	defer cancel()
	answers, err := c.client.PingNodes(wait, in.App)
	if answers == nil {
		answers = []client.NodeAnswer{}
	}
	return items[client.NodeAnswer]{answers}, err
}

type addNodeIn struct {
	nodeIn

	HostName string `json:"hostName"`
	Paused   bool   `json:"paused"`
	WithApp  bool   `json:"withApp"`
}

func (c *console) addNode(ctx context.Context, in addNodeIn) (any, error) {
	node := client.Node{App: in.App, Key: in.Key, HostName: in.HostName, Paused: in.Paused}
	if in.WithApp {
		return nodeResult(c.client.AddAppWithNode(ctx, node))
	}
	return nodeResult(c.client.AddNode(ctx, node))
}

type editNodeIn struct {
	nodeIn

	HostName *string `json:"hostName"`
}

func (c *console) editNode(ctx context.Context, in editNodeIn) (any, error) {
	var edits []client.NodeEdit
	if in.HostName != nil {
		edits = append(edits, client.SetHostName(*in.HostName))
	}
	return nodeResult(c.client.UpdateNode(ctx, in.App, in.Key, edits...))
}

func (c *console) deleteNode(ctx context.Context, in nodeIn) (any, error) {
	return done{}, c.client.DeleteNode(ctx, in.App, in.Key)
}
