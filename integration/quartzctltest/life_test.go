package quartzctltest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/schema"
)

const jobs = `
app: lab
jobs:
  - name: invoices
    class: work
    data: {"ü": "日本", "big": 12345678901234567890, "quote": "'; DROP TABLE QRTZ_JOB; --"}
    executes:
      - name: workdays
        schedule:
          cron: 0 0 8 ? * MON-FRI
          zone: Europe/Berlin
        retryMax: 3
        overlap: SKIP
      - name: yearly
        schedule:
          cron: "@yearly"
        runOn: SOME
        targets: [big, small]
`

// contents is everything in the tables.
func contents(t *testing.T, l *lab.Lab) map[string][]map[string]any {
	out := map[string][]map[string]any{}
	for _, table := range []string{"QRTZ_APP", "QRTZ_NODE", "QRTZ_JOB", "QRTZ_EXECUTE"} {
		var rows []map[string]any
		require.NoError(t, l.DB.Gorm.Raw("SELECT * FROM "+table).Scan(&rows).Error)
		out[table] = rows
	}
	return out
}

func TestTablesAndDocuments(t *testing.T) {
	each(t, func(s shell, l *lab.Lab) {
		s.fails(7, "there is no table QRTZ_APP", "migrate", "verify")
		s.fails(1, "migrate up", "apps", "list")
		require.Contains(s.t, s.ok("migrate", "print"), "CREATE TABLE")
		s.ok("migrate", "up")
		s.ok("migrate", "up")
		s.ok("migrate", "verify")
		require.Empty(s.t, s.ok("migrate", "print"))

		_, _, code := s.run(jobs, "diff", "-f", "-")
		require.Equal(s.t, 7, code)
		require.Contains(s.t, s.fed(jobs, "apply", "-f", "-"), "app lab: 4 are changed")
		before := contents(s.t, l)
		require.Contains(s.t, s.fed(jobs, "apply", "-f", "-"), "app lab: 0 are changed, 3 as the document says")
		require.Equal(s.t, before, contents(s.t, l), "the second time writes nothing")
		require.Contains(s.t, s.fed(jobs, "diff", "-f", "-"), "0 are changed")

		for _, format := range []string{"yaml", "json"} {
			exported := s.ok("export", "lab", "-o", format)
			require.Contains(s.t, exported, "12345678901234567890")
			require.Contains(s.t, s.fed(exported, "diff", "-f", "-"), "0 are changed, 3 as")
			s.fed(exported, "apply", "-f", "-", "--app", "copy-"+format)
			require.Equal(s.t, exported, strings.Replace(s.ok("export", "copy-"+format, "-o", format), "copy-"+format, "lab", 1))
		}

		s.ok("migrate", "up", "--table-prefix", "OTHER_")
		require.NotContains(s.t, s.ok("apps", "list", "--table-prefix", "OTHER_"), "lab")
	})
}

func TestBesideNodesThatLive(t *testing.T) {
	each(t, func(s shell, l *lab.Lab) {
		s.ok("migrate", "up")
		s.ok("apps", "add", lab.App)
		gate := lab.NewGate()
		l.Start(lab.As("one"), lab.Running(l.Handlers(gate.Wait)))
		l.Start(lab.As("two"), lab.Running(l.Handlers(gate.Wait)))
		s.fed(jobs, "apply", "-f", "-")

		s.ok("nodes", "ping", lab.App, "one", "two")
		require.Contains(s.t, s.ok("nodes", "ping", lab.App), "two")
		s.ok("nodes", "drain", lab.App, "two")
		require.Contains(s.t, s.ok("nodes", "show", lab.App, "two"), "live, draining")

		s.ok("executes", "run", "workdays", "--app", lab.App, "--job", "invoices")
		l.UntilRuns(0, 1)
		var running client.Page[client.RunningFire]
		require.NoError(s.t, json.Unmarshal([]byte(s.ok("running", "--app", lab.App, "--node", "one", "-o", "json")), &running))
		require.Len(s.t, running.Items, 1)
		require.Equal(s.t, "workdays", running.Items[0].Name)
		require.Contains(s.t, s.ok("watch", lab.App), "workdays")
		s.ok("executes", "cancel", running.Items[0].ExecuteID.String())
		l.UntilRow(int64(running.Items[0].ExecuteID), func(e schema.Execute) bool { return e.LastState == schema.Cancelled }, "its fire is cancelled")
		require.Contains(s.t, s.ok("executes", "show", running.Items[0].ExecuteID.String()), "CANCELLED")
		s.ok("executes", "retry", running.Items[0].ExecuteID.String())
		l.UntilRuns(0, 2)
		gate.Open()

		s.ok("nodes", "rejoin", lab.App, "two")
		s.ok("apps", "maintenance", "begin", lab.App, "--wait")
		s.ok("apps", "maintenance", "end", lab.App)
		s.ok("nodes", "stop", lab.App, "one")
		l.Until(func() bool { return !strings.Contains(s.ok("nodes", "list", "--live"), "one") }, "the node has left")
		require.Contains(s.t, s.ok("overview", lab.App, "--no-headers"), "active")
		s.fails(3, "not found", "nodes", "ping", lab.App, "three")
		s.ok("executes", "pause", "--app", lab.App, "--yes")
		require.Contains(s.t, s.ok("apps", "events", lab.App), "executes paused")
	})
}
