package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

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
}

// Registration is a node's place in the cluster.
type Registration struct {
	Key    string // the member's, or key#2 and so on
	NodeID int64
	Paused bool // by an operator, before it registered
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

func (s *Store) register(ctx context.Context, tx *sqldb.DB, m Member) (Registration, error) {
	id, err := s.nextNodeID(ctx, tx)
	if err != nil {
		return Registration{}, err
	}
	var base schema.Switch // state of the first node under the key
	for n := 1; n <= maxSameKey; n++ {
		key := m.Key
		if n > 1 {
			key = fmt.Sprintf("%s#%d", m.Key, n)
		}
		var state schema.Switch
		var owner int64
		found, err := tx.One(ctx, []any{&state, sqldb.Null(&owner)},
			"SELECT STATE, NODE_ID FROM QRTZ_NODE WHERE APPLICATION = ? AND HOST_IP = ?", s.app, key)
		if err != nil {
			return Registration{}, err
		}
		if n == 1 {
			base = schema.On
			if found {
				base = state
			}
		}
		if found && owner != 0 {
			continue
		}
		if !found || base == schema.Off {
			state = base
		}
		if err := s.takeKey(ctx, tx, m, key, id, state, found); err != nil {
			return Registration{}, err
		}
		return Registration{Key: key, NodeID: id, Paused: state == schema.Off}, nil
	}
	return Registration{}, fmt.Errorf("node key %q is held by %d live nodes already: configure another NodeKey", m.Key, maxSameKey)
}

// nextNodeID draws the id of a new registration from the application's row,
// whose lock also puts concurrent registrations in a row.
func (s *Store) nextNodeID(ctx context.Context, tx *sqldb.DB) (int64, error) {
	var seq, now int64
	found, err := tx.One(ctx, []any{sqldb.Null(&seq), sqldb.Null(&now)},
		"SELECT NODE_SEQ, {now} FROM QRTZ_APP WHERE APPLICATION = ? {for update}", s.app)
	if err != nil {
		return 0, err
	}
	if !found {
		return 0, errGone // deleted since EnsureApp: the caller's next try adds it again
	}
	id := max(seq+1, now)
	n, err := tx.Exec(ctx, "UPDATE QRTZ_APP SET NODE_SEQ = ? WHERE APPLICATION = ? AND COALESCE(NODE_SEQ, 0) = ?", id, s.app, seq)
	if err == nil && n == 0 {
		err = errGone
	}
	return id, err
}

var (
	errGone     = errors.New("the row was deleted or taken while the node registered")
	errUnlocked = errors.New("a completion touched fewer rows than it had locked")
)

func (s *Store) takeKey(ctx context.Context, tx *sqldb.DB, m Member, key string, id int64, state schema.Switch, exists bool) error {
	if exists {
		n, err := tx.Exec(ctx, `UPDATE QRTZ_NODE SET HOST_NAME = ?, STATE = ?, TIME_CHECK = {now}, NODE_ID = ?, BEAT = 0, TIME_START = {now},
			CAPACITY = ?, RUNNING = 0, HANDLERS = ?, LABELS = ?, BUILD = ?, SKEW = 0, APP_SEEN = 0
			WHERE APPLICATION = ? AND HOST_IP = ? AND NODE_ID IS NULL`,
			m.HostName, state, id, m.Capacity, null(m.Handlers), null(m.Labels), null(m.Build), s.app, key)
		if err == nil && n == 0 {
			err = errGone
		}
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO QRTZ_NODE (APPLICATION, HOST_IP, HOST_NAME, STATE, TIME_CHECK, NODE_ID, BEAT, TIME_START,
		CAPACITY, RUNNING, HANDLERS, LABELS, BUILD, SKEW, APP_SEEN)
		VALUES (?, ?, ?, ?, {now}, ?, 0, {now}, ?, 0, ?, ?, ?, 0, 0)`,
		s.app, key, m.HostName, state, id, m.Capacity, null(m.Handlers), null(m.Labels), null(m.Build))
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
}

// Cluster is what a heartbeat reads.
type Cluster struct {
	Now          int64 // database clock
	AppState     schema.Switch
	TimePre      int64
	TimeNext     int64
	TimeInterval int64
	Peers        []Peer // the live nodes, oldest first, this one among them
}

// Heartbeat renews the registration and reports whether it still stands.
func (s *Store) Heartbeat(ctx context.Context, reg Registration, capacity, running int, skew int64) (bool, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	n, err := s.db.Exec(ctx, `UPDATE QRTZ_NODE SET BEAT = BEAT + 1, TIME_CHECK = {now}, CAPACITY = ?, RUNNING = ?, SKEW = ?
		WHERE APPLICATION = ? AND HOST_IP = ? AND NODE_ID = ?`, capacity, running, skew, s.app, reg.Key, reg.NodeID)
	return n == 1, err
}

// Cluster reads the application's row and its live nodes. Without the
// application's row Peers is empty.
func (s *Store) Cluster(ctx context.Context) (Cluster, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	var c Cluster
	err := s.db.Each(ctx, func(rows *sql.Rows) error {
		var p Peer
		if err := rows.Scan(sqldb.Null(&c.Now), &c.AppState, sqldb.Null(&c.TimePre), sqldb.Null(&c.TimeNext), sqldb.Null(&c.TimeInterval),
			&p.Key, sqldb.Null(&p.NodeID), &p.State, sqldb.Null(&p.TimeCheck), sqldb.Null(&p.Beat),
			sqldb.Null(&p.Capacity), sqldb.Null(&p.Running), sqldb.Null(&p.Handlers)); err != nil {
			return err
		}
		c.Peers = append(c.Peers, p)
		return nil
	}, `SELECT {now}, a.STATE, a.TIME_PRE, a.TIME_NEXT, a.TIME_INTERVAL,
			n.HOST_IP, n.NODE_ID, n.STATE, n.TIME_CHECK, n.BEAT, n.CAPACITY, n.RUNNING, n.HANDLERS
		FROM QRTZ_APP a JOIN QRTZ_NODE n ON n.APPLICATION = a.APPLICATION
		WHERE a.APPLICATION = ? AND n.NODE_ID IS NOT NULL ORDER BY n.NODE_ID`, s.app)
	return c, err
}

// Deregister ends the registration. A pause that an operator laid on the key
// stays; otherwise the row goes.
func (s *Store) Deregister(ctx context.Context, reg Registration) error {
	_, err := s.remove(ctx, reg.Key, reg.NodeID, -1)
	return err
}

// RemoveNode ends the registration of a dead node, if it still shows the beat
// that it was judged by.
func (s *Store) RemoveNode(ctx context.Context, p Peer) (bool, error) {
	return s.remove(ctx, p.Key, p.NodeID, p.Beat)
}

func (s *Store) remove(ctx context.Context, key string, id, beat int64) (removed bool, err error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	where, args := " WHERE APPLICATION = ? AND HOST_IP = ? AND NODE_ID = ?", []any{s.app, key, id}
	if beat >= 0 {
		where, args = where+" AND BEAT = ?", append(args, beat)
	}
	err = s.db.Tx(ctx, func(tx *sqldb.DB) error {
		removed = false
		if beat >= 0 { // somebody may hold a peer's row: others are not kept waiting
			var free int64
			found, err := tx.One(ctx, []any{&free}, "SELECT NODE_ID FROM QRTZ_NODE"+where+" {skip locked}", args...)
			if err != nil || !found {
				return err
			}
		}
		n, err := tx.Exec(ctx, "DELETE FROM QRTZ_NODE"+where+" AND STATE = 'Y'", args...)
		if err == nil && n == 0 {
			n, err = tx.Exec(ctx, "UPDATE QRTZ_NODE SET NODE_ID = NULL, RUNNING = 0"+where+" AND STATE = 'N'", args...)
		}
		removed = n == 1
		return err
	})
	return removed, err
}
