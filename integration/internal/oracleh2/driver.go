package oracleh2

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

type connector struct{ place *place }

// Connect implements driver.Connector.
func (c connector) Connect(context.Context) (driver.Conn, error) {
	wire, err := c.place.take()
	if err != nil {
		return nil, err
	}
	return &conn{place: c.place, wire: wire}, nil
}

// Driver implements driver.Connector.
func (c connector) Driver() driver.Driver { return stub{} }

type stub struct{}

// Open implements driver.Driver.
func (stub) Open(string) (driver.Conn, error) {
	return nil, errors.New("oracleh2: use Open of this package")
}

// conn is a session, with go-ora's habits.
type conn struct {
	place *place
	wire  *pgconn.PgConn
	inTx  bool
}

// Ping implements driver.Pinger.
func (c *conn) Ping(ctx context.Context) error {
	_, err := c.run(ctx, "SELECT 1 FROM DUAL")
	return err
}

// IsValid implements driver.Validator.
func (c *conn) IsValid() bool { return !c.wire.IsClosed() }

// Close implements driver.Conn.
func (c *conn) Close() error {
	if c.inTx {
		_ = (&tx{c, context.Background()}).Rollback()
	}
	c.place.give(c.wire)
	return nil
}

// Begin implements driver.Conn.
func (c *conn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// BeginTx implements driver.ConnBeginTx. go-ora knows no isolation levels.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if opts.ReadOnly {
		return nil, errors.New("readonly transaction is not supported")
	}
	if opts.Isolation != 0 {
		return nil, errors.New("only support default value for isolation")
	}
	if _, err := c.run(ctx, "BEGIN"); err != nil {
		return nil, err
	}
	c.inTx = true
	return &tx{c, ctx}, nil
}

type tx struct {
	conn *conn
	ctx  context.Context //nolint:containedctx // driver.Tx has no other way
}

// Commit implements driver.Tx.
func (t *tx) Commit() error { return t.end("COMMIT") }

// Rollback implements driver.Tx.
func (t *tx) Rollback() error { return t.end("ROLLBACK") }

func (t *tx) end(how string) error {
	t.conn.inTx = false
	_, err := t.conn.run(context.WithoutCancel(t.ctx), how)
	return err
}

// Prepare implements driver.Conn.
func (c *conn) Prepare(query string) (driver.Stmt, error) { return stmt{c, query}, nil }

// ExecContext implements driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	r, err := c.send(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return driver.RowsAffected(r.CommandTag.RowsAffected()), nil
}

// QueryContext implements driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	r, err := c.send(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return &rows{result: r}, nil
}

type stmt struct {
	conn  *conn
	query string
}

// Close implements driver.Stmt.
func (stmt) Close() error { return nil }

// NumInput implements driver.Stmt.
func (stmt) NumInput() int { return -1 }

// CheckNamedValue implements driver.NamedValueChecker.
func (s stmt) CheckNamedValue(v *driver.NamedValue) error { return s.conn.CheckNamedValue(v) }

// Exec implements driver.Stmt.
func (s stmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.conn.ExecContext(context.Background(), s.query, named(args))
}

// Query implements driver.Stmt.
func (s stmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.conn.QueryContext(context.Background(), s.query, named(args))
}

func named(args []driver.Value) []driver.NamedValue {
	out := make([]driver.NamedValue, len(args))
	for i, v := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return out
}

// send judges a statement, translates it and has H2 execute it.
func (c *conn) send(ctx context.Context, query string, args []driver.NamedValue) (*pgconn.Result, error) {
	binds := make([]any, len(args))
	for i, a := range args {
		binds[i] = a.Value
	}
	entry, err := journal.render(query, binds)
	if err != nil {
		return nil, err
	}
	if query == versionQuery {
		return answer("version", version), nil
	}
	text, lock, err := translate(query, binds)
	if err != nil {
		return nil, err
	}
	if defines.MatchString(query) {
		c.place.ddl.Lock()
		defer c.place.ddl.Unlock()
	}
	result, err := c.locking(ctx, text, lock)
	if err == nil || understood(err) {
		journal.executed(entry)
	}
	switch {
	case err == nil:
		return result, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case codeOf(err) == h2LockTimeout && lock.code != 0:
		return nil, oracleError(lock.code, err)
	}
	return nil, asOracle(err)
}

var defines = regexp.MustCompile(`(?i)^\s*(CREATE|ALTER|DROP)\s`)

// run has H2 execute a text, which may be several statements, and returns the
// result of the last one.
func (c *conn) run(ctx context.Context, text string) (*pgconn.Result, error) {
	answers := c.wire.Exec(ctx, text)
	var last *pgconn.Result
	for answers.NextResult() {
		reader := answers.ResultReader()
		// A result without rows says what its columns are here alone.
		columns := slices.Clone(reader.FieldDescriptions())
		last = reader.Read()
		last.FieldDescriptions = columns
	}
	err := answers.Close()
	if err == nil && last == nil {
		err = fmt.Errorf("H2 gave no answer to %s", text)
	}
	if err == nil {
		err = last.Err
	}
	return last, err
}

// versionQuery is what the dialector asks when it is opened; it renders nothing
// that fits before release 12.
const (
	versionQuery = "select version from product_component_version where rownum = 1"
	version      = "19.0.0.0.0"
)

func answer(column, value string) *pgconn.Result {
	return &pgconn.Result{
		FieldDescriptions: []pgconn.FieldDescription{{Name: column}},
		Rows:              [][][]byte{{[]byte(value)}},
	}
}

// rows hands out a result: numbers as text, as go-ora does, names in upper case.
type rows struct {
	result *pgconn.Result
	next   int
}

// Columns implements driver.Rows.
func (r *rows) Columns() []string {
	out := make([]string, len(r.result.FieldDescriptions))
	for i, f := range r.result.FieldDescriptions {
		out[i] = strings.ToUpper(f.Name)
	}
	return out
}

// Close implements driver.Rows.
func (r *rows) Close() error { return nil }

// Next implements driver.Rows.
func (r *rows) Next(dest []driver.Value) error {
	if r.next == len(r.result.Rows) {
		return io.EOF
	}
	for i, value := range r.result.Rows[r.next] {
		switch {
		case len(value) == 0: // '' is NULL
			dest[i] = nil
		case r.result.FieldDescriptions[i].DataTypeOID == numericOID && strings.Contains(string(value), "."):
			dest[i] = strings.TrimRight(strings.TrimRight(string(value), "0"), ".")
		default:
			dest[i] = string(value)
		}
	}
	r.next++
	return nil
}

const numericOID = 1700
