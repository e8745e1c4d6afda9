package store

import (
	"context"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// AddEvent adds to what happened to the application, under the lock of its row.
// The event is given the time of the database.
func (s *Store) AddEvent(ctx context.Context, e schema.AppEvent) error {
	ctx, cancel := s.call(ctx)
	defer cancel()
	return s.db.Tx(ctx, func(tx *sqldb.DB) error {
		var events string
		found, err := tx.One(ctx, []any{sqldb.Null(&events), sqldb.Null(&e.At)},
			"SELECT EVENTS, {now} FROM QRTZ_APP WHERE APPLICATION = ? {for update}", s.app)
		if err != nil || !found {
			return err
		}
		// Its row is locked, and the old text is no value that every database compares.
		_, err = tx.Exec(ctx, "UPDATE QRTZ_APP SET EVENTS = ? WHERE APPLICATION = ?", schema.AddEvents(events, e.At, e), s.app)
		return err
	})
}

// Answer answers the command that stands in the node's row and takes it away, in
// one statement, if it still stands there.
func (s *Store) Answer(ctx context.Context, reg Registration, command, ack string) (answered bool, err error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	n, err := s.db.Exec(ctx, `UPDATE QRTZ_NODE SET COMMAND = NULL, COMMAND_ACK = ?
		WHERE APPLICATION = ? AND HOST_IP = ? AND NODE_ID = ? AND COMMAND = ?`, ack, s.app, reg.Key, reg.NodeID, command)
	return n == 1, err
}

// Answered reports whether an answer stands in the node's row.
func (s *Store) Answered(ctx context.Context, reg Registration, ack string) (bool, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	var stands string
	_, err := s.db.One(ctx, []any{sqldb.Null(&stands)}, "SELECT COMMAND_ACK FROM QRTZ_NODE WHERE APPLICATION = ? AND HOST_IP = ? AND NODE_ID = ?",
		s.app, reg.Key, reg.NodeID)
	return err == nil && stands == ack, err
}
