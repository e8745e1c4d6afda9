package schema

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/quartz-cluster/quartz/internal/sqldb"
)

// AdoptStart returns the START_TIME that an execute written by the Java edition's
// client should have, and whether that is another than it has.
//
// That client computes the first fire from five seconds after its own now, but
// counts the slots from START_TIME, so that a schedule of N fires starting at once
// would run fewer than N times. A counted schedule that has never fired therefore
// begins where its first fire is. Rows of ours must not be asked about: they may
// have passed over instants on purpose, and counted them.
func AdoptStart(e Execute) (start int64, changed bool) {
	counted := e.JobType == Simple && e.RepeatCount > 0
	fired := e.PrevFireTime > 0 || e.TimeTriggered > 0
	if !counted || fired || e.State == Complete || e.NextFireTime <= e.StartTime {
		return e.StartTime, false
	}
	return e.NextFireTime, true
}

// adoptBatch bounds a transaction of takeOver, and the lists in its statements.
const adoptBatch = 500

// The statements of takeOver. A row is the Java edition's while its APPLICATION
// is null; one whose job is gone stays so.
const (
	selectForeign = `SELECT e.ID, j.APPLICATION FROM QRTZ_EXECUTE e JOIN QRTZ_JOB j ON j.ID = e.PID
		WHERE e.APPLICATION IS NULL AND e.ID > ? ORDER BY e.ID {limit}`
	lockForeign = ` FROM QRTZ_EXECUTE WHERE ID IN ? AND APPLICATION IS NULL ORDER BY ID {for update}`
	adopt       = `UPDATE QRTZ_EXECUTE SET APPLICATION = ?, SHARD = ? WHERE ID IN ? AND APPLICATION IS NULL`
	adoptStart  = `UPDATE QRTZ_EXECUTE SET APPLICATION = ?, SHARD = ?, START_TIME = ?
		WHERE ID = ? AND APPLICATION IS NULL AND START_TIME = ? AND NEXT_FIRE_TIME = ?
		AND COALESCE(PREV_FIRE_TIME, 0) < 1 AND COALESCE(TIME_TRIGGERED, 0) < 1`

	selectZoneless = `SELECT ID FROM QRTZ_EXECUTE
		WHERE JOB_TYPE = 'CRON' AND COALESCE(LENGTH(ZONE_ID), 0) = 0 AND ID > ? ORDER BY ID {limit}`
	setZone = `UPDATE QRTZ_EXECUTE SET ZONE_ID = ?
		WHERE ID IN ? AND JOB_TYPE = 'CRON' AND COALESCE(LENGTH(ZONE_ID), 0) = 0`
)

// takeOver gives rows of the Java edition what its client does not write.
func (t *tables) takeOver(ctx context.Context) error {
	if t.opts.DefaultZone != "" {
		if err := t.inBatches(ctx, t.zoneBatch); err != nil {
			return fmt.Errorf("schema: write zone %s into executes: %w", t.opts.DefaultZone, err)
		}
	}
	if err := t.inBatches(ctx, adoptionBatch); err != nil {
		return fmt.Errorf("schema: take over executes: %w", err)
	}
	return nil
}

// batch changes rows above the id after, and returns the highest id that it has
// looked at, 0 when there were none, and how many rows it has changed.
type batch func(ctx context.Context, tx *sqldb.DB, after int64) (last, changed int64, err error)

func (t *tables) inBatches(ctx context.Context, next batch) error {
	var after, total int64
	for {
		var last, changed int64
		err := t.alone(ctx, func(in *sqldb.DB) error {
			return in.Tx(ctx, func(tx *sqldb.DB) (err error) {
				last, changed, err = next(ctx, tx, after)
				return err
			})
		})
		if err != nil {
			return err
		}
		total += changed
		if last == 0 {
			break
		}
		after = last
	}
	if total > 0 {
		t.opts.logger().InfoContext(ctx, "schema: took over rows of the Java edition", "rows", total)
	}
	return nil
}

func (t *tables) zoneBatch(ctx context.Context, tx *sqldb.DB, after int64) (last, changed int64, err error) {
	var ids []int64
	err = tx.Each(ctx, func(rows *sql.Rows) error {
		ids = append(ids, 0)
		return rows.Scan(&ids[len(ids)-1])
	}, selectZoneless, after, adoptBatch)
	if err != nil || len(ids) == 0 {
		return 0, 0, err
	}
	changed, err = tx.Exec(ctx, setZone, t.opts.DefaultZone, ids)
	return ids[len(ids)-1], changed, err
}

func adoptionBatch(ctx context.Context, tx *sqldb.DB, after int64) (last, changed int64, err error) {
	apps := map[int64]string{}
	var ids []int64
	err = tx.Each(ctx, func(rows *sql.Rows) error {
		var id int64
		var app string
		if err := rows.Scan(&id, &app); err != nil {
			return err
		}
		ids, apps[id] = append(ids, id), app
		return nil
	}, selectForeign, after, adoptBatch)
	if err != nil || len(ids) == 0 {
		return 0, 0, err
	}
	// The rows stay as they are read here until the end of the transaction.
	rows, err := sqldb.Select[Execute](ctx, tx, "SELECT "+sqldb.Columns[Execute]("")+lockForeign, ids)
	if err != nil {
		return 0, 0, err
	}
	type place struct {
		app   string
		shard int
	}
	plain := map[place][]int64{}
	for _, e := range rows {
		p := place{apps[e.ID], ShardOf(e.ID)}
		start, moved := AdoptStart(e)
		if !moved {
			plain[p] = append(plain[p], e.ID)
			continue
		}
		n, err := tx.Exec(ctx, adoptStart, p.app, p.shard, start, e.ID, e.StartTime, e.NextFireTime)
		if err != nil {
			return 0, 0, err
		}
		changed += n
	}
	for p, ids := range plain {
		n, err := tx.Exec(ctx, adopt, p.app, p.shard, ids)
		if err != nil {
			return 0, 0, err
		}
		changed += n
	}
	return ids[len(ids)-1], changed, nil
}
