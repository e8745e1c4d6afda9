package core_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/schema"
)

func nothing(context.Context, *core.Fire) error { return nil }

func someHandlers() *core.Handlers {
	h := core.NewHandlers()
	h.Add("noop", nothing)
	return h
}

// memory returns a database in memory, with or without the tables.
func memory(t *testing.T, migrated bool) *gorm.DB {
	t.Helper()
	db, err := gorm.Open(sqlite.Open(":memory:"), &gorm.Config{Logger: logger.Discard})
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	pool.SetMaxOpenConns(1)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	if migrated {
		require.NoError(t, schema.Migrate(t.Context(), db, schema.Options{}))
	}
	return db
}

func TestNewNamesTheFieldAndTheValueOfABadConfig(t *testing.T) {
	t.Parallel()
	db := memory(t, true)
	many := core.NewHandlers()
	for i := range 901 {
		many.Add("handler-"+strings.Repeat("x", i%50)+time.Duration(i).String(), nothing)
	}
	for _, test := range []struct {
		name  string
		spoil func(*core.Config)
		says  string
	}{
		{"no app", func(c *core.Config) { c.App = "" }, "Config.App is required"},
		{"app too long", func(c *core.Config) { c.App = strings.Repeat("a", 51) }, "Config.App must be at most 50 bytes"},
		{"app too long in bytes", func(c *core.Config) { c.App = strings.Repeat("ü", 26) }, "Config.App must be at most 50 bytes"},
		{"app with a control character", func(c *core.Config) { c.App = "a\x00b" }, `Config.App must not hold the control character U+0000, not "a\x00b"`},
		{"app with a control character that no client takes", func(c *core.Config) { c.App = "a\u0085b" }, `Config.App must not hold the control character U+0085`},
		{"app that is no UTF-8", func(c *core.Config) { c.App = "a\xffb" }, "Config.App must be valid UTF-8"},
		{"app that ends in a space", func(c *core.Config) { c.App = "billing " }, `must not begin or end with a blank, not "billing "`},
		{"no handlers", func(c *core.Config) { c.Handlers = nil }, "Config.Handlers is required"},
		{"empty handlers", func(c *core.Config) { c.Handlers = core.NewHandlers() }, "Config.Handlers is required"},
		{"too many handlers", func(c *core.Config) { c.Handlers = many }, "Config.Handlers must hold at most 900 handlers, not 901"},
		{"nil middleware", func(c *core.Config) {
			c.Middleware = []core.Middleware{func(h core.HandlerFunc) core.HandlerFunc { return h }, nil}
		}, "Config.Middleware[1] must not be nil"},
		{"node key too long", func(c *core.Config) { c.NodeKey = strings.Repeat("k", 47) }, "Config.NodeKey must be at most 46 bytes"},
		{"node key with a line break", func(c *core.Config) { c.NodeKey = "a\nb" }, `Config.NodeKey must not hold the control character U+000A, not "a\nb"`},
		{"build too long", func(c *core.Config) { c.Build = strings.Repeat("b", 101) }, "Config.Build must be at most 100 bytes"},
		{"empty label", func(c *core.Config) { c.Labels = []string{"eu", ""} }, "Config.Labels[1] must not be empty"},
		{"label with a line break", func(c *core.Config) { c.Labels = []string{"a\nb"} }, `Config.Labels[0] must not hold the control character U+000A, not "a\nb"`},
		{"labels too long together", func(c *core.Config) {
			for range 20 {
				c.Labels = append(c.Labels, strings.Repeat("l", 90))
			}
		}, "Config.Labels must be at most 1000 bytes of JSON in all, not 18"},
		{"negative slots", func(c *core.Config) { c.Slots = -1 }, "Config.Slots must be from 1 to 100000, not -1"},
		{"too many slots", func(c *core.Config) { c.Slots = 100_001 }, "Config.Slots must be from 1 to 100000, not 100001"},
		{"too many recent fires", func(c *core.Config) { c.RecentFires = 21 }, "Config.RecentFires must be at most 20, or below zero for none, not 21"},
		{"negative heartbeat", func(c *core.Config) { c.Heartbeat = -time.Second }, "Config.Heartbeat must be from 50ms to 1m0s, not -1s"},
		{"heartbeat too short", func(c *core.Config) { c.Heartbeat = time.Millisecond }, "Config.Heartbeat must be from 50ms to 1m0s, not 1ms"},
		{"heartbeat too long", func(c *core.Config) { c.Heartbeat = time.Hour }, "Config.Heartbeat must be from 50ms to 1m0s, not 1h0m0s"},
		{"lease below three heartbeats", func(c *core.Config) { c.Lease = 2 * time.Second }, "Config.Lease must be at least three times Heartbeat, 1s, not 2s"},
		{"lease too long", func(c *core.Config) { c.Lease = 2 * time.Hour }, "Config.Lease must be from 200ms to 1h0m0s, not 2h0m0s"},
		{"margin of half a lease", func(c *core.Config) { c.Margin = 2500 * time.Millisecond }, "Config.Margin must be less than half of Lease, 5s, not 2.5s"},
		{"negative margin", func(c *core.Config) { c.Margin = -1 }, "Config.Margin must be from 10ms to 1m0s, not -1ns"},
		{"scan too often", func(c *core.Config) { c.ScanInterval = time.Microsecond }, "Config.ScanInterval must be from 20ms to 1m0s, not 1µs"},
		{"handler too often", func(c *core.Config) { c.HandlerInterval = time.Millisecond }, "Config.HandlerInterval must be from 100ms to 1h0m0s, not 1ms"},
		{"negative threshold", func(c *core.Config) { c.MisfireThreshold = -1 }, "Config.MisfireThreshold must be from 1ms to 365 days, not -1ns"},
		{"negative stop timeout", func(c *core.Config) { c.StopTimeout = -1 }, "Config.StopTimeout must be from 1ms to 24h0m0s, not -1ns"},
		{"negative stop grace", func(c *core.Config) { c.StopGrace = -1 }, "Config.StopGrace must be from 1ms to 24h0m0s, not -1ns"},
		{"negative retention", func(c *core.Config) { c.Retention = -time.Hour }, "Config.Retention must be from 0s to 36500 days, not -1h0m0s"},
		{"call timeout too short", func(c *core.Config) { c.CallTimeout = 1 }, "Config.CallTimeout must be from 100ms to 1h0m0s, not 1ns"},
		{"prefix with SQL", func(c *core.Config) { c.TablePrefix = "Q;DROP TABLE X--" }, `Config.TablePrefix must be a letter`},
		{"prefix with a quote", func(c *core.Config) { c.TablePrefix = `Q"` }, `not "Q\""`},
		{"prefix too long", func(c *core.Config) { c.TablePrefix = "QRTZ_AND_MUCH_MORE_" }, `Config.TablePrefix must be a letter`},
		{"schema with a dot", func(c *core.Config) { c.DatabaseSchema = "a.b" }, `Config.DatabaseSchema must be a letter followed by letters, digits and underscores, at most 30 in all, not "a.b"`},
		{"zone of Java", func(c *core.Config) { c.DefaultZone = "UTC+8" }, `Config.DefaultZone must be an IANA time zone such as Europe/Berlin, not "UTC+8"`},
		{"local zone", func(c *core.Config) { c.DefaultZone = "Local" }, `Config.DefaultZone must be an IANA time zone`},
		{"zone that no schedule takes", func(c *core.Config) { c.DefaultZone = "Factory" }, `Config.DefaultZone must be an IANA time zone`},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := core.Config{App: "billing", Handlers: someHandlers()}
			test.spoil(&config)
			node, err := core.New(db, config)
			require.ErrorContains(t, err, test.says)
			var bad *core.ConfigError
			require.ErrorAs(t, err, &bad)
			require.Nil(t, node)
		})
	}
	var rows int64
	require.NoError(t, db.Raw("SELECT (SELECT COUNT(*) FROM QRTZ_APP) + (SELECT COUNT(*) FROM QRTZ_NODE)").Scan(&rows).Error)
	require.Zero(t, rows, "a refused Config must leave nothing behind")
}

