package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// handlerInterval is what readers of the Java edition find in TIME_INTERVAL.
// It differs from that edition's own 15,000, which tells its writes apart.
const handlerInterval = 3000

// maxSameKey bounds the processes that share one node key.
const maxSameKey = 1000

// Member describes a node that registers.
type Member struct {
	Key      string
	HostName string
	Capacity int
	Handlers string // JSON array
	Labels   string // JSON array
	Build    string
	// NeverMaster bars the node from being master by its own configuration.
	NeverMaster bool
	// Dead are nodes in its way whose leases are over: it ends their registrations.
	Dead []Peer
}

// Registration is a node's place in the cluster.
type Registration struct {
	Key         string // the member's, or key#2 and so on
	NodeID      int64
	Paused      bool // by an operator, before it registered
	NeverMaster bool // the member's
}

// Register adds the application if it is new and the node under a new id.
func (s *Store) Register(ctx context.Context, m Member) (Registration, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	if err := s.EnsureApp(ctx); err != nil {
		return Registration{}, err
	}
	var reg Registration
	err := s.db.Tx(ctx, func(tx *sqldb.DB) error {
		var err error
		reg, err = s.register(ctx, tx, m)
		return err
	})
	return reg, err
}

// EnsureApp adds the row of the application if there is none. Losing the race to
// another first node is success.
func (s *Store) EnsureApp(ctx context.Context) error {
	ctx, cancel := s.call(ctx)
	defer cancel()
	var state string
	found, err := s.db.One(ctx, []any{&state}, "SELECT STATE FROM QRTZ_APP WHERE APPLICATION = ?", s.app)
	if err != nil || found {
		return err
	}
	_, err = s.db.Exec(ctx, "INSERT INTO QRTZ_APP (APPLICATION, STATE, TIME_PRE, TIME_NEXT, TIME_INTERVAL) VALUES (?, 'Y', -1, {now}, ?)",
		s.app, handlerInterval)
	if sqldb.Duplicate(err) {
		return nil
	}
	return err
}

// heir is what a new registration finds under its key: what an operator left
// there, which holds for whoever comes, also as key#2 and so on.
type heir struct {
	key    string
	exists bool // there is a row without a registration
	state  schema.Switch
	barred schema.Switch
}

func (s *Store) register(ctx context.Context, tx *sqldb.DB, m Member) (Registration, error) {
	var p place
	// The lock also puts concurrent registrations in a row.
	found, err := tx.One(ctx, []any{sqldb.Null(&p.seq), sqldb.Null(&p.events), sqldb.Null(&p.master), sqldb.Null(&p.beat), sqldb.Null(&p.now)},
		"SELECT NODE_SEQ, EVENTS, MASTER, TIME_PRE, {now} FROM QRTZ_APP WHERE APPLICATION = ? {for update}", s.app)
	if err != nil {
		return Registration{}, err
	}
	if !found {
		return Registration{}, errGone // deleted since EnsureApp: the caller's next try adds it again
	}
	if err := s.unoccupied(ctx, tx, m, &p); err != nil {
		return Registration{}, err
	}
	id := max(p.seq+1, p.now)
	if s.alone != nil {
		return Registration{Key: m.Key, NodeID: id}, s.settle(ctx, tx, m, p, id)
	}
	h, err := s.freeKey(ctx, tx, m)
	if err != nil {
		return Registration{}, err
	}
	free := "" // of a node without a cluster whose lease is over
	if p.master < 0 {
		free = ", MASTER = NULL, MASTER_EPOCH = MASTER_EPOCH + 1"
	}
	n, err := tx.Exec(ctx, "UPDATE QRTZ_APP SET NODE_SEQ = ?, EVENTS = ?"+free+`
		WHERE APPLICATION = ? AND COALESCE(NODE_SEQ, 0) = ? AND COALESCE(MASTER, 0) = ?`,
		id, joined(p, h.key, id), s.app, p.seq, p.master)
	if err == nil && n == 0 {
		err = errGone
	}
	if err != nil {
		return Registration{}, err
	}
	if err := s.takeKey(ctx, tx, m, h, id); err != nil {
		return Registration{}, err
	}
	return Registration{Key: h.key, NodeID: id, Paused: h.state == schema.Off, NeverMaster: m.NeverMaster}, nil
}

// freeKey returns the first of the member's key, key#2 and so on that no live
// node holds.
func (s *Store) freeKey(ctx context.Context, tx *sqldb.DB, m Member) (heir, error) {
	base := heir{state: schema.On}
	for n := 1; n <= maxSameKey; n++ {
		h := heir{key: m.Key}
		if n > 1 {
			h.key = fmt.Sprintf("%s#%d", m.Key, n)
		}
		var owner int64
		found, err := tx.One(ctx, []any{&h.state, sqldb.Null(&owner), sqldb.Null(&h.barred)},
			"SELECT STATE, NODE_ID, BARRED FROM QRTZ_NODE WHERE APPLICATION = ? AND HOST_IP = ?", s.app, h.key)
		if err != nil {
			return heir{}, err
		}
		if n == 1 && found {
			base.state, base.barred = h.state, h.barred
		}
		if found && owner != 0 {
			continue
		}
		h.exists = found
		if !found || base.state == schema.Off {
			h.state = base.state
		}
		if base.barred == schema.On {
			h.barred = base.barred
		}
		if h.barred != schema.On {
			h.barred = ""
			if m.NeverMaster {
				h.barred = schema.BarredItself
			}
		}
		return h, nil
	}
	return heir{}, fmt.Errorf("node key %q is held by %d live nodes already: configure another NodeKey", m.Key, maxSameKey)
}

var (
	errGone = errors.New("the row was deleted or taken while the node registered")
)

// takeKey writes the node's row. A command or an answer that stands there was
// meant for another registration.
func (s *Store) takeKey(ctx context.Context, tx *sqldb.DB, m Member, h heir, id int64) error {
	if h.exists {
		n, err := tx.Exec(ctx, `UPDATE QRTZ_NODE SET HOST_NAME = ?, STATE = ?, BARRED = ?, TIME_CHECK = {now}, NODE_ID = ?, BEAT = 0, TIME_START = {now},
			CAPACITY = ?, RUNNING = 0, HANDLERS = ?, LABELS = ?, BUILD = ?, SKEW = 0, APP_SEEN = 0, COMMAND = NULL, COMMAND_ACK = NULL
			WHERE APPLICATION = ? AND HOST_IP = ? AND NODE_ID IS NULL`,
			m.HostName, h.state, null(string(h.barred)), id, m.Capacity, null(m.Handlers), null(m.Labels), null(m.Build), s.app, h.key)
		if err == nil && n == 0 {
			err = errGone
		}
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO QRTZ_NODE (APPLICATION, HOST_IP, HOST_NAME, STATE, BARRED, TIME_CHECK, NODE_ID, BEAT, TIME_START,
		CAPACITY, RUNNING, HANDLERS, LABELS, BUILD, SKEW, APP_SEEN)
		VALUES (?, ?, ?, ?, ?, {now}, ?, 0, {now}, ?, 0, ?, ?, ?, 0, 0)`,
		s.app, h.key, m.HostName, h.state, null(string(h.barred)), id, m.Capacity, null(m.Handlers), null(m.Labels), null(m.Build))
	return err
}

// null makes NULL of an empty text: Oracle cannot tell them apart.
func null(text string) any {
	if text == "" {
		return nil
	}
	return text
}

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
