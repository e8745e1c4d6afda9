package store

import (
	"context"
	"database/sql"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// turnsOf returns how many runs may write checkpoints at a time: so many that they
// leave connections to what keeps the lease, however slowly the database commits.
func turnsOf(db *sqldb.DB) int {
	pool, err := db.Gorm().DB()
	if err != nil {
		return 1
	}
	if open := pool.Stats().MaxOpenConnections; open > 0 {
		return max(open/4, 1)
	}
	return 16
}

// Checkpoint keeps what a run wants its successor to know, as long as the fire is
// the node's, and reports whether it is. It does not name what it replaces, which would
// have to be sent along, and all that was not answered since: see core.Fire.Checkpoint.
func (s *Store) Checkpoint(ctx context.Context, nodeID int64, at Ref, data string) (bool, error) {
	select {
	case s.turns <- struct{}{}:
		defer func() { <-s.turns }()
	case <-ctx.Done():
		return false, context.Cause(ctx)
	}
	ctx, cancel := s.call(ctx)
	defer cancel()
	const guard = " AND FIRE_NODE = ? AND FIRE_TIME = ? AND FIRE_ATTEMPT = ?"
	n, err := s.db.Exec(ctx, "UPDATE QRTZ_EXECUTE SET CHECKPOINT = ? WHERE ID = ?"+guard, null(data), at.ID, nodeID, at.Nominal, at.Attempt)
	if err != nil || n == 1 {
		return err == nil, err
	}
	// Its next instant came due: it goes on in a child.
	n, err = s.db.Exec(ctx, "UPDATE QRTZ_EXECUTE SET CHECKPOINT = ? WHERE CHILD_KEY = ?"+guard,
		null(data), schema.FireKey(at.ID, at.Nominal), nodeID, at.Nominal, at.Attempt)
	if err != nil || n == 1 {
		return err == nil, err
	}
	// MySQL counts rows that changed, and this may be what is there already.
	mine, err := s.inFlight(ctx, s.db, nodeID, []Completion{{Ref: at}}, "")
	if err != nil || mine[at.ID].flight == (flight{at.Nominal, at.Attempt}) {
		return err == nil, err
	}
	in, _, err := s.spilled(ctx, nodeID, []Completion{{Ref: at}})
	return len(in) > 0, err
}

// Order is what a client asks of a fire in flight.
type Order struct {
	ID   int64 // row on which the fire was claimed
	Text string
}

// Orders returns what clients ask of the node's fires that were claimed on the
// rows, wherever they are by now.
func (s *Store) Orders(ctx context.Context, nodeID int64, ids []int64) ([]Order, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	var out []Order
	err := s.db.Each(ctx, func(rows *sql.Rows) error {
		var o Order
		err := rows.Scan(&o.ID, sqldb.Null(&o.Text))
		out = append(out, o)
		return err
	}, `SELECT ID, CANCEL FROM QRTZ_EXECUTE WHERE ID IN ? AND FIRE_NODE + 0 = ? AND FIRE_TIME IS NOT NULL AND CANCEL IS NOT NULL
		UNION ALL SELECT ORIGIN_ID, CANCEL FROM QRTZ_EXECUTE WHERE ORIGIN_ID IN ? AND FIRE_NODE + 0 = ? AND FIRE_TIME IS NOT NULL AND CANCEL IS NOT NULL`,
		ids, nodeID, ids, nodeID)
	return out, err
}
