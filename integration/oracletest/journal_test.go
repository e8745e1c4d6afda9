package oracletest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/oracleh2"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
)

// onlyLinted are the statements that H2 does not execute, each with the reason.
var onlyLinted = map[string]string{
	"select version from product_component_version where rownum = 1": "asked by the dialector when it is opened; answered by the driver",
	"SELEKT": "sent by a test that wants a syntax error",
}

// The conformance suites run on Oracle's dialector over H2, in processes of their
// own. Every statement that they made the product send kept the rules, and was
// executed, or has a reason not to.
func TestEveryStatementOfTheSuitesIsJudgedAndExecuted(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("-short: H2 needs java")
	}
	suites, err := filepath.Glob("../*test")
	require.NoError(t, err)
	require.Greater(t, len(suites), 2)
	dir := t.TempDir()
	suites = slices.DeleteFunc(suites, func(s string) bool { return filepath.Base(s) == "oracletest" })
	for _, args := range [][]string{suites, {".", "-run=TestNodesWorkOnOraclesDialect"}} {
		run := exec.CommandContext(t.Context(), "go", append([]string{"test", "-short", "-count=1", "-parallel=8", "-timeout=14m"}, args...)...)
		run.Env = append(os.Environ(), "QUARTZ_TEST_KINDS="+string(testdb.OracleH2), oracleh2.JournalEnv+"="+dir)
		output, err := run.CombinedOutput()
		require.NoError(t, err, "%s", output)
	}

	entries, err := oracleh2.ReadJournals(dir)
	require.NoError(t, err)
	executed := 0
	for _, e := range entries {
		require.Empty(t, e.Findings, e.SQL)
		require.True(t, e.Linted, "not judged: %s", e.SQL)
		if e.Executed {
			executed++
		} else {
			require.NotEmpty(t, onlyLinted[e.SQL], "neither executed nor excused: %s", e.SQL)
		}
	}
	t.Logf("%d distinct statements were rendered by the dialector and judged by the rules: %d executed on H2, %d only judged",
		len(entries), executed, len(entries)-executed)
	for _, table := range []string{"QRTZ_APP", "QRTZ_NODE", "QRTZ_JOB", "QRTZ_EXECUTE"} {
		for _, verb := range []string{"CREATE TABLE ", "INSERT INTO ", "UPDATE ", "DELETE FROM "} {
			require.True(t, contains(entries, verb+table), "no suite sent %s%s", verb, table)
		}
	}
}

func contains(entries []oracleh2.Entry, prefix string) bool {
	for _, e := range entries {
		if strings.HasPrefix(e.SQL, prefix) {
			return true
		}
	}
	return false
}
