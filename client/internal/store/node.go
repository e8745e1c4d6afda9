package store

import (
	"context"
	"database/sql"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

var (
	selectNode = "SELECT " + sqldb.Columns[schema.Node]("") + " FROM QRTZ_NODE"
	seeNode    = "SELECT " + sqldb.Columns[schema.Node]("N") + `, {now},
		(SELECT A.MASTER FROM QRTZ_APP A WHERE A.APPLICATION = N.APPLICATION) FROM QRTZ_NODE N`
)

// NodeSeen is a node as people look at it.
type NodeSeen struct {
	schema.Node
	Now    int64 // the database's clock
	Master int64 // node id of the app's master
}

func (s Store) seeNodes(ctx context.Context, query string, args ...any) ([]NodeSeen, error) {
	var out []NodeSeen
	err := s.Each(ctx, func(rows *sql.Rows) error {
		var n NodeSeen
		if err := rows.Scan(append(sqldb.Dest(&n.Node), sqldb.Null(&n.Now), sqldb.Null(&n.Master))...); err != nil {
			return err
		}
		out = append(out, n)
		return nil
	}, query, args...)
	return out, err
}

// Node returns a node.
func (s Store) Node(ctx context.Context, app, key string) (schema.Node, bool, error) {
	return first[schema.Node](ctx, s, selectNode+" WHERE APPLICATION = ? AND HOST_IP = ?", app, key)
}

// SeeNode returns a node as it stands in its app.
func (s Store) SeeNode(ctx context.Context, app, key string) (NodeSeen, bool, error) {
	rows, err := s.seeNodes(ctx, seeNode+" WHERE APPLICATION = ? AND HOST_IP = ?", app, key)
	if err != nil || len(rows) == 0 {
		return NodeSeen{}, false, err
	}
	return rows[0], true, nil
}

// LiveNodes returns the nodes of an app that are registered, by key.
func (s Store) LiveNodes(ctx context.Context, app string) ([]schema.Node, error) {
	return sqldb.Select[schema.Node](ctx, s.DB, selectNode+" WHERE APPLICATION = ? AND NODE_ID IS NOT NULL ORDER BY HOST_IP", app)
}

// InsertNode adds a node.
func (s Store) InsertNode(ctx context.Context, row schema.Node) error {
	return sqldb.Insert(ctx, s.DB, "QRTZ_NODE", row)
}

// UpdateNode writes what a client may change of a node, where that differs
// from what was read.
func (s Store) UpdateNode(ctx context.Context, read, row schema.Node) (int64, error) {
	barred := read.Barred
	if barred == "" {
		barred = "-"
	}
	return s.Exec(ctx, `UPDATE QRTZ_NODE SET HOST_NAME = ?, STATE = ?, BARRED = ?
		WHERE APPLICATION = ? AND HOST_IP = ? AND HOST_NAME = ? AND STATE = ? AND COALESCE(BARRED, '-') = ?`,
		row.HostName, string(row.State), null(string(row.Barred)),
		read.Application, read.Key, read.HostName, string(read.State), string(barred))
}

// SetNodeStates turns all nodes of an app on or off.
func (s Store) SetNodeStates(ctx context.Context, app string, to schema.Switch) (int64, error) {
	return s.Exec(ctx, "UPDATE QRTZ_NODE SET STATE = ? WHERE APPLICATION = ? AND STATE <> ?", string(to), app, string(to))
}

// PutCommand asks something of the registration that was read, if nothing else
// is asked of it.
func (s Store) PutCommand(ctx context.Context, read schema.Node, command string) (int64, error) {
	return s.Exec(ctx, "UPDATE QRTZ_NODE SET COMMAND = ? WHERE APPLICATION = ? AND HOST_IP = ? AND NODE_ID = ? AND COMMAND IS NULL",
		command, read.Application, read.Key, read.NodeID)
}

// WithdrawCommand takes a command back that was not answered.
func (s Store) WithdrawCommand(ctx context.Context, read schema.Node, command string) (int64, error) {
	return s.Exec(ctx, "UPDATE QRTZ_NODE SET COMMAND = NULL WHERE APPLICATION = ? AND HOST_IP = ? AND NODE_ID = ? AND COMMAND = ?",
		read.Application, read.Key, read.NodeID, command)
}

// DeleteNode removes the row of a node.
func (s Store) DeleteNode(ctx context.Context, app, key string) (int64, error) {
	return s.Exec(ctx, "DELETE FROM QRTZ_NODE WHERE APPLICATION = ? AND HOST_IP = ?", app, key)
}

// NodeFilter narrows a list of nodes.
type NodeFilter struct {
	App                string
	Text               string
	State              schema.Switch
	Live               *bool
	AfterApp, AfterKey string // the last node already seen
}

// Nodes lists nodes by app and key.
func (s Store) Nodes(ctx context.Context, f NodeFilter, span Span) ([]NodeSeen, error) {
	past, direction := span.order()
	var w where
	w.equal("APPLICATION", f.App)
	w.text(f.Text, "HOST_IP", "HOST_NAME", "LABELS", "BUILD")
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
	return s.seeNodes(ctx, seeNode+w.String()+" ORDER BY APPLICATION"+direction+", HOST_IP"+direction+" {limit}", append(w.args, span.Limit)...)
}
