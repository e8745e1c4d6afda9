package lab

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"

	"gorm.io/gorm"
)

// ErrInjected is what a statement fails with that the test interfered with.
var ErrInjected = errors.New("lab: injected: connection reset by peer")

// Hook interferes with statements of one kind. Nil functions do nothing.
type Hook struct {
	// Before is called before a statement is sent. An error is its answer, and
	// it is not sent.
	Before func(query string, args []any) error
	// Commit is called before the transaction that holds a statement of the kind
	// is committed. An error is the commit's answer, and it is rolled back. A
	// statement outside a transaction has no such moment.
	Commit func() error
	// After is called once a statement has taken effect: inside a transaction,
	// after its commit. An error takes the place of its answer.
	After func() error
}

// Pool is a node's connections. What goes through it can be counted, hooked and
// cut. It is a gorm.ConnPool.
type Pool struct {
	*sql.DB

	mu    sync.Mutex
	hooks map[Kind]Hook
	count map[Kind]int64
	tried int64
	begun int64         // transactions
	cut   chan struct{} // closed by Mend; nil: not cut
	down  bool          // refuses at once
}

var (
	_ gorm.ConnPool         = (*Pool)(nil)
	_ gorm.ConnPoolBeginner = (*Pool)(nil)
	_ gorm.GetDBConnector   = (*Pool)(nil)
)

// Wrap puts a Pool between db and its connections.
func Wrap(db *gorm.DB) (*Pool, error) {
	conns, err := db.DB()
	if err != nil {
		return nil, err
	}
	p := &Pool{DB: conns, hooks: make(map[Kind]Hook), count: make(map[Kind]int64)}
	db.Config.ConnPool, db.Statement.ConnPool = p, p
	return p, nil
}

// Hook interferes with statements of a kind from now on; an empty Hook ends it.
func (p *Pool) Hook(kind Kind, h Hook) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hooks[kind] = h
}

// Count returns how many statements of a kind were answered so far.
func (p *Pool) Count(kind Kind) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count[kind]
}

// Cut makes the database unreachable: whatever is sent waits until its context
// ends, and commits fail.
func (p *Pool) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut == nil {
		p.cut = make(chan struct{})
	}
}

// Break makes the database refuse whatever is sent, at once.
func (p *Pool) Break() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = true
}

// Tried returns how many statements and transactions were begun so far, whatever
// became of them.
func (p *Pool) Tried() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tried
}

// Sent is Tried without the begins of transactions.
func (p *Pool) Sent() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tried - p.begun
}

// Mend takes Cut and Break back.
func (p *Pool) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = false
	if p.cut != nil {
		close(p.cut)
		p.cut = nil
	}
}

// reach waits while the pool is cut and fails while it is broken.
func (p *Pool) reach(ctx context.Context) error {
	p.mu.Lock()
	p.tried++
	p.mu.Unlock()
	for {
		p.mu.Lock()
		cut, down := p.cut, p.down
		p.mu.Unlock()
		if down {
			return ErrInjected
		}
		if cut == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-cut:
		}
	}
}

func (p *Pool) hooksOf(kinds []Kind) []Hook {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Hook, len(kinds))
	for i, k := range kinds {
		out[i] = p.hooks[k]
	}
	return out
}

func (p *Pool) before(ctx context.Context, query string, args []any) ([]Kind, error) {
	kinds := kindsOf(query)
	if err := p.reach(ctx); err != nil {
		return kinds, err
	}
	for _, h := range p.hooksOf(kinds) {
		if h.Before != nil {
			if err := h.Before(query, args); err != nil {
				return kinds, err
			}
		}
	}
	return kinds, nil
}

func (p *Pool) after(kinds []Kind) error {
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, k := range kinds {
			p.count[k]++
		}
	}()
	for _, h := range p.hooksOf(kinds) {
		if h.After != nil {
			if err := h.After(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Pool) commit(kinds []Kind) error {
	p.mu.Lock()
	away := p.cut != nil || p.down
	p.mu.Unlock()
	if away {
		return ErrInjected
	}
	for _, h := range p.hooksOf(kinds) {
		if h.Commit != nil {
			if err := h.Commit(); err != nil {
				return err
			}
		}
	}
	return nil
}

// GetDBConn implements gorm.GetDBConnector.
func (p *Pool) GetDBConn() (*sql.DB, error) { return p.DB, nil }

// ExecContext implements gorm.ConnPool.
func (p *Pool) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	kinds, err := p.before(ctx, query, args)
	if err != nil {
		return nil, err
	}
	res, err := p.DB.ExecContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return res, p.after(kinds)
}

// QueryContext implements gorm.ConnPool.
func (p *Pool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	kinds, err := p.before(ctx, query, args)
	if err != nil {
		return nil, err
	}
	rows, err := p.DB.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	if err := p.after(kinds); err != nil {
		for rows.Next() { // so that it has taken effect
		}
		return nil, errors.Join(err, rows.Err(), rows.Close()) //nolint:sqlclosecheck // otherwise its reader closes it
	}
	return rows, nil
}

// BeginTx implements gorm.ConnPoolBeginner.
func (p *Pool) BeginTx(ctx context.Context, opts *sql.TxOptions) (gorm.ConnPool, error) {
	p.mu.Lock()
	p.begun++
	p.mu.Unlock()
	if err := p.reach(ctx); err != nil {
		return nil, err
	}
	tx, err := p.DB.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return &poolTx{Tx: tx, pool: p}, nil
}

// poolTx is a transaction of a Pool.
type poolTx struct {
	*sql.Tx
	pool  *Pool
	kinds []Kind // of its statements
}

func (t *poolTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	kinds, err := t.pool.before(ctx, query, args)
	if err != nil {
		return nil, err
	}
	t.kinds = append(t.kinds, kinds...)
	return t.Tx.ExecContext(ctx, query, args...)
}

func (t *poolTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	kinds, err := t.pool.before(ctx, query, args)
	if err != nil {
		return nil, err
	}
	t.kinds = append(t.kinds, kinds...)
	return t.Tx.QueryContext(ctx, query, args...)
}

// Commit implements gorm.TxCommitter.
func (t *poolTx) Commit() error {
	kinds := slices.Compact(t.kinds)
	if err := t.pool.commit(kinds); err != nil {
		return errors.Join(err, t.Tx.Rollback())
	}
	if err := t.Tx.Commit(); err != nil {
		return err
	}
	return t.pool.after(kinds)
}
