package store

import (
	"context"
	"database/sql"
	"slices"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// locked is what end knows of the fires that it is to end.
type locked struct {
	nodeID int64
	now    int64
	flight map[int64]flight          // the node's, by the row that carries it
	origin map[int64]int64           // of children, by row
	exists map[int64]bool            // origins that are there
	row    map[int64]*schema.Execute // what nobody else holds
}

// mine reports whether the fire is still the node's.
func (l *locked) mine(c Completion) bool { return l.flight[c.ID] == flight{c.Nominal, c.Attempt} }

// rows returns the row that carries a fire and, of a child, its origin, nil where
// that was deleted; free is false where somebody holds one of them.
func (l *locked) rows(c Completion) (row, origin *schema.Execute, free bool) {
	row = l.row[c.ID]
	if row == nil || row.FireNode != l.nodeID || row.FireTime != c.Nominal || row.FireAttempt != c.Attempt {
		return nil, nil, false // in the latter case it changed just before it was locked
	}
	id := l.origin[c.ID]
	origin = l.row[id]
	return row, origin, id == 0 || origin != nil || !l.exists[id]
}

// lockFires locks the rows that carry fires, behind their origins.
func (s *Store) lockFires(ctx context.Context, tx *sqldb.DB, nodeID int64, done []Completion) (*locked, error) {
	l := &locked{
		nodeID: nodeID, flight: make(map[int64]flight), origin: make(map[int64]int64),
		exists: make(map[int64]bool), row: make(map[int64]*schema.Execute),
	}
	var rows, origins []int64
	err := tx.Each(ctx, func(r *sql.Rows) error {
		var id, origin int64
		var f flight
		err := r.Scan(&id, &f.nominal, sqldb.Null(&f.attempt), sqldb.Null(&origin), sqldb.Null(&l.now))
		l.flight[id], rows = f, append(rows, id)
		if origin != 0 {
			l.origin[id], origins = origin, append(origins, origin)
		}
		return err
	}, `SELECT ID, FIRE_TIME, FIRE_ATTEMPT, CASE WHEN ORIGIN = 'ALL' THEN NULL ELSE ORIGIN_ID END, {now} FROM QRTZ_EXECUTE
		WHERE ID IN ? AND FIRE_NODE + 0 = ? AND FIRE_TIME IS NOT NULL ORDER BY ID`, idsOf(done), nodeID)
	if err != nil {
		return nil, err
	}
	for _, ids := range [][]int64{origins, rows} {
		if len(ids) == 0 {
			continue
		}
		found, err := sqldb.Select[schema.Execute](ctx, tx,
			"SELECT "+sqldb.Columns[schema.Execute]("")+" FROM QRTZ_EXECUTE WHERE ID IN ? ORDER BY ID {skip locked}", ids)
		if err != nil {
			return nil, err
		}
		for i := range found {
			l.row[found[i].ID] = &found[i]
		}
	}
	held := slices.DeleteFunc(origins, func(id int64) bool { return l.row[id] != nil })
	if len(held) == 0 {
		return l, nil
	}
	err = tx.Each(ctx, func(r *sql.Rows) error {
		var id int64
		err := r.Scan(&id)
		l.exists[id] = true
		return err
	}, "SELECT ID FROM QRTZ_EXECUTE WHERE ID IN ?", held)
	return l, err
}

// lockExecute locks an execute and reads it, unless somebody holds it.
func lockExecute(ctx context.Context, tx *sqldb.DB, id int64) (schema.Execute, bool, error) {
	rows, err := sqldb.Select[schema.Execute](ctx, tx, "SELECT "+sqldb.Columns[schema.Execute]("")+" FROM QRTZ_EXECUTE WHERE ID = ? {skip locked}", id)
	if err != nil || len(rows) == 0 {
		return schema.Execute{}, false, err
	}
	return rows[0], true, nil
}

// missing reports whether an execute that could not be locked is not there at all.
func missing(ctx context.Context, tx *sqldb.DB, id int64) (bool, error) {
	var n int64
	found, err := tx.One(ctx, []any{&n}, "SELECT ID FROM QRTZ_EXECUTE WHERE ID = ?", id)
	return !found, err
}
