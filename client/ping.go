package client

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// NodeAnswer is what came of asking one of several nodes.
type NodeAnswer struct {
	Key    string  `json:"key"`
	Answer *Answer `json:"answer,omitempty"` // nil: none came
	Error  string  `json:"error,omitempty"`  // why
}

// PingNodes asks all live nodes of an app at once to answer, and returns what each
// has answered, by key. It waits for the slowest, by the rules of [Client.PingNode]:
// a node that has left, or has not answered when the context or the client's
// CallTimeout ends, is no error of the call's, but has an Error. A node without a
// cluster has no row to be asked in, and is not among them.
func (c *Client) PingNodes(ctx context.Context, app string) ([]NodeAnswer, error) {
	return get(ctx, c, "ping nodes", func(ctx context.Context) ([]NodeAnswer, error) {
		if err := c.ownOnly(); err != nil {
			return nil, err
		}
		if err := checkApp("app", app); err != nil {
			return nil, err
		}
		if _, err := c.readApp(ctx, app); err != nil {
			return nil, err
		}
		nodes, err := c.db.LiveNodes(ctx, app)
		if err != nil {
			return nil, err
		}
		p := &pings{app: app, begun: time.Now(), all: make([]ping, len(nodes))}
		for i, node := range nodes {
			q := &p.all[i]
			q.Key, q.node, q.verb, q.id = node.Key, node, schema.Ping, ID(c.newID()).String()
			text, err := json.Marshal(schema.Command{ID: q.id, Verb: q.verb, By: c.actor(ctx)})
			if err != nil {
				return nil, err
			}
			q.text = string(text)
		}
		err = c.pingAll(ctx, p)
		out := make([]NodeAnswer, len(nodes))
		for i, q := range p.all {
			out[i] = q.NodeAnswer
		}
		return out, err
	})
}

// pings are the questions of one call.
type pings struct {
	app   string
	begun time.Time
	all   []ping
	noted bool // among the events
}

type ping struct {
	NodeAnswer
	asked // its time is zero as long as another command stands with the node
}

// open are the questions that nothing has come of yet.
func (p *pings) open() []*ping {
	var open []*ping
	for i := range p.all {
		if q := &p.all[i]; q.Answer == nil && q.Error == "" {
			open = append(open, q)
		}
	}
	return open
}

func (q *ping) settle(answer *Answer, err error) {
	if q.Answer = answer; err != nil {
		q.Error = err.Error()
	}
}

// pingAll asks and looks until nothing is open any more, and takes back what was
// not answered when it ends before. That its time is over is no error.
func (c *Client) pingAll(ctx context.Context, p *pings) error {
	var err error
	for open := p.open(); len(open) > 0 && err == nil; open = p.open() {
		if err = c.pingRound(ctx, p, open); err == nil && len(p.open()) > 0 {
			err = c.pause(ctx)
		}
	}
	for _, q := range p.open() {
		var why error = &NoAnswerError{App: p.app, Nodes: []string{q.Key}, Verb: q.verb, Waited: time.Since(p.begun), Err: ended(ctx, err)}
		if q.at.IsZero() {
			q.settle(nil, why)
			continue
		}
		q.settle(c.giveUp(ctx, q.asked, why))
	}
	if ctx.Err() != nil {
		err = nil
	}
	return err
}

// pingRound looks for answers, and asks those that nothing else is asked of.
func (c *Client) pingRound(ctx context.Context, p *pings, open []*ping) error {
	rows, err := c.db.LiveNodes(ctx, p.app)
	if err != nil {
		return err
	}
	var ask []*ping
	for _, q := range open {
		i := slices.IndexFunc(rows, func(row schema.Node) bool { return row.Key == q.Key && row.NodeID == q.node.NodeID })
		switch {
		case i < 0:
			q.settle(nil, nodeConflict(q.node, "it left before it answered"))
		case q.at.IsZero() && rows[i].Command == "":
			ask = append(ask, q)
		case !q.at.IsZero() && rows[i].Command != q.text:
			q.settle(q.answered(rows[i]))
		}
	}
	if len(ask) == 0 {
		return nil
	}
	return c.putPings(ctx, p, ask)
}

// putPings writes the commands, and down that they were given, once a call.
func (c *Client) putPings(ctx context.Context, p *pings, ask []*ping) error {
	at, put := time.Now(), make([]bool, len(ask))
	for _, q := range ask {
		q.at = at // also where it stays unknown whether it was written
	}
	err := c.withApp(ctx, p.app, func(tx store.Store, on schema.App, now int64) error {
		asked := false
		for i, q := range ask {
			n, err := tx.PutCommand(ctx, q.node, q.text)
			if err != nil {
				return err
			}
			put[i] = n > 0
			asked = asked || put[i]
		}
		if !asked || p.noted {
			return nil
		}
		_, err := tx.AddEvent(ctx, on, now, schema.AppEvent{Kind: schema.EventCommand, By: c.actor(ctx), Text: string(schema.Ping) + " to all nodes"})
		return err
	})
	if err != nil {
		return err
	}
	for i, q := range ask {
		if p.noted = p.noted || put[i]; !put[i] {
			q.at = time.Time{}
		}
	}
	return nil
}
