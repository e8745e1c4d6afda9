package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/internal/wait"
	"github.com/quartz-cluster/quartz/schema"
)

// Answer is what a node has answered to a command.
type Answer struct {
	NodeID ID        `json:"nodeId,omitempty"` // of the registration that answered
	At     time.Time `json:"at,omitzero"`      // database's time of the answer
	// RoundTrip is the time from writing the command to seeing the answer, by
	// this machine's clock. A node looks with every heartbeat, usually each second.
	RoundTrip time.Duration `json:"roundTripNs"`
}

// PingNode asks a node to answer, and measures how long that takes.
//
// A command is answered by the node itself. Calls that give one wait until the
// node has answered, and before that, until it has answered what was asked of it
// earlier; both end with the caller's context and with the client's CallTimeout.
// A node that has not answered then is a *NoAnswerError, and the command was
// taken back. One that is not registered, or leaves before it answers, is a
// *StateConflictError.
func (c *Client) PingNode(ctx context.Context, app, key string) (*Answer, error) {
	return c.command(ctx, "ping node", app, key, schema.Ping)
}

// DrainNode makes a node claim nothing more. Once it has answered no claim of its
// is under way; its runs go on, and it stays in the cluster until it is stopped
// or [Client.RejoinNode] ends the drain. Unlike a pause, a drain ends with the
// process.
func (c *Client) DrainNode(ctx context.Context, app, key string) (*Answer, error) {
	return c.command(ctx, "drain node", app, key, schema.Drain)
}

// RejoinNode ends a drain.
func (c *Client) RejoinNode(ctx context.Context, app, key string) (*Answer, error) {
	return c.command(ctx, "rejoin node", app, key, schema.Rejoin)
}

// StopNode makes a node drain, wait for its runs as long as it is configured to,
// hand over what it can and leave the cluster. The answer says that it has begun
// to.
func (c *Client) StopNode(ctx context.Context, app, key string) (*Answer, error) {
	return c.command(ctx, "stop node", app, key, schema.Halt)
}

func (c *Client) command(ctx context.Context, call, app, key string, verb schema.Verb) (*Answer, error) {
	return get(ctx, c, call, func(ctx context.Context) (*Answer, error) {
		if err := c.ownOnly(); err != nil {
			return nil, err
		}
		if err := checkNode(app, key); err != nil {
			return nil, err
		}
		begun := time.Now()
		var answer *Answer
		asked, err := c.ask(ctx, app, key, verb)
		if err == nil {
			answer, err = c.await(ctx, asked)
		}
		if err != nil && !told(err) && !asked.at.IsZero() {
			answer, err = c.giveUp(ctx, asked, err)
		}
		if err != nil && !told(err) && ctx.Err() != nil {
			err = &NoAnswerError{App: app, Nodes: []string{key}, Verb: verb, Waited: time.Since(begun), Err: ended(ctx, err)}
		}
		return answer, err
	})
}

// giveUp takes a command back, so that nothing is done on it once the caller was
// told that it was not.
func (c *Client) giveUp(ctx context.Context, a asked, why error) (*Answer, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), withdrawal)
	defer cancel()
	n, err := c.db.WithdrawCommand(ctx, a.node, a.text)
	if err != nil {
		return nil, errors.Join(why, fmt.Errorf("the command may stand with the node, which may yet obey it: %w", err))
	}
	if n > 0 {
		return nil, why
	}
	// It was never written, or answered at the last moment.
	if row, found, err := c.db.Node(ctx, a.node.Application, a.node.Key); err == nil && found && ackOf(row).ID == a.id {
		return a.answered(row)
	}
	return nil, why
}

// withdrawal bounds how long a call goes on after its end to take back what it
// asked.
const withdrawal = 5 * time.Second

// ended returns err as the end of a context.
func ended(ctx context.Context, err error) error {
	if errors.Is(err, ctx.Err()) {
		return err
	}
	return errors.Join(ctx.Err(), err)
}

