package core

import (
	"encoding/json"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
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
	// A second process under the same key becomes key#2, and so on. Defaults to
	// the host's address.
	NodeKey string

	// Labels describe the node to operators. Defaults to none.
	Labels []string

	// Build is the version of the worker as operators see it, at most 100 bytes.
	// Defaults to none.
	Build string

	// Slots is how many runs the node holds at a time. Defaults to 100.
	Slots int

	// Heartbeat is the distance between two heartbeats. Defaults to 1 s.
	Heartbeat time.Duration

	// Lease is how long the node keeps its fires without a heartbeat; after it
	// the other nodes take the node for dead. At least three heartbeats.
	// Defaults to 5 s.
	Lease time.Duration

	// Margin is how long before the end of its lease the node acts as if it were
	// lost. Less than half the lease. Defaults to 500 ms.
	Margin time.Duration

	// ScanInterval is the longest time between two looks for due executes: how
	// late a new execute may start. Defaults to 1 s.
	ScanInterval time.Duration

	// Listener hears from clients that something has come due, so that it need not
	// wait for the next scan; package pgnotify has one for PostgreSQL. Defaults to
	// none.
	Listener Listener

	// HandlerInterval is the distance between two passes of the
	// ClusterMisfireHandler. Defaults to 3 s.
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
	// Defaults to 0: no limit.
	MaxSkew time.Duration

	// MisfireThreshold is by how much a fire may be late and is still simply
	// run. Beyond it the execute's misfire policy decides. Defaults to 60 s.
	MisfireThreshold time.Duration

	// StopTimeout is how long a stop waits for runs before it cancels them.
	// Defaults to 25 s, which fits the 30 s that Kubernetes grants.
	StopTimeout time.Duration

	// StopGrace is how long a stop then waits for cancelled handlers to return
	// and for outcomes to be written. Defaults to 3 s.
	StopGrace time.Duration

	// RecentFires is how many of its last fires an execute keeps at least, each
	// attempt for itself: of those that succeeded half as many more, of those with
	// long error texts as many as fit into 1,500 bytes. At most 20; below zero it
	// keeps none. Defaults to 10.
	RecentFires int

	// Retention is how long completed executes are kept. Defaults to 0: for ever.
	Retention time.Duration

	// CallTimeout bounds each call to the database. Defaults to 5 s.
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

	// DefaultZone is the time zone that Migrate writes into CRON executes of the
	// Java edition that have none. Defaults to UTC.
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
		c.NodeKey = hostAddress()
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

// hostAddress returns the first address of the host that is not a loopback, or
// else its name.
func hostAddress() string {
	addresses, _ := net.InterfaceAddrs()
	for _, a := range addresses {
		if ip, ok := a.(*net.IPNet); ok && !ip.IP.IsLoopback() && ip.IP.To4() != nil {
			return ip.IP.String()
		}
	}
	return hostName()
}

func hostName() string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "localhost"
	}
	return name[:min(len(name), schema.MaxHostName)]
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
			return &ConfigError{"Middleware", i, "must not hold nil: look at the index"}
		}
	}
	for _, l := range c.Labels {
		if err := checkText("Labels", l, 100, true); err != nil {
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
	if c.DefaultZone != "" {
		if _, err := time.LoadLocation(c.DefaultZone); err != nil || c.DefaultZone == "Local" {
			return &ConfigError{"DefaultZone", c.DefaultZone, "must be an IANA time zone such as Europe/Berlin"}
		}
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
			return &ConfigError{t.field, t.value, "must be from " + t.min.String() + " to " + t.max.String()}
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

func checkText(field, value string, limit int, required bool) error {
	switch {
	case value == "" && required:
		return &ConfigError{Field: field, Reason: "is required"}
	case len(value) > limit:
		return &ConfigError{field, value, "must be at most " + itoa(limit) + " bytes"}
	case !utf8.ValidString(value) || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return &ConfigError{field, value, "must be valid UTF-8 without control characters"}
	case strings.TrimSpace(value) != value:
		return &ConfigError{field, value, "must not begin or end with a space"}
	}
	return nil
}
