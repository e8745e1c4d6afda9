package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// Batch is the largest number of rows that one statement claims or completes.
const Batch = 200

// Store sends the engine's statements for one application.
type Store struct {
	db      *sqldb.DB
	app     string
	timeout time.Duration
	alone   *solo         // nil in a cluster
	recent  int           // how many fires an execute keeps at least
	turns   chan struct{} // of runs that write checkpoints
}

// New returns the statements of app over db; each call that does not come with
// an earlier deadline ends after timeout.
func New(db *gorm.DB, config sqldb.Config, app string, timeout time.Duration) (*Store, error) {
	d, err := sqldb.New(db, config)
	if err != nil {
		return nil, err
	}
	return &Store{db: d, app: app, timeout: timeout, recent: schema.RecentFires, turns: make(chan struct{}, turnsOf(d))}, nil
}

// call bounds one call to the database.
func (s *Store) call(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.timeout)
}

// Lanes returns how many batches a node may claim at a time: a second one where the
// database can make use of it and the pool is large enough for what keeps the lease.
func (s *Store) Lanes() int {
	const roomy = 2 * needs
	pool, err := s.db.Gorm().DB()
	if err != nil || s.db.Dialect() == sqldb.SQLite {
		return 1
	}
	if open := pool.Stats().MaxOpenConnections; open != 0 && open < roomy {
		return 1
	}
	return 2
}

// Now asks the database for its clock, in epoch milliseconds.
func (s *Store) Now(ctx context.Context) (int64, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	t, err := s.db.Now(ctx)
	if err != nil {
		return 0, err
	}
	return t.UnixMilli(), nil
}

// byID renders CASE ID WHEN ? THEN ? ... END, the portable way to give each row
// of an UPDATE a value of its own; value returns it for row i.
func byID(args *[]any, ids []int64, value func(i int) any) string {
	var b strings.Builder
	b.WriteString("CASE ID")
	for i, id := range ids {
		b.WriteString(" WHEN ? THEN ?")
		*args = append(*args, id, value(i))
	}
	b.WriteString(" END")
	return b.String()
}
