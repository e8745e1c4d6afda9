package oracleh2

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	oracle "github.com/godoes/gorm-oracle"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"
)

const (
	// Connections is how many connections a place has.
	Connections = 24

	// LockTimeout is how long a statement waits for a row. Oracle waits for ever.
	LockTimeout = 10 * time.Second

	scheme = "oracle-h2"

	onlyIfThere = ";IFEXISTS=TRUE"

	// owner is the schema that every session of a place has for its own.
	owner = "QUARTZ"
)

// sessionSetup is what each connection begins with. The dictionary is in PUBLIC.
var sessionSetup = []string{
	"CREATE SCHEMA IF NOT EXISTS " + owner,
	"SET SCHEMA " + owner,
	"SET SCHEMA_SEARCH_PATH " + owner + ", PUBLIC",
	lockTimeout(attempt),
}

// place is a database in the memory of H2.
type place struct {
	addr, name string
	idle       chan *pgconn.PgConn
	ddl        sync.Mutex // H2 deadlocks, or fails, where sessions define things at once
}

// places are those of this process, by DSN.
var places = struct {
	sync.Mutex
	byDSN map[string]*place
}{byDSN: map[string]*place{}}

// Create makes a database of that name and returns its DSN, and what removes it.
func Create(ctx context.Context, name string) (dsn string, drop func() error, err error) {
	addr, err := Server()
	if err != nil {
		return "", nil, err
	}
	p, err := open(ctx, addr, name)
	if err != nil {
		return "", nil, err
	}
	setup := append([]string{"SET MODE Oracle"}, dictionary...)
	if err := p.admin(ctx, setup...); err != nil {
		return "", nil, err
	}
	dsn = (&url.URL{Scheme: scheme, Host: addr, Path: name}).String()
	places.Lock()
	places.byDSN[dsn] = p
	places.Unlock()
	return dsn, func() error { return p.drop(dsn) }, nil
}

// Open returns Oracle's dialector over a place. One that another process made is
// joined; its database speaks PostgreSQL's dialect for a moment meanwhile.
func Open(dsn string) (gorm.Dialector, error) {
	places.Lock()
	defer places.Unlock()
	p := places.byDSN[dsn]
	if p == nil {
		var err error
		if p, err = join(dsn); err != nil {
			return nil, err
		}
		places.byDSN[dsn] = p
	}
	return oracle.New(oracle.Config{Conn: sql.OpenDB(connector{p})}), nil
}

func join(dsn string) (*place, error) {
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme != scheme {
		return nil, fmt.Errorf("DSN %q is not in the form %s://host:port/name", dsn, scheme)
	}
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	name := strings.Trim(u.Path, "/")
	probe, err := dial(ctx, u.Host, "mem:"+name+onlyIfThere)
	if err != nil {
		return nil, fmt.Errorf("there is no place %s: %w", dsn, err)
	}
	defer func() { _ = probe.Close(ctx) }()
	p, err := open(ctx, u.Host, name)
	if err != nil {
		return nil, err
	}
	return p, p.admin(ctx, "SET MODE Oracle")
}

// open opens all connections that the place will have.
func open(ctx context.Context, addr, name string) (*place, error) {
	p := &place{addr: addr, name: name, idle: make(chan *pgconn.PgConn, Connections)}
	add := func() error {
		conn, err := dial(ctx, addr, "mem:"+name)
		if err != nil {
			return fmt.Errorf("open %s on H2: %w", name, err)
		}
		p.idle <- conn
		return execAll(ctx, conn, sessionSetup...)
	}
	if err := add(); err != nil { // which makes the database
		return nil, err
	}
	var group errgroup.Group
	for range Connections - 1 {
		group.Go(add)
	}
	return p, group.Wait()
}

func dial(ctx context.Context, addr, database string) (*pgconn.PgConn, error) {
	config, err := pgconn.ParseConfig("sslmode=disable client_encoding=UTF8 user=sa password=sa")
	if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	config.Host, config.Port, config.Database = host, uint16(number), database
	config.DialFunc = dialQuick
	// A statement whose context ends is cancelled, and its connection kept: there
	// are no others to be had.
	config.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: startLimit}
	}
	return pgconn.ConnectConfig(ctx, config)
}

// take hands out a connection that is not in use.
func (p *place) take() (*pgconn.PgConn, error) {
	select {
	case conn := <-p.idle:
		return conn, nil
	default:
		return nil, fmt.Errorf("all %d connections of the place are in use or lost", Connections)
	}
}

// give takes a connection back.
func (p *place) give(conn *pgconn.PgConn) {
	if !conn.IsClosed() {
		p.idle <- conn
	}
}

// admin sends statements of the emulation's own.
func (p *place) admin(ctx context.Context, statements ...string) error {
	conn, err := p.take()
	if err != nil {
		return err
	}
	defer p.give(conn)
	return execAll(ctx, conn, statements...)
}

func execAll(ctx context.Context, conn *pgconn.PgConn, statements ...string) error {
	for _, s := range statements {
		if _, err := conn.Exec(ctx, s).ReadAll(); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// drop closes all connections, with which the database goes.
func (p *place) drop(dsn string) error {
	places.Lock()
	delete(places.byDSN, dsn)
	places.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	for { // H2 takes notice one by one, and the last may still be rolling back
		for len(p.idle) > 0 {
			_ = (<-p.idle).Close(ctx)
		}
		probe, err := dial(ctx, p.addr, "mem:"+p.name+onlyIfThere)
		if err != nil {
			if ctx.Err() != nil {
				return fmt.Errorf("a connection to %s is still in use: %w", p.name, ctx.Err())
			}
			return nil
		}
		_ = probe.Close(ctx)
	}
}
