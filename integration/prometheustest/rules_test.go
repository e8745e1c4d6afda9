package prometheustest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/internal/prometheus"
)

// files is where the example keeps what it gives to Prometheus.
const files = "../../examples/observability/prometheus"

func TestPromtoolTakesTheRules(t *testing.T) {
	if testing.Short() {
		t.Skip("needs promtool")
	}
	tool, err := prometheus.Promtool()
	require.NoError(t, err)
	folder := t.TempDir() // with the targets, which are not in the repository
	for _, name := range []string{"prometheus.yml", "rules.yml", "rules_test.yml"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(read(t, files, name)), 0o600))
	}
	require.NoError(t, prometheus.Targets(folder))
	for _, words := range []string{"check config prometheus.yml", "check rules --lint-fatal rules.yml", "test rules rules_test.yml"} {
		command := exec.CommandContext(t.Context(), tool, strings.Fields(words)...)
		command.Dir = folder
		out, err := command.CombinedOutput()
		require.NoError(t, err, "promtool %s:\n%s", words, out)
	}
}

// Each alert has its unit test, that it fires and that it does not.
func TestEachAlertHasAUnitTest(t *testing.T) {
	t.Parallel()
	tests := read(t, files, "rules_test.yml")
	for name := range alerts(t) {
		cases := strings.Split(tests, "alertname: "+name+"\n")[1:]
		var fires, quiet bool
		for _, c := range cases {
			c, _, _ = strings.Cut(c, "alertname:")
			quiet = quiet || strings.Contains(c, "exp_alerts: []")
			fires = fires || strings.Contains(c, "exp_labels:")
		}
		require.True(t, fires && quiet, "%s: fires %t, does not %t", name, fires, quiet)
	}
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	require.NoError(t, err)
	return string(text)
}

// factor is what durations of the rules are divided by.
const factor = 30

var duration = regexp.MustCompile(`\b(\d+)([smhd])\b`)

var units = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}

func parse(t *testing.T, text string) time.Duration {
	t.Helper()
	m := duration.FindStringSubmatch(text)
	require.NotNil(t, m, text)
	n, err := strconv.Atoi(m[1])
	require.NoError(t, err)
	return time.Duration(n) * units[m[2]]
}

// quick returns rules with their durations divided.
func quick(t *testing.T, rules string) string {
	t.Helper()
	return duration.ReplaceAllStringFunc(rules, func(text string) string {
		return strconv.FormatInt((parse(t, text)/factor).Milliseconds(), 10) + "ms"
	})
}

// alerts returns from the table in the docs how long each alert may take until it
// fires: until a metric shows it, and then its `for`, divided as in the rules.
func alerts(t *testing.T) map[string]time.Duration {
	t.Helper()
	_, table, found := strings.Cut(read(t, "../../docs/observability.md"), "<!-- alerts:")
	require.True(t, found)
	all := map[string]time.Duration{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| \\w+ \\| (\\w+) \\| (\\w+) \\|").FindAllStringSubmatch(table, -1) {
		all[m[1]] = parse(t, m[3]) + parse(t, m[2])/factor
	}
	require.NotEmpty(t, all)
	return all
}
