package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

// place is a database of its own, with nothing in it.
type place struct {
	kind testdb.Kind
	dsn  string
	db   *gorm.DB
	pool *sql.DB
	drop func() error

	lastID int64 // of an execute that was inserted
}

// newPlace makes a database on the server of that kind.
func newPlace(kind testdb.Kind) (*place, error) {
	var options []testdb.Option
	if kind == testdb.MariaDB {
		options = append(options, testdb.Param("interpolateParams", "true")) // as the README advises
	}
	dsn, drop, err := testdb.Create(kind, options...)
	if err != nil {
		return nil, err
	}
	p := &place{kind: kind, dsn: dsn, drop: drop, lastID: schema.NewID()}
	if p.db, err = testdb.OpenDSN(kind, dsn); err != nil {
		return nil, errors.Join(err, drop())
	}
	if p.pool, err = p.db.DB(); err != nil {
		return nil, errors.Join(err, drop())
	}
	return p, nil
}

// newTables makes a database with the four tables.
func newTables(ctx context.Context, kind testdb.Kind) (*place, error) {
	p, err := newPlace(kind)
	if err != nil {
		return nil, err
	}
	if err := schema.Migrate(ctx, p.db, schema.Options{Logger: slog.New(slog.DiscardHandler)}); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func (p *place) close() error { return errors.Join(p.pool.Close(), p.drop()) }

func (p *place) exec(ctx context.Context, statement string) error {
	if _, err := p.pool.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("%.80s …: %w", statement, err)
	}
	return nil
}

// number asks for one number.
func (p *place) number(ctx context.Context, query string) (int64, error) {
	var n sql.NullInt64
	if err := p.pool.QueryRowContext(ctx, query).Scan(&n); err != nil {
		return 0, fmt.Errorf("%.80s …: %w", query, err)
	}
	return n.Int64, nil
}

// series is a table s of one column n, from 1 to count.
func (p *place) series(count int) string {
	if p.kind == testdb.Postgres {
		return fmt.Sprintf("generate_series(1, %d) AS s(n)", count)
	}
	return fmt.Sprintf("(SELECT seq AS n FROM seq_1_to_%d) s", count)
}

// addJob adds a job and returns its id.
func (p *place) addJob(ctx context.Context, application string, state schema.State) (int64, error) {
	id := schema.NewID()
	return id, p.exec(ctx, fmt.Sprintf(`INSERT INTO QRTZ_JOB (ID, APPLICATION, STATE, JOB_CLASS, UPDATE_TIME) VALUES (%d, '%s', '%s', '%s', 0)`,
		id, application, state, class))
}

// executes are executes to insert below a job, with what the client would write.
type executes struct {
	app   string
	job   int64
	count int
	// first is the instant of the first fire, in epoch milliseconds, as SQL over n,
	// which counts the executes from 1.
	first string
	// columns are others than those of one fire at that instant, as SQL over n.
	columns map[string]string
}

// add inserts executes with ids that follow each other, which divides them among
// the shards evenly.
func (p *place) add(ctx context.Context, e executes) error {
	if e.count < 1 {
		return nil
	}
	columns := map[string]string{
		"ID": fmt.Sprintf("%d + n", p.lastID), "PID": fmt.Sprint(e.job), "APPLICATION": "'" + e.app + "'",
		"JOB_TYPE": "'SIMPLE'", "STATE": "'EXECUTING'", "REPEAT_COUNT": "1", "START_TIME": e.first, "NEXT_FIRE_TIME": e.first,
		"END_TIME": "-1", "TIME_TRIGGERED": "0", "PREV_FIRE_TIME": "-1", "MISFIRE": "'FIRE_ONCE'", "OVERLAP": "'ALLOW'",
		"UPDATE_TIME": "0", "UPDATED_BY": "'bench'", "HOST_IP": "'bench'", "HOST_NAME": "'bench'",
	}
	p.lastID += int64(e.count)
	columns["SHARD"] = fmt.Sprintf("MOD(%s, %d)", columns["ID"], schema.Shards)
	maps.Copy(columns, e.columns)
	names := slices.Sorted(maps.Keys(columns))
	values := make([]string, len(names))
	for i, name := range names {
		values[i] = columns[name]
	}
	return p.exec(ctx, fmt.Sprintf("INSERT INTO QRTZ_EXECUTE (%s) SELECT %s FROM %s",
		strings.Join(names, ", "), strings.Join(values, ", "), p.series(e.count)))
}

// settle lets the server do now what it would otherwise do, after so many inserts,
// while something is measured.
func (p *place) settle(ctx context.Context, table string) error {
	if p.kind != testdb.Postgres {
		return p.exec(ctx, "ANALYZE TABLE "+table)
	}
	if err := p.exec(ctx, "VACUUM (ANALYZE) "+table); err != nil {
		return err
	}
	return p.exec(ctx, "CHECKPOINT")
}
