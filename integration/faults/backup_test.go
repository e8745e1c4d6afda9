package faults

import (
	"bytes"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
	"github.com/quartz-cluster/quartz/schema/schedule"
)

// A backup that is taken under load and restored elsewhere is a cluster at rest:
// its tables are complete, nodes start on them, and what was in flight is
// accounted for.
func TestABackupUnderLoad(t *testing.T) {
	each(t, "backup", func(t *testing.T, c *cluster) {
		end := c.clock.Latest().Add(level(t, 9*time.Second))
		c.load(rate(), end)
		c.start()
		c.wait(4 * time.Second)
		elsewhere := c.restored()
		require.NoError(t, schema.Verify(t.Context(), elsewhere.db.Gorm, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
		require.Len(t, elsewhere.members(), len(keys), "who was alive in the backup")
		elsewhere.tried.Add(1)
		elsewhere.start("restored-1", "restored-2")
		c.until(end)
		elsewhere.finish()
		c.finish()
	})
}

// restored dumps the database and restores it in another place.
func (c *cluster) restored() *cluster {
	c.t.Helper()
	dump := filepath.Join(c.t.TempDir(), "dump.sql")
	c.shell(dumpCommand(c.t, c.db), "", dump)
	place := testdb.NewBeside(c.t, c.db.Kind)
	c.shell(restoreCommand(c.t, place), dump, "")
	to := newCluster(c.t, c.fault+"/restored", place)
	to.inherit()
	return to
}

// inherit takes the executes as they are for added just now. What was in flight, or
// waited for another attempt, they owe besides their schedules; what they have
// counted so far counts no more.
func (c *cluster) inherit() {
	c.t.Helper()
	c.inherited = map[int64]schema.Execute{}
	now := c.clock.Latest()
	tell := func(call ledger.Call) {
		call.App, call.Begun, call.Acked = app, now, now
		require.NoError(c.t, c.file.Call(call))
	}
	rows := c.executes(c.t.Context())
	c.in.Inherited = rows
	for _, row := range rows {
		if row.Origin != "" {
			continue
		}
		c.inherited[row.ID] = row
		tell(ledger.Call{Kind: ledger.Added, Job: row.PID, Execute: row.ID, Row: &ledger.Row{
			Spec: schedule.Spec{
				Type: string(row.JobType), Cron: row.Cron, Zone: row.ZoneID, RepeatCount: row.RepeatCount,
				RepeatInterval: row.RepeatInterval, Start: row.StartTime, End: row.EndTime,
			},
			Misfire: row.Misfire, State: row.State, Next: row.NextFireTime, Skipped: row.SkipCount,
		}})
		if row.FireTime != 0 {
			tell(ledger.Call{Kind: ledger.Owed, Execute: row.ID, Nominal: row.FireTime})
		}
	}
	for _, row := range rows {
		if row.Origin != "" && row.Origin != schema.ChildAll {
			tell(ledger.Call{Kind: ledger.Owed, Execute: row.OriginID, Nominal: row.StartTime})
		}
	}
	require.NotEmpty(c.t, c.inherited)
}

// shell runs a command from and into a file.
func (c *cluster) shell(command *exec.Cmd, from, into string) {
	c.t.Helper()
	var complaints bytes.Buffer
	command.Stderr = &complaints
	if from != "" {
		in, err := os.Open(from)
		require.NoError(c.t, err)
		defer func() { _ = in.Close() }()
		command.Stdin = in
	}
	if into != "" {
		out, err := os.Create(into)
		require.NoError(c.t, err)
		defer func() { _ = out.Close() }()
		command.Stdout = out
	}
	require.NoError(c.t, command.Run(), "%s: %s", strings.Join(command.Args, " "), &complaints)
}

func dumpCommand(t *testing.T, db testdb.DB) *exec.Cmd {
	t.Helper()
	if db.Kind == testdb.Postgres {
		return exec.CommandContext(t.Context(), "pg_dump", "--no-owner", db.DSN)
	}
	return mysqlCommand(t, db, "mariadb-dump", "--single-transaction")
}

func restoreCommand(t *testing.T, db testdb.DB) *exec.Cmd {
	t.Helper()
	if db.Kind == testdb.Postgres {
		return exec.CommandContext(t.Context(), "psql", "--quiet", "--set", "ON_ERROR_STOP=1", db.DSN)
	}
	return mysqlCommand(t, db, "mariadb")
}

func mysqlCommand(t *testing.T, db testdb.DB, name string, options ...string) *exec.Cmd {
	t.Helper()
	cfg, err := driver.ParseDSN(db.DSN)
	require.NoError(t, err)
	host, port, _ := strings.Cut(cfg.Addr, ":")
	args := append([]string{"--no-defaults", "--host=" + host, "--port=" + port, "--user=" + cfg.User}, options...)
	command := exec.CommandContext(t.Context(), name, append(args, cfg.DBName)...)
	command.Env = append(os.Environ(), "MYSQL_PWD="+cfg.Passwd)
	return command
}
