package lab

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
)

// Node is a running node and its connections.
type Node struct {
	*core.Node

	Pool *Pool

	lab *Lab
}

// Option changes how a node is made.
type Option func(*setup)

type setup struct {
	core.Config

	params []testdb.Option
	pool   func(*Pool)
}

// With changes the node's Config.
func With(change func(c *core.Config)) Option { return func(s *setup) { change(&s.Config) } }

// As sets the node's key.
func As(key string) Option { return With(func(c *core.Config) { c.NodeKey = key }) }

// Running sets the node's handlers.
func Running(h *core.Handlers) Option { return With(func(c *core.Config) { c.Handlers = h }) }

// Connected adds parameters to the DSN of the node's connections.
func Connected(params ...testdb.Option) Option {
	return func(s *setup) { s.params = append(s.params, params...) }
}

// Through calls fn with the node's connections before the node starts.
func Through(fn func(p *Pool)) Option { return func(s *setup) { s.pool = fn } }

// pace is the time unit of a node's periods.
const pace = 100 * time.Millisecond

// Config returns what nodes of a lab are configured with: short periods, and a
// lease that a loaded machine does not miss.
func (l *Lab) Config() core.Config {
	l.nodes++
	return core.Config{
		App: App, Handlers: l.Handlers(nil), NodeKey: fmt.Sprintf("node-%d", l.nodes), Slots: 10,
		Heartbeat: pace, Lease: 15 * time.Second, Margin: 500 * time.Millisecond,
		ScanInterval: pace, HandlerInterval: 2 * pace,
		StopTimeout: 10 * time.Second, Logger: slog.New(slog.DiscardHandler), Observer: observe.Func(l.observe),
	}
}

// Start starts a node and waits until it has registered. It is stopped when the
// test ends.
func (l *Lab) Start(options ...Option) *Node {
	l.t.Helper()
	n := l.Launch(options...)
	select {
	case <-n.Ready():
	case <-time.After(patience):
		l.t.Fatalf("the node did not register within %s\n%s", patience, l.last(30))
	}
	return n
}

// Launch is Start without the wait.
func (l *Lab) Launch(options ...Option) *Node {
	l.t.Helper()
	s := setup{Config: l.Config()}
	for _, o := range options {
		o(&s)
	}
	db := testdb.New(l.t, l.DB.Kind, s.params...)
	l.plug(db)
	pool, err := Wrap(db.Gorm)
	require.NoError(l.t, err)
	node, err := core.New(db.Gorm, s.Config)
	require.NoError(l.t, err)
	if s.pool != nil {
		s.pool(pool)
	}
	require.NoError(l.t, node.Start(context.Background()))
	l.t.Cleanup(func() {
		pool.Mend()
		_ = node.Stop(context.Background())
	})
	n := &Node{Node: node, Pool: pool, lab: l}
	l.running = append(l.running, n)
	return n
}

// Clear stops the nodes, checks the ledger, and empties it and the tables, for
// the next case in the same place.
func (l *Lab) Clear() {
	l.t.Helper()
	for _, n := range l.running {
		n.Pool.Mend()
		_ = n.Stop(context.Background())
		require.NoError(l.t, n.Pool.Close())
	}
	l.running = nil
	l.Ledger.check(l.t)
	l.Ledger.clear()
	l.mu.Lock()
	l.events = nil
	l.mu.Unlock()
	for _, table := range []string{"EXECUTE", "JOB", "NODE"} {
		l.Exec(-1, "DELETE FROM QRTZ_"+table)
	}
	l.Exec(-1, "UPDATE QRTZ_APP SET STATE = 'Y' WHERE APPLICATION = ?", App)
}

// Peer puts the row of a node there that nothing runs: another live one, on this
// host.
func (l *Lab) Peer(nodeID int64) {
	l.t.Helper()
	host, err := os.Hostname()
	require.NoError(l.t, err)
	l.Exec(1, `INSERT INTO QRTZ_NODE (APPLICATION, HOST_IP, HOST_NAME, STATE, TIME_CHECK, NODE_ID, HANDLERS)
		VALUES (?, 'other', ?, 'Y', {now}, ?, '[]')`, App, host, nodeID)
}

// Nodes starts n nodes.
func (l *Lab) Nodes(n int, options ...Option) []*Node {
	l.t.Helper()
	out := make([]*Node, n)
	for i := range out {
		out[i] = l.Start(options...)
	}
	return out
}

// Scans waits for n scans of the node that begin from now on.
func (n *Node) Scans(count int64) {
	n.lab.t.Helper()
	want := n.Pool.Count(Scan) + count + 1
	n.lab.Until(func() bool { return n.Pool.Count(Scan) >= want }, "the node scanned %d times", count)
}

// Beats waits for n heartbeats of the node that begin from now on.
func (n *Node) Beats(count int64) {
	n.lab.t.Helper()
	want := n.Pool.Count(Beat) + count + 1
	n.lab.Until(func() bool { return n.Pool.Count(Beat) >= want }, "the node sent %d heartbeats", count)
}
