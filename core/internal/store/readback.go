package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// ReadBack asks what became of fires whose claim had an unknown outcome: it
// returns the ids of those that the node holds as it asked for them, on the row
// itself or, where the next instant came due meanwhile, in a child of it. Call it
// only once the database's clock is past the claim's Latest; its locking read
// waits for a transaction that is still deciding.
func (s *Store) ReadBack(ctx context.Context, nodeID int64, claims []Claim) ([]int64, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	want := make(map[int64]flight, len(claims))
	spilled := make(map[string]int64, len(claims)) // child key -> id
	var ids []int64
	var keys []string
	for i := range claims {
		if c := &claims[i]; c.Nominal != 0 {
			want[c.ID] = flight{c.Nominal, c.Attempt}
			key := schema.FireKey(c.ID, c.Nominal)
			spilled[key] = c.ID
			ids, keys = append(ids, c.ID), append(keys, key)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	slices.Sort(ids)
	var held []int64
	err := s.db.TxOnce(ctx, func(tx *sqldb.DB) error {
		held = nil
		err := tx.Each(ctx, func(rows *sql.Rows) error {
			var id, node int64
			var f flight
			err := rows.Scan(&id, sqldb.Null(&f.nominal), sqldb.Null(&f.attempt), sqldb.Null(&node))
			if node == nodeID && f == want[id] {
				held = append(held, id)
			}
			return err
		}, "SELECT ID, FIRE_TIME, FIRE_ATTEMPT, FIRE_NODE FROM QRTZ_EXECUTE WHERE ID IN ? ORDER BY ID {for update}", ids)
		if err != nil || len(held) == len(ids) {
			return err
		}
		return tx.Each(ctx, func(rows *sql.Rows) error {
			var key string
			var f flight
			err := rows.Scan(&key, sqldb.Null(&f.nominal), sqldb.Null(&f.attempt))
			if id := spilled[key]; f == want[id] {
				held = append(held, id)
			}
			return err
		}, "SELECT CHILD_KEY, FIRE_TIME, FIRE_ATTEMPT FROM QRTZ_EXECUTE WHERE CHILD_KEY IN ? AND FIRE_NODE + 0 = ?", keys, nodeID)
	})
	if err != nil {
		return nil, fmt.Errorf("read back claims: %w", err)
	}
	return held, nil
}
