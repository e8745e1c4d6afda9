package store

import (
	"cmp"
	"context"
	"slices"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// Family returns an execute, its children, and the children of its copies for
// single nodes, by id, locked if that is asked for.
func (s Store) Family(ctx context.Context, id int64, locked bool) ([]schema.Execute, error) {
	lock := ""
	if locked {
		lock = " {for update}"
	}
	family, err := sqldb.Select[schema.Execute](ctx, s.DB, selectExecute+" WHERE ID = ?"+lock, id)
	if err != nil {
		return nil, err
	}
	children, err := sqldb.Select[schema.Execute](ctx, s.DB, selectExecute+" WHERE ORIGIN_ID = ? ORDER BY ID"+lock, id)
	if err != nil {
		return nil, err
	}
	family = append(family, children...)
	var copies []int64
	for _, row := range children {
		if row.Origin == schema.ChildAll {
			copies = append(copies, row.ID)
		}
	}
	for chunk := range slices.Chunk(copies, Chunk) {
		rows, err := sqldb.Select[schema.Execute](ctx, s.DB, selectExecute+" WHERE ORIGIN_ID IN ? ORDER BY ID"+lock, chunk)
		if err != nil {
			return nil, err
		}
		family = append(family, rows...)
	}
	slices.SortFunc(family, func(a, b schema.Execute) int { return cmp.Compare(a.ID, b.ID) })
	return family, nil
}

// StopFire writes an order for the fire in flight that was read. No other node has
// the same attempt of the same fire.
func (s Store) StopFire(ctx context.Context, read schema.Execute, order string, by Writer) (int64, error) {
	query, args := `UPDATE QRTZ_EXECUTE SET CANCEL = ?, UPDATE_TIME = {now}, UPDATED_BY = ?
		WHERE ID = ? AND FIRE_TIME = ? AND FIRE_ATTEMPT = ? AND CANCEL`,
		[]any{order, null(by.Actor), read.ID, read.FireTime, read.FireAttempt}
	if read.Cancel == "" {
		return s.Exec(ctx, query+" IS NULL", args...)
	}
	return s.Exec(ctx, query+" = ?", append(args, read.Cancel)...)
}

// DropWaiting deletes a child that waited to be claimed when it was read, and
// still does: every claim counts the attempt up.
func (s Store) DropWaiting(ctx context.Context, read schema.Execute) (int64, error) {
	return s.Exec(ctx, "DELETE FROM QRTZ_EXECUTE WHERE ID = ? AND COALESCE(FIRE_ATTEMPT, 0) = ?", read.ID, read.FireAttempt)
}

// RecordCancelled writes on an execute that is locked that a fire of its was
// cancelled before it was claimed. How many fires it keeps, the nodes know: the next
// one that ends there cuts them to that.
func (s Store) RecordCancelled(ctx context.Context, read schema.Execute, fire schema.PastFire, by Writer) (int64, error) {
	return s.Exec(ctx, `UPDATE QRTZ_EXECUTE SET LAST_STATE = ?, LAST_FIRE_TIME = ?, LAST_END_TIME = {now}, LAST_ERROR = ?, RECENT = ?,
		UPDATE_TIME = {now}, UPDATED_BY = ?, FIRE_COUNT = COALESCE(FIRE_COUNT, 0) + 1,
		STATE = CASE WHEN STATE = 'EXECUTING' AND NEXT_FIRE_TIME IS NULL AND FIRE_TIME IS NULL THEN 'COMPLETE' ELSE STATE END
		WHERE ID = ?`, string(fire.Outcome), fire.Nominal, fire.Error, schema.AddRecent(read.Recent, schema.MaxRecentFires, fire),
		null(by.Actor), read.ID)
}

// Barrier adds 1 to the version of an execute, so that nobody writes it by what he
// read before the transaction ended.
func (s Store) Barrier(ctx context.Context, read schema.Execute) (int64, error) {
	return s.Exec(ctx, "UPDATE QRTZ_EXECUTE SET VERSION = VERSION + 1 WHERE ID = ? AND VERSION = ?", read.ID, read.Version)
}
