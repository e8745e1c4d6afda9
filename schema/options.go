package schema

import (
	"fmt"
	"log/slog"
	"time"
	_ "time/tzdata" // every binary knows the zones, whatever its machine holds

	"github.com/quartz-cluster/quartz/internal/sqldb"
)

// Options says where the four tables are and how they are brought up to date.
// The zero value is fine.
type Options struct {
	// Prefix begins the name of every table and index: a letter, then letters,
	// digits and underscores, 16 at most. Defaults to QRTZ_.
	Prefix string

	// Schema qualifies every name, by the same rules, 30 characters at most: a
	// schema on PostgreSQL and Oracle, a database on MySQL, an attached database
	// on SQLite. It must exist. Defaults to the connection's own.
	Schema string

	// Zone is the IANA time zone, such as Europe/Berlin, that Migrate writes into
	// CRON rows without one, which only the Java edition's client leaves behind.
	// Defaults to none, which leaves them as they are: such rows run in UTC.
	Zone string

	// Logger is told when Migrate has changed the tables or rows, and at the level
	// of debugging each statement. Defaults to slog.Default().
	Logger *slog.Logger
}

func (o Options) config() (sqldb.Config, error) {
	config := sqldb.Config{Prefix: o.Prefix, Schema: o.Schema}.WithDefaults()
	if err := config.Validate(); err != nil {
		return config, fmt.Errorf("schema: %w", err)
	}
	if o.Zone == "" {
		return config, nil
	}
	if _, err := time.LoadLocation(o.Zone); err != nil || o.Zone == "Local" || len(o.Zone) > MaxZone {
		return config, fmt.Errorf("schema: zone %q is no IANA time zone such as Europe/Berlin", o.Zone)
	}
	return config, nil
}

func (o Options) logger() *slog.Logger {
	if o.Logger != nil {
		return o.Logger
	}
	return slog.Default()
}
