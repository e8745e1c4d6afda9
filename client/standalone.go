package client

import (
	"context"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// standalone returns the node that runs an app without a cluster, if one does. It
// has no row: MASTER holds its id with a minus sign, and only the event of its
// joining tells its key.
func standalone(row schema.App) (schema.Node, bool) {
	if row.Master >= 0 {
		return schema.Node{}, false
	}
	n := schema.Node{Application: row.Application, Key: "standalone", NodeID: -row.Master}
	for _, e := range schema.Events(row.Events) {
		if e.Kind == schema.EventJoined && e.NodeID == n.NodeID {
			n.Key = e.Node
		}
	}
	return n, true
}

// idle reports whether nothing of a node that runs without a cluster is in flight.
// It has no row to confirm that in, but every claim names the maintenance.
func idle(ctx context.Context, db store.Store, n schema.Node) (bool, error) {
	rows, err := db.Running(ctx, store.RunningFilter{App: n.Application, Node: n.NodeID}, store.Span{Limit: 1})
	return len(rows) == 0, err
}
