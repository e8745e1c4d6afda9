package pgnotify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// Config configures a [Listener].
type Config struct {
	// DSN is the way to the database, as pgx takes it. It must lead to PostgreSQL
	// itself, or to a pooler that gives each session a connection of its own.
	// Required.
	DSN string

	// Check is after how long without a hint the server is asked whether it is
	// still there, and how long it may take to answer or to connect. A connection
	// that is silently dead is noticed within twice as long. Defaults to 5 s.
	Check time.Duration
}

// Listener is the Listener of package core on PostgreSQL. While it listens it has
// one connection of its own, which is in no pool. It may serve several nodes: each
// has a connection.
type Listener struct {
	connection *pgx.ConnConfig
	check      time.Duration
}

// NewListener returns a listener. It does not connect.
func NewListener(config Config) (*Listener, error) {
	if config.DSN == "" {
		return nil, errors.New("pgnotify: DSN is required: the listener has a connection of its own")
	}
	if config.Check == 0 {
		config.Check = 5 * time.Second
	}
	if config.Check < 10*time.Millisecond || config.Check > time.Hour {
		return nil, fmt.Errorf("pgnotify: Check is %s: it must be from 10ms to 1h", config.Check)
	}
	connection, err := pgx.ParseConfig(config.DSN)
	if err != nil {
		return nil, fmt.Errorf("pgnotify: DSN: %w", err)
	}
	if connection.RuntimeParams["application_name"] == "" {
		connection.RuntimeParams["application_name"] = "quartz listener"
	}
	return &Listener{connection, config.Check}, nil
}

var errUnheard = errors.New("the session listens no more: is the DSN that of a pooler whose sessions share connections? " +
	"The listener needs one that leads to the server itself")

// Listen calls hint with what is told to app, and with "" as soon as it listens,
// until ctx ends or the connection does. Core calls it, and calls it again.
func (l *Listener) Listen(ctx context.Context, app string, hint func(hint string)) error {
	name := channel(app)
	conn, err := l.connect(ctx)
	if err != nil {
		return fmt.Errorf("pgnotify: %w", err)
	}
	defer leave(conn)
	if err := l.listen(ctx, conn, name); err != nil {
		return fmt.Errorf("pgnotify: %w", err)
	}
	hint("")
	for {
		if err := l.next(ctx, conn, name, hint); err != nil {
			return fmt.Errorf("pgnotify: %w", err)
		}
	}
}

// connect opens a connection that is gone at once when the server does not answer:
// pgx by itself would open another one first, to cancel what the server is at, and
// wait for that for up to 15 s.
func (l *Listener) connect(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, l.check)
	defer cancel()
	config := l.connection.Copy()
	var connected atomic.Bool
	dial := config.DialFunc
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if connected.Load() {
			return nil, net.ErrClosed
		}
		return dial(ctx, network, address)
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	connected.Store(true)
	return conn, err
}

// leave closes the connection, and returns when nothing of it is left.
func leave(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
	<-conn.PgConn().CleanupDone()
}

func (l *Listener) listen(ctx context.Context, conn *pgx.Conn, name string) error {
	ctx, cancel := context.WithTimeout(ctx, l.check)
	defer cancel()
	_, err := conn.Exec(ctx, "LISTEN "+name)
	return err
}

// next passes the next hint on, or asks the server whether there may be one.
func (l *Listener) next(ctx context.Context, conn *pgx.Conn, name string, hint func(hint string)) error {
	quiet, cancel := context.WithTimeout(ctx, l.check)
	defer cancel()
	told, err := conn.WaitForNotification(quiet)
	switch {
	case err == nil:
		hint(told.Payload)
		return nil
	case ctx.Err() != nil || conn.IsClosed():
		return err
	}
	return l.ask(ctx, conn, name)
}

// ask fails unless the session listens.
func (l *Listener) ask(ctx context.Context, conn *pgx.Conn, name string) error {
	ctx, cancel := context.WithTimeout(ctx, l.check)
	defer cancel()
	var listens bool
	err := conn.QueryRow(ctx, "SELECT $1 IN (SELECT pg_listening_channels())", pgx.QueryExecModeSimpleProtocol, name).Scan(&listens)
	if err == nil && !listens {
		err = errUnheard
	}
	return err
}
