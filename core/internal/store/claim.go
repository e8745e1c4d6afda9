package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strconv"

	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/internal/sqldb"
)

// Claim is what a node wants to do with an execute that is due: take a fire, or
// move its schedule on without one.
type Claim struct {
	*Due
	Nominal  int64 // the instant to run; 0: run none
	Attempt  int   // of that instant
	NextFire int64 // NEXT_FIRE_TIME afterwards; 0: nothing is left
	Skipped  Skips
	Missed   int64 // instants that MISFIRE decided about because they were late by more than the threshold
	Late     int64 // milliseconds by which the first of those was late
}

// Skips are how many instants each of an execute's policies passed over.
type Skips struct{ Overlap, Deadline, Misfire int64 }

// All is what SKIP_COUNT counts.
func (s Skips) All() int64 { return s.Overlap + s.Deadline + s.Misfire }

// high returns HIGH_TIME afterwards. What a child carries is not an instant of its
// own schedule.
func (c *Claim) high() int64 {
	if c.Nominal == 0 || c.OneShot() {
		return c.High
	}
	return c.Nominal
}

// Limits bound when a batch of claims may take effect, on the database's clock.
type Limits struct {
	Latest int64 // epoch milliseconds; later than this the batch changes nothing
	Ahead  int64 // milliseconds by which a claim may come before its instant
	Epoch  int64 // of the master that the node must be, 0 if it need not
}

// Claim takes what it can of at most Batch claims for the node and returns the
// ids that it took. After an error that is not Refused the outcome is unknown
// until ReadBack has asked for it.
func (s *Store) Claim(ctx context.Context, nodeID int64, claims []Claim, lim Limits) ([]int64, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	sorted := make([]*Claim, len(claims)) // rows are locked in the order of their ids
	for i := range claims {
		sorted[i] = &claims[i]
	}
	slices.SortFunc(sorted, func(a, b *Claim) int { return cmp.Compare(a.ID, b.ID) })
	if s.db.Dialect() == sqldb.Postgres {
		return s.claimPostgres(ctx, nodeID, sorted, lim)
	}
	var taken []int64
	err := s.db.TxOnce(ctx, func(tx *sqldb.DB) error {
		var err error
		taken, err = s.claimPortable(ctx, tx, nodeID, sorted, lim)
		return err
	})
	if err != nil {
		return nil, err
	}
	return taken, nil
}

// Refused reports whether the database turned a claim down for certain, having
// changed nothing.
func Refused(err error) bool { return sqldb.Retryable(err) }

// Trouble returns what observers are told of an error.
func Trouble(err error) observe.Kind {
	if Refused(err) {
		return observe.Refused
	}
	return observe.Trouble
}

// Rejected reports whether the database will not take one of the claims at all,
// because of a constraint or a trigger, and has changed nothing.
func Rejected(err error) bool { return sqldb.Rejected(err) }

// claimable holds for an execute that may be claimed at all.
const claimable = `STATE = 'EXECUTING' AND FIRE_TIME IS NULL AND NEXT_FIRE_TIME IS NOT NULL`

// entitled holds, anywhere below an execute's row, while the node's
// registration lives, is the master's if it must be, and nobody holds node, app
// or job back.
func (s *Store) entitled(nodeID int64, lim Limits) (string, []any) {
	node, master := `QRTZ_NODE n JOIN QRTZ_APP a ON a.APPLICATION = n.APPLICATION
		WHERE n.APPLICATION = ? AND n.NODE_ID = ? AND n.STATE = 'Y'`, " AND a.MASTER = n.NODE_ID AND a.MASTER_EPOCH = ?"
	if s.alone != nil {
		node, master = "QRTZ_APP a WHERE a.APPLICATION = ? AND a.MASTER + ? = 0", " AND a.MASTER_EPOCH = ?"
	}
	args := []any{s.app, nodeID}
	if lim.Epoch == 0 {
		master = ""
	} else {
		args = append(args, lim.Epoch)
	}
	return `EXISTS (SELECT 1 FROM ` + node + master + ` AND a.STATE = 'Y' AND COALESCE(a.MAINTENANCE, 'N') = 'N')
	AND EXISTS (SELECT 1 FROM QRTZ_JOB j WHERE j.ID = PID AND ` + enabledJob + `)
	AND {now} <= ?`, append(args, lim.Latest)
}

