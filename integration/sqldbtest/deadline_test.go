package sqldbtest

import (
	"context"
	"database/sql"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/internal/sqldb"
)

// late is connections on which queries meet the deadline of somebody else.
type late struct {
	gorm.ConnPool

	times, sent int
}

func (l *late) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	l.sent++
	if l.sent <= l.times {
		return nil, os.ErrDeadlineExceeded
	}
	return l.ConnPool.QueryContext(ctx, query, args...)
}

func TestTheDeadlineOfAnotherCall(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		over := func(pool *late) *sqldb.DB {
			g := db.Gorm.Session(&gorm.Session{NewDB: true, Context: t.Context()})
			pool.ConnPool = g.Statement.ConnPool
			g.Statement.ConnPool = pool
			g.Config.ConnPool = pool
			return open(t, g)
		}
		once := &late{times: 1}
		_, err := over(once).Now(t.Context())
		require.NoError(t, err)
		require.Equal(t, 2, once.sent)

		for name, ask := range map[string]func(d *sqldb.DB) error{
			"twice in a row": func(d *sqldb.DB) error { _, err := d.Now(t.Context()); return err },
			"its own": func(d *sqldb.DB) error {
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				_, err := d.Now(ctx)
				return err
			},
			"in a transaction, which has ended": func(d *sqldb.DB) error {
				_, err := d.WithTx(d.Gorm()).Now(t.Context())
				return err
			},
			"a change, which may have been made": func(d *sqldb.DB) error {
				return d.Each(t.Context(), func(*sql.Rows) error { return nil }, "UPDATE nothing SET n = 1 RETURNING n")
			},
		} {
			always := &late{times: 1 << 30}
			require.ErrorIs(t, ask(over(always)), os.ErrDeadlineExceeded, name)
			require.Equal(t, 1+strings.Count(name, "twice"), always.sent, name)
		}
	})
}
