package core

import (
	"cmp"
	"encoding/json"
	"log/slog"
	"time"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/internal/host"
	"github.com/quartz-cluster/quartz/internal/key"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
	"github.com/quartz-cluster/quartz/schema/schedule"
)

// maxHandlers is how many handlers a node may have: their names stand in one
// list of a statement, and databases bound that.
const maxHandlers = 900

// Config configures a node. Only App and Handlers are required; zero means the
// default everywhere else.
type Config struct {
	// App is the application whose executes the node runs, at most 50 bytes.
	// Required.
	App string

	// Handlers are what the node can run. Required, and not empty. The node
	// claims only executes whose class is among them.
	Handlers *Handlers

	// Middleware wraps every run, the first one outermost. Defaults to none.
	Middleware []Middleware

	// NodeKey names this node among those of the application, at most 46 bytes.
	// A second process under the same key becomes key#2, and so on; what names key as
	// its target means them all. Defaults to the host's address.
	NodeKey string

	// Labels are what executes may name as their targets besides keys of nodes, and
	// what operators see: at most 100 bytes each, 1,000 as JSON. Defaults to none.
	Labels []string

	// Build is the version of the worker as operators see it, at most 100 bytes.
	// Defaults to none.
	Build string

	// Slots is how many runs the node holds at a time, from 1 to 100,000. Defaults
	// to 100.
	Slots int

	// Heartbeat is the time between two heartbeats, from 50 ms to 1 min. Defaults to
	// 1 s.
	Heartbeat time.Duration

	// Lease is how long the node keeps its fires without a heartbeat; after it
	// the other nodes take the node for dead. At least three heartbeats, from 200 ms
	// to 1 h. Defaults to 5 s.
	Lease time.Duration

	// Margin is how long before the end of its lease the node acts as if it were
	// lost. Less than half the lease, from 10 ms to 1 min. Defaults to 500 ms.
	Margin time.Duration

	// ScanInterval is the longest time between two looks for due executes: how
	// late a new execute may start. From 20 ms to 1 min. Defaults to 1 s.
	ScanInterval time.Duration

	// Listener hears from clients that something has come due, so that it need not
	// wait for the next scan; package pgnotify has one for PostgreSQL. Defaults to
	// none.
	Listener Listener

	// HandlerInterval is the time between two passes of the ClusterMisfireHandler,
	// from 100 ms to 1 h. Defaults to 3 s.
	HandlerInterval time.Duration

	// Elector chooses the master of the application. Defaults to the node that an
	// operator prefers, or else the oldest.
	Elector Elector

	// NeverMaster bars the node from ever being the master. Defaults to false;
	// operators can bar nodes besides.
	NeverMaster bool

	// MaxSkew is by how much the node's clock may differ from the database's;
	// beyond it the node claims nothing until that is mended. The engine goes by
	// the database's clock alone: the limit is for what handlers do with theirs.
	// At most 365 days. Defaults to 0: no limit.
	MaxSkew time.Duration

	// MisfireThreshold is by how much a fire may be late and is still simply
	// run. Beyond it the execute's misfire policy decides. From 1 ms to 365 days.
	// Defaults to 60 s.
	MisfireThreshold time.Duration

	// StopTimeout is how long a stop waits for runs before it cancels them.
	// From 1 ms to 24 h. Defaults to 25 s, which fits the 30 s that Kubernetes grants.
	StopTimeout time.Duration

	// StopGrace is how long a stop then waits for cancelled handlers to return
	// and for outcomes to be written. From 1 ms to 24 h. Defaults to 3 s.
	StopGrace time.Duration

	// RecentFires is how many of its last fires an execute keeps at least, each
	// attempt for itself: of those that succeeded half as many more, of those with
	// long error texts as many as fit into 1,500 bytes. At most 20; below zero it
	// keeps none. Defaults to 10.
	RecentFires int

	// Retention is how long completed executes are kept, at most 36,500 days.
	// Defaults to 0: for ever.
	Retention time.Duration

	// CallTimeout bounds each call to the database, from 100 ms to 1 h. Defaults to
	// 5 s.
	CallTimeout time.Duration

	// ControlDB is a second pool on the same database, of two connections or
	// more, for heartbeats, outcomes and the ClusterMisfireHandler: with it a
	// node keeps its lease while its jobs hold every connection of db. It is
	// neither changed nor closed. Defaults to none: all go through db.
	ControlDB *gorm.DB

	// Standalone runs the application on this one node, without a cluster: it has
	// no row among the nodes and is refused beside any live node, as they are
	// beside it. It is what SQLite in memory needs. Defaults to false.
	Standalone bool

	// TablePrefix begins the names of the four tables. Defaults to QRTZ_.
	TablePrefix string

	// DatabaseSchema holds the four tables. Defaults to the connection's own.
	DatabaseSchema string

	// Migrate lets the node create or upgrade the tables when it starts.
	// Defaults to false: New verifies them and refuses by naming what is missing.
	Migrate bool

	// DefaultZone is the IANA time zone, such as Europe/Berlin, that Migrate writes into
	// CRON executes without one, which only the Java edition's client leaves behind.
	// Without Migrate it does nothing. Defaults to none, which leaves them as they are:
	// such executes run in UTC.
	DefaultZone string

	// Logger receives what the node has to say. Defaults to slog.Default().
	Logger *slog.Logger

	// Observer hears every event of the node, besides the Logger. Defaults to none.
	Observer observe.Observer
}

