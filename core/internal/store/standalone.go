package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// solo is the one node of an application without a cluster. It has no row in
// QRTZ_NODE: MASTER holds its id with a minus sign, TIME_PRE its heartbeat.
type solo struct {
	mu   sync.Mutex
	self Peer
}

// Standalone makes the store that of an application without a cluster.
func (s *Store) Standalone() { s.alone = new(solo) }

// Beside makes the store one of the same node as the other.
func (s *Store) Beside(other *Store) { s.alone, s.recent = other.alone, other.recent }

func (o *solo) peer() Peer {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.self
}

func (o *solo) set(p Peer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.self = p
}

// OccupiedError is what keeps a node from registering: others that it cannot live
// beside.
type OccupiedError struct {
	Now        int64  // database clock
	By         []Peer // never none
	Standalone bool   // the one there runs without a cluster
}

func (e *OccupiedError) Error() string {
	return fmt.Sprintf("the application is occupied by node %s", e.By[0].Key)
}

// dead reports whether the caller judged the registration to be over, by the
// beat that it still shows.
func (m Member) dead(p Peer) bool {
	return slices.ContainsFunc(m.Dead, func(d Peer) bool { return d.NodeID == p.NodeID && d.Beat == p.Beat })
}

// appRow is the application's row as a registration finds it, locked.
type appRow struct {
	seq, now, master, beat int64
	events                 string
}

// occupant returns the node that runs the application without a cluster, if there
// is one.
func (p *appRow) occupant() (Peer, bool) {
	if p.master >= 0 {
		return Peer{}, false
	}
	o := Peer{Key: "unknown", NodeID: -p.master, Beat: p.beat, TimeCheck: p.beat}
	for _, e := range schema.Events(p.events) {
		if e.Kind == schema.EventJoined && e.NodeID == o.NodeID {
			o.Key = e.Node
		}
	}
	return o, true
}

// makeRoom ends the registrations of the dead, and fails with [OccupiedError] while
// somebody lives whom the node cannot live beside. Beside a node without a cluster
// that is anybody.
func (s *Store) makeRoom(ctx context.Context, tx *sqldb.DB, m Member, p *appRow) error {
	if o, alone := p.occupant(); alone {
		if !m.dead(o) {
			return &OccupiedError{Now: p.now, By: []Peer{o}, Standalone: true}
		}
		p.removed(o)
	}
	if s.alone == nil && s.db.Dialect() != sqldb.SQLite {
		return nil
	}
	// A cluster on SQLite is one of processes on one host: its locks are that
	// host's alone.
	where, args := "", []any{s.app}
	if s.alone == nil {
		where, args = " AND HOST_NAME <> ?", append(args, m.HostName)
	}
	var live []Peer
	err := tx.Each(ctx, func(rows *sql.Rows) error {
		var n Peer
		err := rows.Scan(&n.Key, &n.NodeID, sqldb.Null(&n.Beat), sqldb.Null(&n.TimeCheck), sqldb.Null(&n.Host))
		live = append(live, n)
		return err
	}, "SELECT HOST_IP, NODE_ID, BEAT, TIME_CHECK, HOST_NAME FROM QRTZ_NODE WHERE APPLICATION = ? AND NODE_ID IS NOT NULL"+where+" ORDER BY NODE_ID", args...)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(live, func(n Peer) bool { return !m.dead(n) }) {
		return &OccupiedError{Now: p.now, By: live}
	}
	for _, n := range live {
		if err := s.evict(ctx, tx, n.Key, n.NodeID, n.Beat); err != nil {
			return err
		}
		p.removed(n)
	}
	return nil
}

// removed notes that the registration of a dead node was ended.
func (p *appRow) removed(n Peer) {
	p.events = schema.AddEvents(p.events, p.now, schema.AppEvent{At: p.now, Kind: schema.EventRemoved, Node: n.Key, NodeID: n.NodeID, Text: "no heartbeat"})
}

