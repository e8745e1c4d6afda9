package coreotel

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// section returns the part of docs/observability.md that begins with a mark.
func section(t *testing.T, mark string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/observability.md")
	require.NoError(t, err)
	_, after, found := strings.Cut(string(text), "<!-- "+mark+": held to the code by a test of core/otel -->\n")
	require.True(t, found, mark)
	return strings.TrimLeft(after, "\n")
}

// rows returns the cells of a table, without its head.
func rows(text string) (out [][]string) {
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "|") {
			break
		}
		cells := strings.Split(strings.Trim(line, "| \n"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		out = append(out, cells)
	}
	return out[2:]
}

func quoted(words ...string) string { return "`" + strings.Join(words, "` `") + "`" }

func names(i instrument) (out []string) {
	for _, k := range i.attributes {
		out = append(out, string(k))
	}
	return out
}

func TestTheDocsHaveEveryMetric(t *testing.T) {
	t.Parallel()
	var want [][]string
	for _, i := range table {
		want = append(want, []string{quoted(i.name), i.kind, quoted(i.unit), quoted(names(i)...), i.about})
	}
	require.Equal(t, want, rows(section(t, "metrics")))
}

func TestTheDocsHaveEveryAttribute(t *testing.T) {
	t.Parallel()
	text := section(t, "metrics")
	_, text, found := strings.Cut(text, "| attribute | values |")
	require.True(t, found)
	var have []string
	for _, row := range rows("|\n" + text[strings.Index(text, "\n")+1:]) {
		have = append(have, strings.Trim(row[0], "`"))
	}
	var want []string
	seen := map[string]bool{}
	for _, i := range table {
		for _, k := range names(i) {
			if !seen[k] {
				seen[k], want = true, append(want, k)
			}
		}
	}
	require.ElementsMatch(t, want, have)
}

// kinds are the kinds of event that core tells, as its source has them.
func kinds(t *testing.T) (out []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../observe/observe.go", nil, 0)
	require.NoError(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, is := n.(*ast.ValueSpec); is {
			if of, is := spec.Type.(*ast.Ident); is && of.Name == "Kind" {
				text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				out = append(out, text)
			}
		}
		return true
	})
	require.NotEmpty(t, out)
	return out
}

var word = regexp.MustCompile("`([a-z_]+)`")

// eventsOfDocs are the values of quartz.event.
func eventsOfDocs(t *testing.T) (out []string) {
	t.Helper()
	text, _, _ := strings.Cut(section(t, "events"), "\n\n")
	for _, m := range word.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}
