package store

import (
	"context"
	"database/sql"
	"slices"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// Peer is a live node as its peers see it.
type Peer struct {
	Key       string
	NodeID    int64
	State     schema.Switch
	TimeCheck int64
	Beat      int64
	Capacity  int
	Running   int
	Handlers  string
	Labels    string
	Build     string
	Host      string
	TimeStart int64
	Barred    schema.Switch
	Command   string
}

// MayBeMaster reports whether the node may be the application's master: not where
// it is barred, and not while it claims nothing.
func (p Peer) MayBeMaster() bool {
	return p.State == schema.On && p.Capacity > 0 && p.Barred != schema.On && p.Barred != schema.BarredItself
}

// Cluster is what a heartbeat reads.
type Cluster struct {
	Now          int64 // database clock
	AppState     schema.Switch
	TimePre      int64
	TimeNext     int64
	TimeInterval int64
	Master       int64 // node id, 0 for none
	MasterEpoch  int64 // +1 at every change of the master
	MasterPrefer string
	Maintenance  schema.Switch
	Mode         schema.Mode
	Version      int64  // counts operators' edits of the application
	Peers        []Peer // the live nodes, oldest first, this one among them
}

// Find returns the live node with that id.
func (c Cluster) Find(nodeID int64) (Peer, bool) {
	i := slices.IndexFunc(c.Peers, func(p Peer) bool { return p.NodeID == nodeID })
	if i < 0 {
		return Peer{}, false
	}
	return c.Peers[i], true
}

// Report is what a heartbeat tells.
type Report struct {
	Capacity int   // 0: the node claims nothing
	Running  int   // slots in use
	Skew     int64 // the node's clock minus the database's, milliseconds
	Seen     int64 // the application's VERSION that the node has acted on
}

// Heartbeat renews the registration and reports whether it still stands.
func (s *Store) Heartbeat(ctx context.Context, reg Registration, r Report) (bool, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	if s.alone != nil {
		return s.beatAlone(ctx, reg, r)
	}
	barred := ""
	if reg.NeverMaster { // also after an operator lifted a bar of his own
		barred = ", BARRED = CASE WHEN BARRED = 'Y' THEN BARRED ELSE '" + string(schema.BarredItself) + "' END"
	}
	n, err := s.db.Exec(ctx, `UPDATE QRTZ_NODE SET BEAT = BEAT + 1, TIME_CHECK = {now}, CAPACITY = ?, RUNNING = ?, SKEW = ?, APP_SEEN = ?`+barred+`
		WHERE APPLICATION = ? AND HOST_IP = ? AND NODE_ID = ?`, r.Capacity, r.Running, r.Skew, r.Seen, s.app, reg.Key, reg.NodeID)
	return n == 1, err
}

// Stands reports whether the registration is in the database.
func (s *Store) Stands(ctx context.Context, reg Registration) (bool, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	query, args := "SELECT NODE_ID FROM QRTZ_NODE WHERE APPLICATION = ? AND HOST_IP = ? AND NODE_ID = ?", []any{s.app, reg.Key, reg.NodeID}
	if s.alone != nil {
		query, args = "SELECT MASTER FROM QRTZ_APP WHERE APPLICATION = ? AND MASTER = ?", []any{s.app, -reg.NodeID}
	}
	var id int64
	return s.db.One(ctx, []any{&id}, query, args...)
}

// Cluster reads the application's row and its live nodes. Without the
// application's row Peers is empty.
func (s *Store) Cluster(ctx context.Context) (Cluster, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	if s.alone != nil {
		return s.clusterAlone(ctx)
	}
	var c Cluster
	err := s.db.Each(ctx, func(rows *sql.Rows) error {
		var p Peer
		if err := rows.Scan(sqldb.Null(&c.Now), &c.AppState, sqldb.Null(&c.TimePre), sqldb.Null(&c.TimeNext), sqldb.Null(&c.TimeInterval),
			sqldb.Null(&c.Master), sqldb.Null(&c.MasterEpoch), sqldb.Null(&c.MasterPrefer), sqldb.Null(&c.Maintenance),
			sqldb.Null(&c.Mode), sqldb.Null(&c.Version),
			&p.Key, sqldb.Null(&p.NodeID), &p.State, sqldb.Null(&p.TimeCheck), sqldb.Null(&p.Beat),
			sqldb.Null(&p.Capacity), sqldb.Null(&p.Running), sqldb.Null(&p.Handlers),
			sqldb.Null(&p.Labels), sqldb.Null(&p.Build), sqldb.Null(&p.TimeStart), sqldb.Null(&p.Barred), sqldb.Null(&p.Command)); err != nil {
			return err
		}
		c.Peers = append(c.Peers, p)
		return nil
	}, `SELECT {now}, a.STATE, a.TIME_PRE, a.TIME_NEXT, a.TIME_INTERVAL,
			a.MASTER, a.MASTER_EPOCH, a.MASTER_PREFER, a.MAINTENANCE, a.{MODE}, a.VERSION,
			n.HOST_IP, n.NODE_ID, n.STATE, n.TIME_CHECK, n.BEAT, n.CAPACITY, n.RUNNING, n.HANDLERS,
			n.LABELS, n.BUILD, n.TIME_START, n.BARRED, n.COMMAND
		FROM QRTZ_APP a JOIN QRTZ_NODE n ON n.APPLICATION = a.APPLICATION
		WHERE a.APPLICATION = ? AND n.NODE_ID IS NOT NULL ORDER BY n.NODE_ID`, s.app)
	return c, err
}

// Deregister ends the registration. What an operator laid on the key, a pause or
// a bar, stays; otherwise the row goes.
func (s *Store) Deregister(ctx context.Context, reg Registration) (removed bool, err error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	if s.alone != nil {
		return s.leaveAlone(ctx, reg)
	}
	err = s.db.Tx(ctx, func(tx *sqldb.DB) error {
		removed, err = s.removeIn(ctx, tx, reg.Key, reg.NodeID, -1)
		return err
	})
	return removed, err
}

// RemoveNode ends the registration of a dead node, if it still shows the beat
// that it was judged by.
func (s *Store) RemoveNode(ctx context.Context, p Peer) (removed bool, err error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	err = s.db.Tx(ctx, func(tx *sqldb.DB) error {
		removed = false
		var free int64 // somebody may hold a peer's row: others are not kept waiting
		found, err := tx.One(ctx, []any{&free}, "SELECT NODE_ID FROM QRTZ_NODE WHERE APPLICATION = ? AND HOST_IP = ? AND NODE_ID = ? {skip locked}",
			s.app, p.Key, p.NodeID)
		if err != nil || !found {
			return err
		}
		removed, err = s.removeIn(ctx, tx, p.Key, p.NodeID, p.Beat)
		return err
	})
	return removed, err
}

// removeIn ends a registration that shows the beat; below 0 it is any.
func (s *Store) removeIn(ctx context.Context, tx *sqldb.DB, key string, id, beat int64) (bool, error) {
	where, args := " WHERE APPLICATION = ? AND HOST_IP = ? AND NODE_ID = ?", []any{s.app, key, id}
	if beat >= 0 {
		where, args = where+" AND BEAT = ?", append(args, beat)
	}
	n, err := tx.Exec(ctx, "DELETE FROM QRTZ_NODE"+where+" AND STATE = 'Y' AND COALESCE(BARRED, 'N') <> 'Y'", args...)
	if err == nil && n == 0 {
		n, err = tx.Exec(ctx, `UPDATE QRTZ_NODE SET NODE_ID = NULL, RUNNING = 0, COMMAND = NULL, COMMAND_ACK = NULL,
			BARRED = CASE WHEN BARRED = 'Y' THEN BARRED END`+where+" AND (STATE = 'N' OR BARRED = 'Y')", args...)
	}
	return n == 1, err
}