// evict ends the registration of a dead node within a transaction.
func (s *Store) evict(ctx context.Context, tx *sqldb.DB, key string, id, beat int64) error {
	ended, err := s.removeIn(ctx, tx, key, id, beat)
	if err == nil && !ended {
		err = errGone // it beat once more: the next try sees that
	}
	return err
}

// settle takes the application for a node without a cluster.
func (s *Store) settle(ctx context.Context, tx *sqldb.DB, m Member, p appRow, id int64) error {
	n, err := tx.Exec(ctx, `UPDATE QRTZ_APP SET NODE_SEQ = ?, MASTER = ?, MASTER_EPOCH = MASTER_EPOCH + 1, TIME_PRE = {now}, TIME_INTERVAL = ?, EVENTS = ?
		WHERE APPLICATION = ? AND COALESCE(NODE_SEQ, 0) = ? AND COALESCE(MASTER, 0) = ?`,
		id, -id, handlerInterval, joined(p, m.Key, id), s.app, p.seq, p.master)
	if err == nil && n == 0 {
		err = errGone
	}
	if err != nil {
		return err
	}
	s.alone.set(Peer{
		Key: m.Key, NodeID: id, State: schema.On, Handlers: m.Handlers, Labels: m.Labels, Build: m.Build, Host: m.HostName,
		TimeStart: p.now, Capacity: m.Capacity,
	})
	return nil
}

func joined(p appRow, key string, id int64) string {
	return schema.AddEvents(p.events, p.now, schema.AppEvent{At: p.now, Kind: schema.EventJoined, Node: key, NodeID: id})
}

// beatAlone is the heartbeat of a node without a cluster. It moves TIME_PRE also
// where the clock stood still or went back.
func (s *Store) beatAlone(ctx context.Context, reg Registration, r Report) (bool, error) {
	n, err := s.db.Exec(ctx, `UPDATE QRTZ_APP SET TIME_PRE = CASE WHEN {now} > TIME_PRE THEN {now} ELSE TIME_PRE + 1 END, TIME_INTERVAL = ?
		WHERE APPLICATION = ? AND MASTER = ?`, handlerInterval, s.app, -reg.NodeID)
	self := s.alone.peer()
	self.Capacity, self.Running = r.Capacity, r.Running
	s.alone.set(self)
	return n == 1, err
}

// clusterAlone is the cluster of one.
func (s *Store) clusterAlone(ctx context.Context) (Cluster, error) {
	var c Cluster
	var master int64
	found, err := s.db.One(ctx, []any{
		sqldb.Null(&c.Now), &c.AppState, sqldb.Null(&c.TimePre), sqldb.Null(&c.TimeNext), sqldb.Null(&c.TimeInterval),
		sqldb.Null(&master), sqldb.Null(&c.MasterEpoch), sqldb.Null(&c.MasterPrefer), sqldb.Null(&c.Maintenance), sqldb.Null(&c.Mode), sqldb.Null(&c.Version),
	}, `SELECT {now}, STATE, TIME_PRE, TIME_NEXT, TIME_INTERVAL, MASTER, MASTER_EPOCH, MASTER_PREFER, MAINTENANCE, {MODE}, VERSION
		FROM QRTZ_APP WHERE APPLICATION = ?`, s.app)
	if err != nil || !found {
		return c, err
	}
	if self := s.alone.peer(); self.NodeID != 0 && master == -self.NodeID {
		self.TimeCheck, self.Beat = c.TimePre, c.TimePre
		c.Master, c.Peers = self.NodeID, []Peer{self}
	}
	return c, nil
}

// leaveAlone gives the application free.
func (s *Store) leaveAlone(ctx context.Context, reg Registration) (bool, error) {
	n, err := s.db.Exec(ctx, "UPDATE QRTZ_APP SET MASTER = NULL, MASTER_EPOCH = MASTER_EPOCH + 1 WHERE APPLICATION = ? AND MASTER = ?", s.app, -reg.NodeID)
	return n == 1, err
}
