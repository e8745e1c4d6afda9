package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/quartz-cluster/quartz/internal/sqldb"
)

// needs is how many connections a node uses at a time at most: heartbeat, scan,
// completion, ClusterMisfireHandler.
const needs = 4

// Duty is what connections are to carry.
type Duty string

// What connections carry.
const (
	Everything Duty = "everything" // and the jobs' own statements with it
	Claims     Duty = "claims"     // while others carry the control
	Control    Duty = "control"    // heartbeats, completions, the ClusterMisfireHandler
)

// Lacks says in a sentence what the connections lack for their duty, or "".
// Advice is what works but is short.
func (s *Store) Lacks(ctx context.Context, duty Duty) (lack, advice string, err error) {
	pool, err := s.db.Gorm().DB()
	if err != nil {
		return "db has no pool of connections of database/sql: open it with a driver's DSN or a *sql.DB", "", nil //nolint:nilerr // said in a sentence
	}
	open := pool.Stats().MaxOpenConnections
	if s.db.Dialect() == sqldb.SQLite {
		return s.sqliteLacks(ctx, pool, open)
	}
	switch {
	case duty == Claims:
	case duty == Control && open == 1:
		return "the connection pool of ControlDB holds 1 connection, so that an outcome could keep a heartbeat waiting: " +
			"call SetMaxOpenConns with 2 or more", "", nil
	case duty == Control:
	case open == 1:
		return "the connection pool holds 1 connection, so that one job could stop the heartbeat: call SetMaxOpenConns with 4 or more", "", nil
	case open != 0 && open < needs:
		advice = fmt.Sprintf("the connection pool holds %d connections: a node uses up to %d besides those of its jobs", open, needs)
	}
	if s.db.Dialect() != sqldb.MySQL {
		return "", advice, nil
	}
	patience, err := s.mysqlPatience(ctx, duty)
	if advice != "" && patience != "" {
		advice += "; "
	}
	return "", advice + patience, err
}

// mysqlPatience says where the server lets a transaction stand still for long: the rows
// of a node whose machine is gone stay locked until then. On PostgreSQL each
// transaction says it for itself.
func (s *Store) mysqlPatience(ctx context.Context, duty Duty) (advice string, err error) {
	const enough = 60 // seconds
	ctx, cancel := s.call(ctx)
	defer cancel()
	seconds := map[string]int64{}
	err = s.db.Each(ctx, func(rows *sql.Rows) error {
		var name string
		var value int64
		err := rows.Scan(&name, &value)
		seconds[name] = value
		return err
	}, "SHOW VARIABLES WHERE VARIABLE_NAME IN ('idle_transaction_timeout', 'wait_timeout')")
	idle, mariadb := seconds["idle_transaction_timeout"]
	longest := seconds["wait_timeout"]
	if idle > 0 {
		longest = min(longest, idle)
	}
	if err != nil || longest <= enough {
		return "", err
	}
	dsn, add := "the DSN", "idle_transaction_timeout=4"
	if duty == Control {
		dsn += " of ControlDB"
	}
	if !mariadb {
		add, dsn = "wait_timeout=10", dsn+", and call SetConnMaxIdleTime with less"
	}
	return fmt.Sprintf("the server lets a transaction stand still for %d s, and a node whose machine is gone keeps rows locked for as long: add %s to %s",
		longest, add, dsn), nil
}

func (s *Store) sqliteLacks(ctx context.Context, pool *sql.DB, open int) (lack, advice string, err error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	var file string
	err = s.db.Each(ctx, func(rows *sql.Rows) error {
		var seq int
		var name, path string
		err := rows.Scan(&seq, &name, sqldb.Null(&path))
		if name == "main" {
			file = path
		}
		return err
	}, "PRAGMA database_list")
	if err != nil {
		return "", "", err
	}
	var busy int64
	if _, err := s.db.One(ctx, []any{sqldb.Null(&busy)}, "PRAGMA busy_timeout"); err != nil {
		return "", "", err
	}
	switch {
	case file == "" && s.alone == nil && !s.db.Simulated():
		return "SQLite in memory is for one process, not for a cluster: use a file, or set Standalone", "", nil
	case file == "" && open != 1:
		return "SQLite in memory gives every connection a database of its own: call SetMaxOpenConns(1), or use a file", "", nil
	case file != "" && busy == 0:
		return "SQLite has no busy_timeout, so that a second writer fails at once: add _pragma=busy_timeout(5000) to the DSN, before journal_mode(WAL)", "", nil
	}
	late, err := locksLate(ctx, pool, file, open)
	if err == nil && late {
		advice = "SQLite locks at a transaction's first write, and fails it there if another has written since it began: add _txlock=immediate to the DSN"
	}
	return "", advice, err
}

// locksLate reports whether transactions on a SQLite file take the lock with
// their first write: then a second connection gets it while one is open.
func locksLate(ctx context.Context, pool *sql.DB, file string, open int) (late bool, err error) {
	if file == "" || open == 1 {
		return false, nil
	}
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	second, err := pool.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, second.Close()) }()
	var timeout int64
	if err := second.QueryRowContext(ctx, "PRAGMA busy_timeout").Scan(&timeout); err != nil {
		return false, err
	}
	if _, err := second.ExecContext(ctx, "PRAGMA busy_timeout = 0"); err != nil {
		return false, err
	}
	defer func() {
		_, again := second.ExecContext(context.WithoutCancel(ctx), "PRAGMA busy_timeout = "+strconv.FormatInt(timeout, 10))
		err = errors.Join(err, again)
	}()
	if _, err := second.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		if sqldb.Retryable(err) {
			return false, nil
		}
		return false, err
	}
	_, err = second.ExecContext(ctx, "ROLLBACK")
	return true, err
}