// schedule is an execute's schedule as one text: what its next fire was computed from.
func (d *Due) schedule() string {
	b := append(make([]byte, 0, 64), d.JobType...)
	b = append(append(append(append(b, '|'), d.Cron...), '|'), d.ZoneID...)
	for _, n := range [...]int64{d.RepeatCount, d.Interval, d.Start, d.End} {
		b = strconv.AppendInt(append(b, '|'), n, 10)
	}
	return string(b)
}

func (s *Store) claimPortable(ctx context.Context, tx *sqldb.DB, nodeID int64, claims []*Claim, lim Limits) ([]int64, error) {
	claims, err := s.lockClaims(ctx, tx, claims, lim)
	if err != nil || len(claims) == 0 {
		return nil, err
	}
	ids := make([]int64, len(claims))
	for i := range claims {
		ids[i] = claims[i].ID
	}
	var args []any
	set := func(value func(c *Claim) int64) string {
		return byID(&args, ids, func(i int) any { return value(claims[i]) })
	}
	nominal := func(c *Claim) int64 { return c.Nominal }
	query := `UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = NULLIF(` + set(func(c *Claim) int64 { return c.NextFire }) + `, 0),
		SKIP_COUNT = COALESCE(SKIP_COUNT, 0) + ` + set(func(c *Claim) int64 { return c.Skipped.All() }) + `,
		PREV_FIRE_TIME = COALESCE(NULLIF(` + set(nominal) + `, 0), PREV_FIRE_TIME),
		HIGH_TIME = NULLIF(` + set((*Claim).high) + `, 0),
		FIRE_TIME = NULLIF(` + set(nominal) + `, 0)`
	query += firing(&args, claims, nodeID)
	query += ` WHERE ID IN ? AND ` + claimable + ` AND NEXT_FIRE_TIME = `
	args = append(args, ids)
	query += set(func(c *Claim) int64 { return c.Next }) + ` AND COALESCE(VERSION, 0) = ` + set(func(c *Claim) int64 { return c.Version })
	entitled, rights := s.entitled(nodeID, lim)
	query += ` AND ` + entitled
	args = append(args, rights...)
	n, err := tx.Exec(ctx, query, args...)
	if err != nil || n == 0 {
		return nil, err
	}
	if err := s.finishEmpty(ctx, tx, claims); err != nil {
		return nil, err
	}
	if n == int64(len(ids)) {
		return ids, nil
	}
	return s.changed(ctx, tx, claims)
}

// firing renders the columns that only a claim with a fire writes.
func firing(args *[]any, claims []*Claim, nodeID int64) string {
	var ids, attempts []int64 // of those that fire
	for i := range claims {
		if claims[i].Nominal != 0 {
			ids, attempts = append(ids, claims[i].ID), append(attempts, int64(claims[i].Attempt))
		}
	}
	if len(ids) == 0 {
		return ""
	}
	*args = append(*args, ids, nodeID, ids)
	attempt := byID(args, ids, func(i int) any { return attempts[i] })
	*args = append(*args, ids, ids)
	return `,
		FIRE_NODE = CASE WHEN ID IN ? THEN ? ELSE FIRE_NODE END,
		FIRE_ATTEMPT = CASE WHEN ID IN ? THEN ` + attempt + ` ELSE FIRE_ATTEMPT END,
		FIRE_START = CASE WHEN ID IN ? THEN {now} ELSE FIRE_START END,
		TIME_TRIGGERED = CASE WHEN COALESCE(TIME_TRIGGERED, 0) < 0 THEN 0 ELSE COALESCE(TIME_TRIGGERED, 0) END + CASE WHEN ID IN ? THEN 1 ELSE 0 END`
}

