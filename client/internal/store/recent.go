package store

import (
	"context"
	"database/sql"
	"slices"

	"github.com/quartz-cluster/quartz/schema"
)

// JoinRecent adds to RECENT of those executes that run on all nodes that of their
// copies.
func (s Store) JoinRecent(ctx context.Context, rows []schema.Execute) error {
	at := map[int64]int{}
	var ids []int64
	for i, row := range rows {
		if row.RunOn == schema.RunOnAll {
			at[row.ID], ids = i, append(ids, row.ID)
		}
	}
	for chunk := range slices.Chunk(ids, Chunk) {
		err := s.Each(ctx, func(r *sql.Rows) error {
			var origin int64
			var recent string
			err := r.Scan(&origin, &recent)
			row := &rows[at[origin]]
			row.Recent = schema.MergeRecent(schema.MaxRecentFires, row.Recent, recent)
			return err
		}, "SELECT ORIGIN_ID, RECENT FROM QRTZ_EXECUTE WHERE ORIGIN_ID IN ? AND ORIGIN = 'ALL' AND RECENT IS NOT NULL", chunk)
		if err != nil {
			return err
		}
	}
	return nil
}
