package prometheustest

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/worker"
)

func TestAlertsFireAndClear(t *testing.T) {
	c := newCluster(t)
	begun := time.Now()
	c.start("north")
	c.start("south")
	c.add(worker.Quick, client.Every(500*time.Millisecond), client.OnAllNodes()) // so that each has something to be remembered by
	c.holds(`count(quartz_fires_total{quartz_outcome="succeeded"} > 3) == 2`)
	c.clear() // what fired before anybody was there

	broken := time.Now()
	c.add(worker.Failing, client.Every(100*time.Millisecond).Times(6)) // every third fails
	c.fires("QuartzFiresFailing", broken, "quartz_app", app, "quartz_class", worker.Failing)

	broken = time.Now()
	orphan := c.add("nobody's", client.Now())
	c.fires("QuartzHandlerMissing", broken, "quartz_app", app)
	c.everyPanelAnswers() // while there is something to tell
	for _, node := range []string{"north", "south"} {
		_, err := c.client.PauseNode(t.Context(), app, node)
		require.NoError(t, err)
	}
	c.holds(`count(quartz_events_total{quartz_event="node_paused"}) == 2`)
	broken = time.Now()
	c.add(worker.Short, client.Now())
	c.fires("QuartzExecutesOverdue", broken, "quartz_app", app)
	for _, node := range []string{"north", "south"} {
		_, err := c.client.ResumeNode(t.Context(), app, node)
		require.NoError(t, err)
	}
	require.NoError(t, c.client.DeleteExecute(t.Context(), orphan.ID))
	c.clear("QuartzFiresFailing", "QuartzHandlerMissing", "QuartzExecutesOverdue")

	lost := c.nodes["south"].Metrics
	broken = time.Now()
	c.kill("south")
	c.fires("QuartzNodeLost", broken, "quartz_app", app, "quartz_event", "node_removed")
	c.remembers(lost, begun)
	c.start("south")
	c.clear("QuartzNodeLost")

	broken = time.Now()
	c.database.Crash(t)
	c.fires("QuartzDatabaseAway", broken, "quartz_node", "north")
	c.fires("QuartzDatabaseAway", broken, "quartz_node", "south")
	c.fires("QuartzNoNode", broken, "quartz_app", app)
	c.database.Start(t)
	c.clear("QuartzDatabaseAway", "QuartzNoNode")

	broken = time.Now()
	c.kill("north")
	c.kill("south")
	c.fires("QuartzNoNode", broken, "quartz_app", app)
	c.fires("QuartzMetricsAbsent", broken)
	c.start("north")
	c.clear("QuartzNoNode", "QuartzMetricsAbsent")

	broken = time.Now()
	require.NoError(t, c.clock.Set(2*time.Second, 0))
	c.fires("QuartzClockSkewed", broken, "quartz_app", app)
	require.NoError(t, c.clock.Set(0, 0))
	c.clear("QuartzClockSkewed")
	c.nodes["north"].Stop(t)
}

// remembers holds that what a worker counted is there after it is gone.
func (c *cluster) remembers(address string, since time.Time) {
	c.t.Helper()
	series := `quartz_fires_total{instance="` + address + `", quartz_class="quick", quartz_outcome="succeeded"}`
	now, err := c.Query(c.t.Context(), series)
	require.NoError(c.t, err)
	require.Empty(c.t, now, "it is gone")
	past, err := c.QueryRange(c.t.Context(), series, since, time.Now(), time.Second)
	require.NoError(c.t, err)
	require.Len(c.t, past, 1)
	points := past[0].Points
	require.Greater(c.t, points[len(points)-1].Value, 3.0)
}

// everyPanelAnswers holds that Prometheus takes the expressions of the dashboard, and
// has series for those of things that have happened.
func (c *cluster) everyPanelAnswers() {
	c.t.Helper()
	var dashboard struct {
		Panels []struct {
			Title   string `json:"title"`
			Targets []struct {
				Expr string `json:"expr"`
			} `json:"targets"`
		} `json:"panels"`
	}
	require.NoError(c.t, json.Unmarshal([]byte(read(c.t, files, "../grafana/dashboards/quartz.json")), &dashboard))
	rare := []string{"quartz_retries_total", "quartz_recoveries_total", "quartz_misfires_total", "quartz_skips_total", "quartz_database_retries_total"}
	asked := 0
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			expression := strings.NewReplacer("$__rate_interval", "10s", "$__range", "60s", "$app", ".*").Replace(target.Expr)
			asked++
			if slices.ContainsFunc(rare, func(metric string) bool { return strings.Contains(expression, metric) }) {
				_, err := c.Query(c.t.Context(), expression)
				require.NoError(c.t, err, p.Title)
				continue
			}
			c.holds(expression)
		}
	}
	require.Greater(c.t, asked, 10)
}
