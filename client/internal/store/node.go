package store

import (
	"context"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

var selectNode = "SELECT " + sqldb.Columns[schema.Node]("") + " FROM QRTZ_NODE"

// Node returns a node.
func (s Store) Node(ctx context.Context, app, key string) (schema.Node, bool, error) {
	return first[schema.Node](ctx, s, selectNode+" WHERE APPLICATION = ? AND HOST_IP = ?", app, key)
}

// InsertNode adds a node.
func (s Store) InsertNode(ctx context.Context, row schema.Node) error {
	return sqldb.Insert(ctx, s.DB, "QRTZ_NODE", row)
}

// UpdateNode writes what a client may change of a node, where that differs
// from what was read.
func (s Store) UpdateNode(ctx context.Context, read schema.Node, hostName string, state schema.Switch) (int64, error) {
	return s.Exec(ctx, `UPDATE QRTZ_NODE SET HOST_NAME = ?, STATE = ?
		WHERE APPLICATION = ? AND HOST_IP = ? AND HOST_NAME = ? AND STATE = ?`,
		hostName, string(state), read.Application, read.Key, read.HostName, string(read.State))
}

// SetNodeStates turns all nodes of an app on or off.
func (s Store) SetNodeStates(ctx context.Context, app string, to schema.Switch) (int64, error) {
	return s.Exec(ctx, "UPDATE QRTZ_NODE SET STATE = ? WHERE APPLICATION = ? AND STATE <> ?", string(to), app, string(to))
}

// DeleteNode removes the row of a node.
func (s Store) DeleteNode(ctx context.Context, app, key string) (int64, error) {
	return s.Exec(ctx, "DELETE FROM QRTZ_NODE WHERE APPLICATION = ? AND HOST_IP = ?", app, key)
}

// NodeFilter narrows a list of nodes.
type NodeFilter struct {
	App                string
	State              schema.Switch
	Live               *bool
	AfterApp, AfterKey string // the last node already seen
}

// Nodes lists nodes by app and key.
func (s Store) Nodes(ctx context.Context, f NodeFilter, span Span) ([]schema.Node, error) {
	past, direction := span.order()
	var w where
	w.equal("APPLICATION", f.App)
	w.equal("STATE", string(f.State))
	if f.Live != nil && *f.Live {
		w.add("NODE_ID IS NOT NULL")
	}
	if f.Live != nil && !*f.Live {
		w.add("NODE_ID IS NULL")
	}
	if f.AfterApp != "" {
		w.add("(APPLICATION"+past+" OR (APPLICATION = ? AND HOST_IP"+past+"))", f.AfterApp, f.AfterApp, f.AfterKey)
	}
	return sqldb.Select[schema.Node](ctx, s.DB,
		selectNode+w.String()+" ORDER BY APPLICATION"+direction+", HOST_IP"+direction+" {limit}", append(w.args, span.Limit)...)
}
