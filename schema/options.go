package schema

import (
	"fmt"
	"log/slog"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema/schedule"
)

// Options says where the four tables are and how they are brought up to date.
// The zero value is fine.
type Options struct {
	// TablePrefix begins the name of every table and index: a letter, then letters,
	// digits and underscores, 16 at most. Defaults to QRTZ_.
	TablePrefix string

	// DatabaseSchema qualifies every name, by the same rules, 30 characters at most: a
	// schema on PostgreSQL and Oracle, a database on MySQL, an attached database
	// on SQLite. It must exist. Defaults to the connection's own.
	DatabaseSchema string

	// DefaultZone is the IANA time zone, such as Europe/Berlin, that Migrate writes into
	// CRON executes without one, which only the Java edition's client leaves behind.
	// Nothing else reads it. Defaults to none, which leaves them as they are: such executes
	// run in UTC.
	DefaultZone string

	// Logger is told when Migrate has changed the tables or rows, and at the level
	// of debugging each statement. Defaults to slog.Default().
	Logger *slog.Logger
}

func (o Options) config() (sqldb.Config, error) {
	config := sqldb.Config{Prefix: o.TablePrefix, Schema: o.DatabaseSchema}.WithDefaults()
	if err := config.Validate(); err != nil {
		return config, fmt.Errorf("schema: %w", err)
	}
	if _, err := schedule.LoadZone(o.DefaultZone); err != nil {
		return config, fmt.Errorf("schema: Options.DefaultZone: %w", err)
	}
	return config, nil
}

func (o Options) logger() *slog.Logger {
	if o.Logger != nil {
		return o.Logger
	}
	return slog.Default()
}
