package oralint

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEachRuleCatchesItsBadExamples(t *testing.T) {
	t.Parallel()
	for _, rule := range Rules {
		t.Run(rule.Name, func(t *testing.T) {
			t.Parallel()
			require.NotEmpty(t, rule.Bad)
			require.NotEmpty(t, rule.Good)
			for _, bad := range rule.Bad {
				require.Contains(t, names(Check(bad.SQL, bad.Binds)), rule.Name, "must be caught: %.200s", bad.SQL)
			}
		})
	}
}

// A good example passes its own rule and every other.
func TestGoodExamplesPassEveryRule(t *testing.T) {
	t.Parallel()
	for _, rule := range Rules {
		for _, good := range rule.Good {
			require.Empty(t, Check(good.SQL, good.Binds), "%s must let pass: %.200s", rule.Name, good.SQL)
		}
	}
}

func TestRuleNamesAreUnique(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, rule := range Rules {
		require.False(t, seen[rule.Name], rule.Name)
		require.NotEmpty(t, rule.Why, rule.Name)
		seen[rule.Name] = true
	}
	for _, e := range Exceptions {
		require.True(t, seen[e.Rule], "exception to an unknown rule %q", e.Rule)
		require.NotEmpty(t, e.Prefix)
		require.NotEmpty(t, e.Reason)
	}
}

// What looks like a breach is none inside literals, quoted names and comments.
func TestLiteralsAndCommentsAreNotStatements(t *testing.T) {
	t.Parallel()
	for _, sql := range []string{
		`UPDATE T SET A = 'it''s; LIMIT 10 AS ::' WHERE B = 1`,
		`SELECT "LIMIT" FROM T /* ; LIMIT 10 */ WHERE A = 1 -- ON CONFLICT`,
		`SELECT "a""b" FROM T`,
	} {
		require.Empty(t, Check(sql, nil), sql)
	}
}

func FuzzScan(f *testing.F) {
	for _, rule := range Rules {
		for _, e := range rule.Bad {
			f.Add(e.SQL)
		}
	}
	f.Fuzz(func(_ *testing.T, sql string) { Check(sql, []any{"", true, nil}) })
}

func names(findings []Finding) string {
	out := make([]string, len(findings))
	for i, f := range findings {
		out[i] = f.Rule
	}
	return strings.Join(out, " ")
}

func ExampleCheck() {
	for _, f := range Check("SELECT ID FROM T LIMIT 10", nil) {
		fmt.Println(f)
	}
	// Output: limit: ORA-00933: LIMIT is not Oracle's; it is FETCH NEXT n ROWS ONLY (near "T LIMIT 10")
}

// The columns that the rule on CLOBs knows are those of the DDL.
func TestTheClobsAreTheSchemas(t *testing.T) {
	t.Parallel()
	ddl, err := os.ReadFile("../../../schema/ddl/oracle.sql")
	require.NoError(t, err)
	found := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^ +(\w+) +CLOB`).FindAllStringSubmatch(string(ddl), -1) {
		found[m[1]] = true
	}
	require.Equal(t, clobs, found)
}
