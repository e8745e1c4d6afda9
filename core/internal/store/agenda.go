package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// Agenda says what there is for a pass of the ClusterMisfireHandler to do.
type Agenda struct {
	Nodes    []int64 // that executes name as the node of their last claim, the youngest first
	OnAll    bool    // there are executes that run on all nodes,
	Children bool    // children,
	Orphans  bool    // rows of the Java edition's client,
	Overdue  bool    // and executes that were due by a time and may be claimed
}

// Agenda looks for all of it in one statement where it can, as an idle application would
// else be asked about each by one of its own. Of the nodes it names those below an id, at most limit.
func (s *Store) Agenda(ctx context.Context, overdue, below int64, limit int) (t Agenda, err error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	begin, nodes, args := "WITH RECURSIVE f (ID, N) AS (", "SELECT 'NODE', ID FROM f WHERE ID IS NOT NULL UNION ALL ", []any{}
	switch s.db.Dialect() {
	case sqldb.Oracle, sqldb.MySQL: // the one has no such word, the other reads all rows for each
		if t.Nodes, err = s.nodesByOne(ctx, below, limit); err != nil {
			return t, err
		}
		begin, nodes = "", ""
	default: // one look into the index for each, however many rows name it
		begin += "SELECT MAX(FIRE_NODE), 1 FROM QRTZ_EXECUTE WHERE APPLICATION = ? AND FIRE_NODE < ? UNION ALL " +
			"SELECT (SELECT MAX(e.FIRE_NODE) FROM QRTZ_EXECUTE e WHERE e.APPLICATION = ? AND e.FIRE_NODE < f.ID), N + 1 FROM f WHERE ID IS NOT NULL AND N < ?) "
		args = append(args, s.app, below, s.app, limit)
	}
	args = append(args, s.app, schema.SharedShard, s.app, s.app, s.app, shards(), overdue)
	err = s.db.Each(ctx, func(rows *sql.Rows) error {
		var kind string
		var id int64
		err := rows.Scan(&kind, &id)
		switch kind {
		case "NODE":
			if id > 0 {
				t.Nodes = append(t.Nodes, id)
			}
		case "ALL":
			t.OnAll = true
		case "CHILD":
			t.Children = true
		case "ORPHAN":
			t.Orphans = true
		case "OVERDUE":
			t.Overdue = true
		}
		return err
	}, begin+nodes+"SELECT 'ALL', 0{dual} WHERE EXISTS (SELECT 1 FROM QRTZ_EXECUTE e WHERE "+runsOnAll+")"+
		" UNION ALL SELECT 'CHILD', 0{dual} WHERE EXISTS (SELECT 1 FROM QRTZ_EXECUTE c WHERE c.APPLICATION = ? AND c.ORIGIN_ID > 0)"+
		" UNION ALL SELECT 'ORPHAN', 0{dual} WHERE EXISTS (SELECT 1 "+orphaned+")"+
		" UNION ALL SELECT 'OVERDUE', 0{dual} WHERE EXISTS (SELECT 1 FROM QRTZ_EXECUTE e WHERE "+overdueBy+")", args...)
	return t, err
}

// overdueBy holds for an execute that anybody of the application might have claimed
// by now: what is for a single node goes with it. A fire in flight is no excuse where
// another may run beside it, as that is how all slots come to be held by runs that hang.
const overdueBy = "e.APPLICATION = ? AND e.SHARD IN ? AND e.NEXT_FIRE_TIME BETWEEN 1 AND ? AND e.STATE = 'EXECUTING' AND " + allowed

// CountOverdue returns how many executes of enabled jobs were due by a time and are not
// held back by other rows, or by a fire of their own, among limit of them that it looks
// at, and the next fire time of the oldest that it counted. What runs on all nodes fires
// by its copies and lags behind them: it counts where it was due by another time.
//
// What may be held back is asked about by id, as by [Store.Scan].
func (s *Store) CountOverdue(ctx context.Context, until, untilOnAll int64, limit int) (n, oldest int64, err error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	add := func(count, since int64) {
		if n == 0 || since < oldest {
			oldest = since
		}
		n += count
	}
	held := map[int64]int64{} // what may be, by id: since when it is due
	err = s.db.Each(ctx, func(rows *sql.Rows) error {
		var id, count, since int64
		err := rows.Scan(&id, &count, &since)
		if id == 0 {
			add(count, since)
		} else {
			held[id] = since
		}
		return err
	}, `SELECT BY_ID, COUNT(*), MIN(NEXT_FIRE_TIME) FROM (
		SELECT CASE WHEN `+related+` THEN e.ID ELSE 0 END BY_ID, e.NEXT_FIRE_TIME FROM QRTZ_EXECUTE e JOIN QRTZ_JOB j ON j.ID = e.PID
		WHERE `+overdueBy+` AND j.APPLICATION = ? AND `+enabledJob+`
		AND (e.RUN_ON IS NULL OR e.RUN_ON <> 'ALL' OR e.NEXT_FIRE_TIME <= ?) {limit}) s GROUP BY BY_ID`, s.app, shards(), until, s.app, untilOnAll, limit)
	if err != nil {
		return 0, 0, err
	}
	free, err := unoccupiedOf(ctx, s.db, slices.Collect(maps.Keys(held)))
	for id := range free {
		add(1, held[id])
	}
	return n, oldest, err
}

// shards lists those that overdueBy looks into.
func shards() []int64 {
	all := make([]int64, schema.SharedShard+1)
	for i := range all {
		all[i] = int64(i)
	}
	return all
}

func (s *Store) nodesByOne(ctx context.Context, below int64, limit int) (ids []int64, err error) {
	for len(ids) < limit {
		var id int64
		_, err := s.db.One(ctx, []any{sqldb.Null(&id)},
			"SELECT MAX(FIRE_NODE) FROM QRTZ_EXECUTE WHERE APPLICATION = ? AND FIRE_NODE < ?", s.app, below)
		if err != nil || id < 1 {
			return ids, err
		}
		ids, below = append(ids, id), id
	}
	return ids, nil
}