// asked is a command that stands in a node's row.
type asked struct {
	node schema.Node // as it was before
	id   string
	verb schema.Verb
	text string
	at   time.Time // by this machine's clock
}

// ask writes the command as soon as no other stands there.
func (c *Client) ask(ctx context.Context, app, key string, verb schema.Verb) (asked, error) {
	out := asked{id: ID(c.newID()).String(), verb: verb}
	text, err := json.Marshal(schema.Command{ID: out.id, Verb: verb, By: c.actor(ctx)})
	if err != nil {
		return out, err
	}
	out.text = string(text)
	for {
		row, err := c.readNode(ctx, app, key)
		switch {
		case err != nil:
			return out, err
		case row.NodeID == 0:
			return out, nodeConflict(row.Node, "it is not registered, so nobody would answer")
		}
		if out.node = row.Node; row.Command == "" {
			c.computed()
			out.at = time.Now()
			if done, err := c.put(ctx, out); err != nil || done {
				return out, err
			}
			continue
		}
		if err := c.pause(ctx); err != nil {
			return out, err
		}
	}
}

// put writes the command, and down that it did. It reports false when the node
// has another one, or has become another one.
func (c *Client) put(ctx context.Context, a asked) (done bool, err error) {
	err = c.withApp(ctx, a.node.Application, func(tx store.Store, on schema.App, now int64) error {
		n, err := tx.PutCommand(ctx, a.node, a.text)
		if done = n > 0; err != nil || !done {
			return err
		}
		_, err = tx.AddEvent(ctx, on, now, schema.AppEvent{
			Kind: schema.EventCommand, Node: a.node.Key, NodeID: a.node.NodeID, By: c.actor(ctx), Text: string(a.verb),
		})
		return err
	})
	return done && err == nil, err
}

// await looks until the command is answered.
func (c *Client) await(ctx context.Context, a asked) (*Answer, error) {
	for {
		answer, done, err := c.look(ctx, a)
		if err != nil || done {
			return answer, err
		}
		if err := c.pause(ctx); err != nil {
			return nil, err
		}
	}
}

// look reports whether the command was answered.
func (c *Client) look(ctx context.Context, a asked) (*Answer, bool, error) {
	row, found, err := c.db.Node(ctx, a.node.Application, a.node.Key)
	switch {
	case err != nil:
		return nil, false, err
	case (!found || row.NodeID != a.node.NodeID) && a.verb == schema.Halt:
		return &Answer{NodeID: ID(a.node.NodeID), RoundTrip: time.Since(a.at)}, true, nil // it has left, as it was asked to
	case !found || row.NodeID != a.node.NodeID:
		return nil, false, nodeConflict(a.node, "it left before it answered")
	case row.Command == a.text:
		return nil, false, nil
	}
	answer, err := a.answered(row)
	return answer, true, err
}

// answered reads the answer from the row of a node that has taken the command
// away.
func (a asked) answered(row schema.Node) (*Answer, error) {
	answer := &Answer{NodeID: ID(a.node.NodeID), RoundTrip: time.Since(a.at)}
	ack := ackOf(row)
	if ack.ID != a.id {
		return answer, nil // a later command's answer stands in the place of this one's
	}
	if ack.Error != "" {
		return nil, nodeConflict(row, fmt.Sprintf("it refuses to %s: %s", a.verb, ack.Error))
	}
	answer.At = timeOf(ack.At)
	return answer, nil
}

// ackOf reads a node's last answer; what is none has no id.
func ackOf(row schema.Node) schema.Ack {
	var ack schema.Ack
	if json.Unmarshal([]byte(row.CommandAck), &ack) != nil {
		return schema.Ack{}
	}
	return ack
}

// pause waits between two looks.
func (c *Client) pause(ctx context.Context) error {
	if !wait.For(ctx, c.poll) {
		return ctx.Err()
	}
	return nil
}
