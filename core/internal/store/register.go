package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// handlerInterval is what readers of the Java edition find in TIME_INTERVAL.
// It differs from that edition's own 15,000, which tells its writes apart.
const handlerInterval = 3000

// maxSameKey bounds the processes that share one node key.
const maxSameKey = 1000

// sharing stands before the number of a node among those that share a key.
const sharing = "#"

// SharedKey returns the key that a node was configured with, of the one that it is
// registered under: what is aimed at key reaches key#2 as well, which may be the same
// node before its last registration was removed.
func SharedKey(key string) string {
	if i := strings.LastIndex(key, sharing); i > 0 {
		if _, err := strconv.ParseUint(key[i+len(sharing):], 10, 16); err == nil {
			return key[:i]
		}
	}
	return key
}

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
	var p appRow
	// The lock also puts concurrent registrations in a row.
	found, err := tx.One(ctx, []any{sqldb.Null(&p.seq), sqldb.Null(&p.events), sqldb.Null(&p.master), sqldb.Null(&p.beat), sqldb.Null(&p.now)},
		"SELECT NODE_SEQ, EVENTS, MASTER, TIME_PRE, {now} FROM QRTZ_APP WHERE APPLICATION = ? {for update}", s.app)
	if err != nil {
		return Registration{}, err
	}
	if !found {
		return Registration{}, errGone // deleted since EnsureApp: the caller's next try adds it again
	}
	if err := s.makeRoom(ctx, tx, m, &p); err != nil {
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
			h.key = m.Key + sharing + strconv.Itoa(n)
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

var errGone = errors.New("the row was deleted or taken while the node registered")

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
