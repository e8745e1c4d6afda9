package output

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSafe(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain, ü, 日本, 👩 and \ufffd": "plain, ü, 日本, 👩 and \ufffd",
		"a\x1b[2J\a\x00\x7f":         `a\x1b[2J\a\x00\x7f`,
		"\u009b1m":                   `\u009b1m`,
		"two\r\nlines\t":             `two\r\nlines\t`,
		"\u202e\u2066\u2028\ufeff":   `\u202e\u2066\u2028\ufeff`,
		"\U000e0001":                 `\U000e0001`,
		"cut \xe2\x82 off \xff":      `cut \xe2\x82 off \xff`,
		`\n "quoted"`:                `\n "quoted"`,
	} {
		require.Equal(t, want, Safe(text))
	}
}

func TestWhatIsEscapedInJSONIsTheSame(t *testing.T) {
	t.Parallel()
	value := map[string]string{"\u202e\x7f": "a\x1b\u009b\r\n\U000e0001👩<&>\\"}
	var out strings.Builder
	p := Printer{Out: &out, Format: JSON}
	require.NoError(t, p.Say(value, "never shown"))
	const want = "{\n  \"\\u202e\\u007f\": \"a\\u001b\\u009b\\r\\n\\udb40\\udc01👩<&>\\\\\"\n}\n"
	require.Equal(t, want, out.String()) //nolint:testifylint // it is the text that matters
	var back map[string]string
	require.NoError(t, json.Unmarshal([]byte(out.String()), &back))
	require.Equal(t, value, back)
}

func TestTablesAreAlignedAndCutToTheTerminal(t *testing.T) {
	t.Parallel()
	type row = [2]string
	columns := []Column[row]{
		{"NAME", func(r row) string { return r[0] }},
		{"TEXT", func(r row) string { return r[1] }},
	}
	long := strings.Repeat("ü", 4000)
	items := []row{{"日本", "short"}, {"e\u0301", ""}, {"\x1b[1m", long}}
	for width, shown := range map[int]string{
		0:  long,
		40: strings.Repeat("ü", 30) + "…",
		10: strings.Repeat("ü", neverCut-1) + "…",
	} {
		var out strings.Builder
		p := Printer{Out: &out, Width: width}
		require.NoError(t, List(&p, items, items, columns))
		require.Equal(t, "NAME     TEXT\n日本     short\ne\u0301        -\n\\x1b[1m  "+shown+"\n", out.String(), width)
	}
}
