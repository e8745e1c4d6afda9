package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// ReadBack asks what became of claims with fires whose outcome is unknown and returns,
// by execute, whether each took effect, as far as that is known by now.
//
// Yes is for ever: the node holds the fire as it asked for it, on the row itself or,
// where the next instant came due meanwhile, in a child of it. No is so once the
// database's clock is past the claim's Latest and nobody has the row locked, as a claim
// locks it before it looks at the clock; or once the row is gone.
func (s *Store) ReadBack(ctx context.Context, nodeID int64, claims []Claim, latest int64) (map[int64]bool, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	want := make(map[int64]flight, len(claims))
	took := make(map[int64]bool, len(claims))
	err := s.db.TxOnce(ctx, func(tx *sqldb.DB) error {
		for i := range claims {
			c := &claims[i]
			want[c.ID], took[c.ID] = flight{c.Nominal, c.Attempt}, false // gone, until it is seen
		}
		look := func(ids []int64, lock string, known func(now int64) bool) error {
			return tx.Each(ctx, func(rows *sql.Rows) error {
				var id, node, now int64
				var f flight
				err := rows.Scan(&id, sqldb.Null(&f.nominal), sqldb.Null(&f.attempt), sqldb.Null(&node), &now)
				if mine := node == nodeID && f == want[id]; mine || known(now) {
					took[id] = mine
				} else {
					delete(took, id)
				}
				return err
			}, "SELECT ID, FIRE_TIME, FIRE_ATTEMPT, FIRE_NODE, {now} FROM QRTZ_EXECUTE WHERE ID IN ? ORDER BY ID "+lock, ids)
		}
		if err := look(slices.Sorted(maps.Keys(want)), "", func(int64) bool { return false }); err != nil {
			return err
		}
		undecided := slices.DeleteFunc(slices.Sorted(maps.Keys(want)), func(id int64) bool { _, known := took[id]; return known })
		if len(undecided) > 0 {
			if err := look(undecided, "{skip locked}", func(now int64) bool { return now > latest }); err != nil {
				return err
			}
		}
		return s.spilledOf(ctx, tx, nodeID, want, took)
	})
	if err != nil {
		return nil, fmt.Errorf("read back claims: %w", err)
	}
	return took, nil
}

// spilledOf adds the fires that are in children by now.
func (s *Store) spilledOf(ctx context.Context, tx *sqldb.DB, nodeID int64, want map[int64]flight, took map[int64]bool) error {
	ids := make(map[string]int64, len(want)) // by the key of the child
	for id, f := range want {
		if !took[id] {
			ids[schema.FireKey(id, f.nominal)] = id
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return tx.Each(ctx, func(rows *sql.Rows) error {
		var key string
		var f flight
		err := rows.Scan(&key, sqldb.Null(&f.nominal), sqldb.Null(&f.attempt))
		if id := ids[key]; f == want[id] {
			took[id] = true
		}
		return err
	}, "SELECT CHILD_KEY, FIRE_TIME, FIRE_ATTEMPT FROM QRTZ_EXECUTE WHERE CHILD_KEY IN ? AND FIRE_NODE + 0 = ?", slices.Sorted(maps.Keys(ids)), nodeID)
}
