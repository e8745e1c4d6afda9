package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/quartz-cluster/quartz/internal/sqldb"
)

// needs is how many connections a node uses at a time at most: heartbeat, scan,
// completion, ClusterMisfireHandler.
const needs = 4

// Lacks says in a sentence what the connections lack to carry a node, or "".
// Advice is what works but is short.
func (s *Store) Lacks(ctx context.Context) (lack, advice string, err error) {
	pool, err := s.db.Gorm().DB()
	if err != nil {
		return "db has no pool of connections of database/sql: open it with a driver's DSN or a *sql.DB", "", nil //nolint:nilerr // said in a sentence
	}
	open := pool.Stats().MaxOpenConnections
	if s.db.Dialect() == sqldb.SQLite {
		lack, err = s.sqliteLacks(ctx, open)
		return lack, "", err
	}
	switch {
	case open == 1:
		return "the connection pool holds 1 connection, so that one job could stop the heartbeat: call SetMaxOpenConns with 4 or more", "", nil
	case open != 0 && open < needs:
		return "", fmt.Sprintf("the connection pool holds %d connections: a node uses up to %d besides those of its jobs", open, needs), nil
	}
	return "", "", nil
}

func (s *Store) sqliteLacks(ctx context.Context, open int) (string, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	var file string
	err := s.db.Each(ctx, func(rows *sql.Rows) error {
		var seq int
		var name, path string
		err := rows.Scan(&seq, &name, sqldb.Null(&path))
		if name == "main" {
			file = path
		}
		return err
	}, "PRAGMA database_list")
	if err != nil {
		return "", err
	}
	var busy int64
	if _, err := s.db.One(ctx, []any{sqldb.Null(&busy)}, "PRAGMA busy_timeout"); err != nil {
		return "", err
	}
	switch {
	case file == "" && open != 1:
		return "SQLite in memory gives every connection a database of its own: call SetMaxOpenConns(1), or use a file", nil
	case file != "" && busy == 0:
		return "SQLite has no busy_timeout, so that a second writer fails at once: add _pragma=busy_timeout(5000) to the DSN, before journal_mode(WAL)", nil
	}
	return "", nil
}