// lockClaims locks the executes that nobody holds and keeps the claims that
// still match their rows.
func (s *Store) lockClaims(ctx context.Context, tx *sqldb.DB, claims []*Claim, lim Limits) ([]*Claim, error) {
	ids := make([]int64, len(claims))
	for i := range claims {
		ids[i] = claims[i].ID
	}
	locked := make(map[int64]Due, len(ids))
	var now int64
	err := tx.Each(ctx, func(rows *sql.Rows) error {
		var d Due
		err := rows.Scan(&d.ID, sqldb.Null(&d.Version), &d.JobType, sqldb.Null(&d.Cron), sqldb.Null(&d.ZoneID), sqldb.Null(&d.RepeatCount),
			sqldb.Null(&d.Interval), sqldb.Null(&d.Start), sqldb.Null(&d.End), sqldb.Null(&d.Next), sqldb.Null(&d.High),
			sqldb.Null(&d.Attempt), sqldb.Null(&now))
		locked[d.ID] = d
		return err
	}, `SELECT ID, VERSION, JOB_TYPE, CRON, ZONE_ID, REPEAT_COUNT, REPEAT_INTERVAL, START_TIME, END_TIME, NEXT_FIRE_TIME, HIGH_TIME, FIRE_ATTEMPT, {now}
		FROM QRTZ_EXECUTE WHERE ID IN ? AND `+claimable+` ORDER BY ID {skip locked}`, ids)
	if err != nil {
		return nil, err
	}
	claims = slices.DeleteFunc(claims, func(c *Claim) bool {
		d, ok := locked[c.ID]
		return !ok || d.Version != c.Version || d.Next != c.Next || d.High != c.High || d.Attempt != c.Due.Attempt ||
			d.schedule() != c.schedule() || c.Nominal != 0 && c.Nominal <= d.High || max(c.Nominal, c.Next) > now+lim.Ahead
	})
	return s.free(ctx, tx, claims)
}

// free leaves out the claims of executes that other rows stand in the way of. It
// asks once the executes are locked, so that its answer is not older than that,
// and only about those that others can be in the way of.
func (s *Store) free(ctx context.Context, tx *sqldb.DB, claims []*Claim) ([]*Claim, error) {
	var ids []int64
	for i := range claims {
		if claims[i].related() {
			ids = append(ids, claims[i].ID)
		}
	}
	if len(ids) == 0 {
		return claims, nil
	}
	free, err := unoccupiedOf(ctx, tx, ids)
	return slices.DeleteFunc(claims, func(c *Claim) bool { return c.related() && !free[c.ID] }), err
}

// finishEmpty completes the executes that moved on without a fire and have
// nothing left. They are this transaction's own: it changed them just before.
func (s *Store) finishEmpty(ctx context.Context, tx *sqldb.DB, claims []*Claim) error {
	var ids []int64
	for i := range claims {
		if claims[i].Nominal == 0 && claims[i].NextFire == 0 {
			ids = append(ids, claims[i].ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE QRTZ_EXECUTE SET STATE = 'COMPLETE', LAST_END_TIME = {now}
		WHERE ID IN ? AND STATE = 'EXECUTING' AND FIRE_TIME IS NULL AND NEXT_FIRE_TIME IS NULL`, ids)
	return err
}

// changed returns the ids of the claims whose rows show them.
func (s *Store) changed(ctx context.Context, tx *sqldb.DB, claims []*Claim) ([]int64, error) {
	want := make(map[int64]*Claim, len(claims))
	ids := make([]int64, len(claims))
	for i, c := range claims {
		want[c.ID], ids[i] = c, c.ID
	}
	var taken []int64
	err := tx.Each(ctx, func(rows *sql.Rows) error {
		var id, next, fire int64
		err := rows.Scan(&id, sqldb.Null(&next), sqldb.Null(&fire))
		if c := want[id]; err == nil && fire == c.Nominal && next == c.NextFire {
			taken = append(taken, id)
		}
		return err
	}, "SELECT ID, NEXT_FIRE_TIME, FIRE_TIME FROM QRTZ_EXECUTE WHERE ID IN ?", ids)
	return taken, err
}

// Fault takes an execute that cannot be scheduled out of the schedule and says why.
func (s *Store) Fault(ctx context.Context, d Due, reason string) (bool, error) {
	return s.unheld(ctx, "QRTZ_EXECUTE", d.ID, `UPDATE QRTZ_EXECUTE SET STATE = 'ERROR', LAST_ERROR = ?
		WHERE ID = ? AND COALESCE(VERSION, 0) = ? AND COALESCE(NEXT_FIRE_TIME, 0) = ? AND STATE = 'EXECUTING' AND FIRE_TIME IS NULL`,
		Clip(reason), d.ID, d.Version, d.Next)
}
