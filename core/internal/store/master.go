package store

import (
	"context"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// Elect makes a node the application's master, or nobody where it has no id, if
// the application still has the master that c shows, the node's registration
// lives and may be master, and nobody holds the application's row.
func (s *Store) Elect(ctx context.Context, c Cluster, to Peer, why string) (elected bool, err error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	err = s.db.TxOnce(ctx, func(tx *sqldb.DB) error {
		elected = false
		var now int64
		var events string
		found, err := tx.One(ctx, []any{sqldb.Null(&events), sqldb.Null(&now)},
			"SELECT EVENTS, {now} FROM QRTZ_APP WHERE APPLICATION = ? {skip locked}", s.app)
		if err != nil || !found {
			return err
		}
		events = schema.AddEvents(events, now, schema.AppEvent{At: now, Kind: schema.EventElected, Node: to.Key, NodeID: to.NodeID, Text: why})
		query, args := "UPDATE QRTZ_APP SET MASTER = NULL, MASTER_EPOCH = ?, EVENTS = ?", []any{c.MasterEpoch + 1, events}
		if to.NodeID != 0 {
			query, args = "UPDATE QRTZ_APP SET MASTER = ?, MASTER_EPOCH = ?, EVENTS = ?", append([]any{to.NodeID}, args...)
		}
		query += " WHERE APPLICATION = ? AND COALESCE(MASTER, 0) = ? AND MASTER_EPOCH = ?"
		args = append(args, s.app, c.Master, c.MasterEpoch)
		if to.NodeID != 0 {
			query += ` AND EXISTS (SELECT 1 FROM QRTZ_NODE n WHERE n.APPLICATION = ? AND n.NODE_ID = ?
				AND n.STATE = 'Y' AND n.CAPACITY > 0 AND COALESCE(n.BARRED, 'N') = 'N')`
			args = append(args, s.app, to.NodeID)
		}
		n, err := tx.Exec(ctx, query, args...)
		elected = n == 1
		return err
	})
	return elected && err == nil, err
}
