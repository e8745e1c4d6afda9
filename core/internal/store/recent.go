package store

import (
	"cmp"
	"context"
	"fmt"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// KeepRecent sets how many of its last fires an execute keeps at least; below 1, none.
func (s *Store) KeepRecent(fires int) { s.recent = fires }

// past returns the entry of RECENT for the attempt of a node that ended.
func (c Completion) past(nodeID int64) schema.PastFire {
	return schema.PastFire{
		Nominal: c.Nominal, Started: c.Started, Duration: c.Took, NodeID: nodeID, Attempt: c.Attempt, Outcome: c.Outcome, Error: c.Error,
	}
}

// addRecent returns RECENT with the attempt that ended. One that was broken off and
// goes on is none.
func (s *Store) addRecent(column string, c Completion, nodeID int64) string {
	if c.Outcome == "" {
		return column
	}
	return schema.AddRecent(column, s.recent, c.past(nodeID))
}

// recentPostgres is [schema.AddRecent] of v.ENTRY in SQL, as a completion reads no row
// there. The cast cuts what is too long; a line that is cut is none.
func (s *Store) recentPostgres() string {
	if s.recent < 1 {
		return "NULL"
	}
	return fmt.Sprintf(`CASE WHEN octet_length(e.RECENT) > %d
			THEN CAST(array_to_string((string_to_array(v.ENTRY || chr(10) || e.RECENT, chr(10)))[1:%d], chr(10)) AS varchar(%d))
			ELSE v.ENTRY || COALESCE(chr(10) || e.RECENT, '') END`, schema.RecentRoom*s.recent, s.recent, schema.MaxRecent)
}

// remember writes an attempt that ended in a child, which goes on, to its origin.
func (s *Store) remember(ctx context.Context, tx *sqldb.DB, origin *schema.Execute, c Completion, nodeID int64) error {
	read := origin.Recent
	if origin.Recent = s.addRecent(read, c, nodeID); origin.Recent == read {
		return nil
	}
	return one(tx.Exec(ctx, "UPDATE QRTZ_EXECUTE SET RECENT = ? WHERE ID = ? AND COALESCE(RECENT, '-') = ?",
		null(origin.Recent), origin.ID, cmp.Or(read, "-")))
}
