package coreotel

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// rule is one of examples/observability/prometheus/rules.yml.
type rule struct {
	Record string            `yaml:"record"`
	Alert  string            `yaml:"alert"`
	Expr   string            `yaml:"expr"`
	For    string            `yaml:"for"`
	Labels map[string]string `yaml:"labels"`
}

func example(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../examples/observability/" + name)
	require.NoError(t, err)
	return text
}

func rulesOf(t *testing.T) (all []rule) {
	t.Helper()
	var file struct {
		Groups []struct {
			Rules []rule `yaml:"rules"`
		} `yaml:"groups"`
	}
	require.NoError(t, yaml.Unmarshal(example(t, "prometheus/rules.yml"), &file))
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	require.NotEmpty(t, all)
	return all
}

func TestTheDocsHaveEveryAlert(t *testing.T) {
	t.Parallel()
	var want, have [][]string
	for _, r := range rulesOf(t) {
		if r.Alert != "" {
			want = append(want, []string{quoted(r.Alert), r.Labels["severity"], r.For})
		}
	}
	for _, row := range rows(section(t, "alerts")) {
		have = append(have, row[:3])
		for _, cell := range row[3:] {
			require.NotEmpty(t, cell, row[0])
		}
		require.Len(t, row, 6)
	}
	require.Equal(t, want, have)
}

// expressions are what the dashboard asks for.
func expressions(t *testing.T) (all []string) {
	t.Helper()
	var find func(v any)
	find = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, v := range v {
				find(v)
			}
		case map[string]any:
			for key, v := range v {
				if text, is := v.(string); is && (key == "expr" || key == "query") && text != "prometheus" {
					all = append(all, text)
				}
				find(v)
			}
		}
	}
	var dashboard map[string]any
	require.NoError(t, json.Unmarshal(example(t, "grafana/dashboards/quartz.json"), &dashboard))
	find(dashboard)
	require.NotEmpty(t, all)
	return all
}

// exported is how Prometheus' exporters name an instrument.
func exported(i instrument) []string {
	name := strings.ReplaceAll(i.name, ".", "_")
	switch i.unit {
	case "s":
		name += "_seconds"
	case "1":
		name += "_ratio"
	}
	switch i.kind {
	case counter:
		return []string{name + "_total"}
	case histogram:
		return []string{name + "_bucket", name + "_sum", name + "_count"}
	}
	return []string{name}
}

var (
	ours  = regexp.MustCompile(`\bquartz[a-z0-9_:]*`)
	event = regexp.MustCompile(`quartz_event=~?"([a-z_|]+)"`)
)

// What is spelled otherwise would be silent, which with alerts is taken for good news.
func TestRulesAndDashboardNameWhatThereIs(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, i := range table {
		for _, name := range exported(i) {
			known[name] = true
		}
		for _, key := range names(i) {
			known[strings.ReplaceAll(key, ".", "_")] = true
		}
	}
	shown := expressions(t)
	all := slices.Clone(shown)
	for _, r := range rulesOf(t) {
		known[r.Record] = true
		all = append(all, r.Expr)
	}
	events := eventsOfDocs(t)
	for _, e := range all {
		require.NotEmpty(t, ours.FindString(e), e)
		for _, name := range ours.FindAllString(e, -1) {
			require.True(t, known[name], "%s in %s", name, e)
		}
		for _, m := range event.FindAllStringSubmatch(e, -1) {
			require.Subset(t, events, strings.Split(m[1], "|"), e)
		}
	}
	dashboard := strings.Join(shown, "\n")
	for _, i := range table {
		require.True(t, slices.ContainsFunc(exported(i), func(name string) bool { return strings.Contains(dashboard, name) }) ||
			strings.Contains(dashboard, strings.ReplaceAll(i.name, "quartz.", "quartz:")+":increase5m"), "the dashboard does not show %s", i.name)
	}
}

var by = regexp.MustCompile(`\bby \(([a-z_, ]+)\)`)

// Apps have nodes and jobs of the same name: the default key of a node is its host's address.
func TestNodesAndJobsAreToldApartByTheirApps(t *testing.T) {
	t.Parallel()
	all := expressions(t)
	for _, r := range rulesOf(t) {
		all = append(all, r.Expr)
	}
	for _, e := range all {
		for _, m := range by.FindAllStringSubmatch(e, -1) {
			if strings.Contains(m[1], "quartz_node") || strings.Contains(m[1], "quartz_job") {
				require.Contains(t, m[1], "quartz_app", e)
			}
		}
	}
}
