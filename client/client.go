package client

import (
	"database/sql"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// DefaultCallTimeout bounds a call unless another limit is configured.
const DefaultCallTimeout = 30 * time.Second

// Config says where the tables are and who is calling.
type Config struct {
	// TablePrefix begins the names of the four tables: a letter, then letters,
	// digits and underscores, 16 at most. Defaults to QRTZ_.
	TablePrefix string
	// DatabaseSchema is the database schema of the tables, by the same rules, 30
	// characters at most. Defaults to the connection's own.
	DatabaseSchema string
	// Actor is written to UPDATED_BY by every edit, at most 100 bytes;
	// [WithActor] and [Client.As] name another. Defaults to the name of the host.
	Actor string
	// CallTimeout bounds a call with all its repeats. Defaults to 30 s;
	// anything below zero leaves that to the caller's context.
	CallTimeout time.Duration
	// Notifier tells the nodes what a call makes due, so that they need not wait
	// for their next scan; package pgnotify has one for PostgreSQL. Defaults to
	// none.
	Notifier Notifier
	// Tracer follows the calls, and links to them what they schedule; package
	// client/otel has one for OpenTelemetry. Defaults to none.
	Tracer Tracer
}

func (c Config) withDefaults(host string) Config {
	if c.TablePrefix == "" {
		c.TablePrefix = sqldb.DefaultPrefix
	}
	if c.Actor == "" {
		c.Actor = host
	}
	if c.CallTimeout == 0 {
		c.CallTimeout = DefaultCallTimeout
	}
	return c
}

func (c Config) validate() error {
	if (sqldb.Config{Prefix: c.TablePrefix}).Validate() != nil {
		return invalid("tablePrefix", c.TablePrefix, "must be a letter followed by letters, digits and underscores, at most 16 in all")
	}
	if (sqldb.Config{Prefix: c.TablePrefix, Schema: c.DatabaseSchema}).Validate() != nil {
		return invalid("databaseSchema", c.DatabaseSchema, "must be a letter followed by letters, digits and underscores, at most 30 in all")
	}
	return checkActor(c.Actor)
}

// pollInterval is how often a call looks that waits for nodes.
const pollInterval = 100 * time.Millisecond

// Client manages apps, nodes, jobs and executes. It is safe for concurrent use,
// except inside a transaction of the caller's.
type Client struct {
	db       store.Store
	config   Config
	host     origin
	callers  bool          // the transaction is the caller's
	mistake  error         // of WithTx, WithSQLTx or As; every call returns it
	poll     time.Duration // between two looks at what a node has done
	newID    func() int64
	computed func() // called between reading a row and writing it; tests hook in here
}

// New returns a client on the connections of db. It takes at most one Config;
// none is the same as Config{}. It sends no statement.
func New(db *gorm.DB, config ...Config) (*Client, error) {
	if len(config) > 1 {
		return nil, invalid("config", len(config), "at most one Config can be given")
	}
	here := thisHost()
	var cfg Config
	if len(config) == 1 {
		cfg = config[0]
	}
	cfg = cfg.withDefaults(here.name)
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	own, err := sqldb.New(db, sqldb.Config{Prefix: cfg.TablePrefix, Schema: cfg.DatabaseSchema})
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	return &Client{
		db: store.Store{DB: own}, config: cfg, host: here, callers: own.InTx(), poll: pollInterval,
		newID: schema.NewID, computed: func() {},
	}, nil
}

// WithTx returns the client inside tx, a transaction that the caller has begun
// and will end. See the package comment.
func (c *Client) WithTx(tx *gorm.DB) *Client {
	in := *c
	in.callers = true
	switch probe, err := sqldb.New(tx, sqldb.Config{}); {
	case err != nil:
		in.mistake = fmt.Errorf("WithTx: %w", err)
	case !probe.InTx():
		in.mistake = fmt.Errorf("WithTx: this *gorm.DB is not in a transaction: pass the one that Begin or Transaction gives")
	default:
		in.db = store.Store{DB: c.db.WithTx(tx)}
	}
	return &in
}

// WithSQLTx is [Client.WithTx] for a plain transaction of database/sql, of the
// database that the client was made for.
func (c *Client) WithSQLTx(tx *sql.Tx) *Client {
	in := *c
	in.callers = true
	if tx == nil {
		in.mistake = fmt.Errorf("WithSQLTx: tx is nil")
		return &in
	}
	in.db = store.Store{DB: c.db.WithSQLTx(tx)}
	return &in
}