func TestNewRefusesADatabaseWithoutTables(t *testing.T) {
	t.Parallel()
	_, err := core.New(memory(t, false), core.Config{App: "billing", Handlers: someHandlers(), Standalone: true})
	var missing *schema.VerifyError
	require.ErrorAs(t, err, &missing)
	require.ErrorContains(t, err, "QRTZ_EXECUTE")
}

func TestNewMigratesWhenToldTo(t *testing.T) {
	t.Parallel()
	db := memory(t, false)
	_, err := core.New(db, core.Config{App: "billing", Handlers: someHandlers(), Migrate: true, Standalone: true, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	require.NoError(t, schema.Verify(t.Context(), db, schema.Options{}))
}

func TestNewSaysWhatTheConnectionLacks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, dsn  string
		standalone bool
		says       string
	}{
		{"no busy_timeout", "file:" + t.TempDir() + "/q.db?_pragma=busy_timeout(0)", false, "SQLite has no busy_timeout"},
		{"a cluster in memory", ":memory:", false, "SQLite in memory is for one process, not for a cluster: use a file, or set Standalone"},
		{"a shared cache in memory", "file::memory:?cache=shared", false, "not for a cluster"},
		{"memory for each connection", ":memory:", true, "call SetMaxOpenConns(1)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			db, err := gorm.Open(sqlite.Open(test.dsn), &gorm.Config{Logger: logger.Discard})
			require.NoError(t, err)
			pool, err := db.DB()
			require.NoError(t, err)
			t.Cleanup(func() { _ = pool.Close() })
			_, err = core.New(db, core.Config{App: "billing", Handlers: someHandlers(), Migrate: true, Standalone: test.standalone})
			require.ErrorContains(t, err, test.says)
		})
	}
	_, err := core.New(nil, core.Config{App: "billing", Handlers: someHandlers()})
	require.ErrorContains(t, err, "db is nil")
	_, err = core.New(&gorm.DB{}, core.Config{App: "billing", Handlers: someHandlers()})
	require.ErrorContains(t, err, "db is not open")
}

func TestConfigDefaults(t *testing.T) {
	t.Parallel()
	c := core.Config{}.WithDefaults()
	require.Equal(t, 100, c.Slots)
	require.Equal(t, time.Second, c.Heartbeat)
	require.Equal(t, 5*time.Second, c.Lease)
	require.Equal(t, time.Minute, c.MisfireThreshold)
	require.Equal(t, 25*time.Second, c.StopTimeout)
	require.Equal(t, "QRTZ_", c.TablePrefix)
	require.NotEmpty(t, c.NodeKey)
}
