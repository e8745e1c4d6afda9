package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// DefaultPrefix begins the names of the four tables unless another is configured.
const DefaultPrefix = "QRTZ_"

// Config says where the four tables are.
type Config struct {
	// Prefix begins every table name: a letter, then letters, digits and
	// underscores, 16 at most. Defaults to QRTZ_.
	Prefix string
	// Schema qualifies every table name, by the same rules, 30 characters at
	// most. Defaults to the connection's own.
	Schema string
}

var identifier = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// WithDefaults fills in what is empty.
func (c Config) WithDefaults() Config {
	if c.Prefix == "" {
		c.Prefix = DefaultPrefix
	}
	return c
}

// Validate names the first field that cannot stand in a statement.
func (c Config) Validate() error {
	if len(c.Prefix) > 16 || !identifier.MatchString(c.Prefix) {
		return fmt.Errorf("table prefix %q must be a letter followed by letters, digits and underscores, at most 16 in all", c.Prefix)
	}
	if c.Schema != "" && (len(c.Schema) > 30 || !identifier.MatchString(c.Schema)) {
		return fmt.Errorf("database schema %q must be a letter followed by letters, digits and underscores, at most 30 in all", c.Schema)
	}
	return nil
}

// Table returns the qualified name of a table given without its prefix: EXECUTE.
func (c Config) Table(name string) string {
	if c.Schema != "" {
		return c.Schema + "." + c.Prefix + name
	}
	return c.Prefix + name
}

// DB sends the product's statements over a session of its own.
// It is safe for concurrent use, except inside a transaction.
type DB struct {
	session *gorm.DB
	dialect Dialect
	config  Config
	words   *strings.Replacer
	clock   Clock // nil: the database's own
	inTx    bool
}

// New opens the product's own session on the connections of db.
func New(db *gorm.DB, config Config) (*DB, error) {
	if db == nil {
		return nil, errors.New("db is nil: open it with gorm.Open first")
	}
	if db.Config == nil || db.Dialector == nil || db.ConnPool == nil {
		return nil, errors.New("db is not open: open it with gorm.Open first")
	}
	dialect, err := ParseDialect(db.Dialector.Name())
	if err != nil {
		return nil, err
	}
	config = config.WithDefaults()
	if err := config.Validate(); err != nil {
		return nil, err
	}
	words := append(dialect.tokens(), DefaultPrefix, config.Table(""))
	return &DB{
		session: ownSession(db), dialect: dialect, config: config,
		words: strings.NewReplacer(words...), clock: clockOf(db), inTx: isTx(db),
	}, nil
}

// ownSession drops everything of the caller's session but dialect and connections.
func ownSession(db *gorm.DB) *gorm.DB {
	// A context makes gorm give the session a statement of its own.
	s := db.Session(&gorm.Session{NewDB: true, Context: context.Background(), Logger: logger.Discard, SkipDefaultTransaction: true})
	s.Error = nil // of the caller's last statement
	s.Config.PrepareStmt = false
	s.Config.DryRun = false
	s.Config.TranslateError = false
	s.Statement.ConnPool = unprepared(db.Statement.ConnPool)
	s.Config.ConnPool = unprepared(s.Config.ConnPool)
	return s
}

// unprepared returns the connections below gorm's cache of prepared statements.
func unprepared(pool gorm.ConnPool) gorm.ConnPool {
	switch p := pool.(type) {
	case *gorm.PreparedStmtDB:
		return p.ConnPool
	case *gorm.PreparedStmtTX:
		return p.Tx
	}
	return pool
}

func isTx(db *gorm.DB) bool {
	_, ok := unprepared(db.Statement.ConnPool).(gorm.TxCommitter)
	return ok
}

// Dialect returns the database's dialect.
func (d *DB) Dialect() Dialect { return d.dialect }

// Config returns where the tables are, defaults filled in.
func (d *DB) Config() Config { return d.config }

// InTx reports whether the statements run inside a transaction.
func (d *DB) InTx() bool { return d.inTx }

// Gorm returns the product's own session, for what needs the dialector itself.
func (d *DB) Gorm() *gorm.DB { return d.session }

// WithTx returns the same statements over tx, a transaction of the caller's.
func (d *DB) WithTx(tx *gorm.DB) *DB {
	in := *d
	in.session, in.inTx = ownSession(tx), true
	return &in
}

// WithSQLTx is WithTx for a plain transaction of database/sql.
func (d *DB) WithSQLTx(tx *sql.Tx) *DB {
	in := *d
	in.session, in.inTx = d.fresh(context.Background()), true
	in.session.Statement.ConnPool = tx
	return &in
}

// fresh returns the session with an empty statement under ctx.
func (d *DB) fresh(ctx context.Context) *gorm.DB {
	return d.session.Session(&gorm.Session{NewDB: true, Context: ctx})
}

// SQL completes a statement: see the package comment for its tokens.
func (d *DB) SQL(query string) string {
	query = d.words.Replace(query)
	if strings.Contains(query, "{now}") {
		query = strings.ReplaceAll(query, "{now}", d.now())
	}
	return query
}

// Exec sends a statement and returns the number of rows that it touched.
func (d *DB) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	res := d.fresh(ctx).Exec(d.SQL(query), plain(args)...)
	return res.RowsAffected, res.Error
}

// ExecAsIs sends a statement that has no tokens and no binds.
func (d *DB) ExecAsIs(ctx context.Context, statement string) error {
	return d.fresh(ctx).Exec(statement).Error
}

// Each sends a query and calls scan for every row.
func (d *DB) Each(ctx context.Context, scan func(*sql.Rows) error, query string, args ...any) (err error) {
	query, args = d.SQL(query), plain(args)
	rows, err := d.fresh(ctx).Raw(query, args...).Rows()
	if ctx.Err() == nil && !d.inTx && timedOut(err) && strings.HasPrefix(query, "SELECT ") {
		// The deadline of another call: pgx can leave that of a query which was
		// cancelled to the next one on its connection.
		rows, err = d.fresh(ctx).Raw(query, args...).Rows()
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// One sends a query for at most one row and reports whether there was one.
func (d *DB) One(ctx context.Context, dest []any, query string, args ...any) (found bool, err error) {
	err = d.Each(ctx, func(rows *sql.Rows) error {
		found = true
		return rows.Scan(dest...)
	}, query, args...)
	return found && err == nil, err
}

// Now asks the database for its clock.
func (d *DB) Now(ctx context.Context) (time.Time, error) {
	var ms int64
	if _, err := d.One(ctx, []any{Null(&ms)}, "SELECT {now}{dual}"); err != nil {
		return time.Time{}, err
	}
	return time.UnixMilli(ms).UTC(), nil
}