// WithDefaults returns the Config as the node will use it.
func (c Config) WithDefaults() Config {
	def(&c.Slots, 100)
	def(&c.Heartbeat, time.Second)
	def(&c.Lease, 5*time.Second)
	def(&c.Margin, 500*time.Millisecond)
	def(&c.ScanInterval, time.Second)
	def(&c.HandlerInterval, 3*time.Second)
	def(&c.MisfireThreshold, time.Minute)
	def(&c.StopTimeout, 25*time.Second)
	def(&c.StopGrace, 3*time.Second)
	def(&c.CallTimeout, 5*time.Second)
	def(&c.RecentFires, schema.RecentFires)
	def(&c.TablePrefix, sqldb.DefaultPrefix)
	if c.NodeKey == "" {
		c.NodeKey = cmp.Or(host.Address(), host.Name(schema.MaxNodeKey-len("#999")))
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

func def[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// validate names the first field that cannot be used.
func (c Config) validate() error {
	texts := []struct {
		field, value string
		limit        int
		required     bool
	}{
		{"App", c.App, schema.MaxApplication, true},
		{"NodeKey", c.NodeKey, schema.MaxNodeKey - len("#999"), true},
		{"Build", c.Build, 100, false},
	}
	for _, t := range texts {
		if err := checkText(t.field, t.value, t.limit, t.required); err != nil {
			return err
		}
	}
	if c.Handlers == nil || len(c.Handlers.Names()) == 0 {
		return &ConfigError{Field: "Handlers", Reason: "is required: register at least one handler"}
	}
	if n := len(c.Handlers.Names()); n > maxHandlers {
		return &ConfigError{"Handlers", n, "must hold at most 900 handlers"}
	}
	for i, m := range c.Middleware {
		if m == nil {
			return &ConfigError{Field: "Middleware[" + itoa(i) + "]", Reason: "must not be nil"}
		}
	}
	for i, l := range c.Labels {
		field := "Labels[" + itoa(i) + "]"
		if l == "" {
			return &ConfigError{Field: field, Reason: "must not be empty"}
		}
		if err := checkText(field, l, 100, true); err != nil {
			return err
		}
	}
	if labels, _ := json.Marshal(c.Labels); len(labels) > 1000 {
		return &ConfigError{"Labels", len(labels), "must be at most 1000 bytes of JSON in all"}
	}
	if c.Slots < 1 || c.Slots > 100_000 {
		return &ConfigError{"Slots", c.Slots, "must be from 1 to 100000"}
	}
	if c.RecentFires > schema.MaxRecentFires {
		return &ConfigError{"RecentFires", c.RecentFires, "must be at most " + itoa(schema.MaxRecentFires) + ", or below zero for none"}
	}
	if err := c.validateTimes(); err != nil {
		return err
	}
	if err := (sqldb.Config{Prefix: c.TablePrefix}).Validate(); err != nil {
		return &ConfigError{"TablePrefix", c.TablePrefix, "must be a letter followed by letters, digits and underscores, at most 16 in all"}
	}
	if err := (sqldb.Config{Prefix: c.TablePrefix, Schema: c.DatabaseSchema}).Validate(); err != nil {
		return &ConfigError{"DatabaseSchema", c.DatabaseSchema, "must be a letter followed by letters, digits and underscores, at most 30 in all"}
	}
	if _, err := schedule.LoadZone(c.DefaultZone); err != nil {
		return &ConfigError{"DefaultZone", c.DefaultZone, "must be an IANA time zone such as Europe/Berlin"}
	}
	return nil
}

func (c Config) validateTimes() error {
	const ms, day = time.Millisecond, 24 * time.Hour
	for _, t := range []struct {
		field    string
		value    time.Duration
		min, max time.Duration
	}{
		{"Heartbeat", c.Heartbeat, 50 * ms, time.Minute},
		{"Lease", c.Lease, 200 * ms, time.Hour},
		{"Margin", c.Margin, 10 * ms, time.Minute},
		{"ScanInterval", c.ScanInterval, 20 * ms, schema.MaxScanInterval},
		{"HandlerInterval", c.HandlerInterval, 100 * ms, time.Hour},
		{"MisfireThreshold", c.MisfireThreshold, ms, 365 * day},
		{"StopTimeout", c.StopTimeout, ms, day},
		{"StopGrace", c.StopGrace, ms, day},
		{"MaxSkew", c.MaxSkew, 0, 365 * day},
		{"Retention", c.Retention, 0, 100 * 365 * day},
		{"CallTimeout", c.CallTimeout, 100 * ms, time.Hour},
	} {
		if t.value < t.min || t.value > t.max {
			return &ConfigError{t.field, t.value, "must be from " + t.min.String() + " to " + readable(t.max)}
		}
	}
	if c.Lease < 3*c.Heartbeat {
		return &ConfigError{"Lease", c.Lease, "must be at least three times Heartbeat, " + c.Heartbeat.String()}
	}
	if c.Margin >= c.Lease/2 {
		return &ConfigError{"Margin", c.Margin, "must be less than half of Lease, " + c.Lease.String()}
	}
	return nil
}

// readable writes a bound of many hours in days, as the docs do.
func readable(d time.Duration) string {
	const day = 24 * time.Hour
	if d <= day || d%day != 0 {
		return d.String()
	}
	return itoa(int(d/day)) + " days"
}

func checkText(field, value string, limit int, required bool) error {
	switch {
	case value == "" && required:
		return &ConfigError{Field: field, Reason: "is required"}
	case len(value) > limit:
		return &ConfigError{field, value, "must be at most " + itoa(limit) + " bytes"}
	}
	if flaw := key.Flaw(value); flaw != "" {
		return &ConfigError{field, value, flaw}
	}
	return nil
}
