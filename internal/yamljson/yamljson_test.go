package yamljson

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// there and back again, as an indented JSON text that keeps its order.
func roundTrip(t *testing.T, text string) string {
	t.Helper()
	yaml, err := FromJSON([]byte(text))
	require.NoError(t, err, "%q", text)
	back, err := ToJSON(yaml)
	require.NoError(t, err, "%q as %q", text, yaml)
	return string(back)
}

func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"z":1,"a":2,"z2":[{"b":null},{"a":true}]}`,
		`{"big":12345678901234567890123,"price":1.10,"one":1.0,"huge":1e400,"small":1E-7,"minus":-0,"max":9223372036854775808}`,
		`{"yes":"yes","on":"on","null":"null","~":"~","number":"1","time":"2027-01-01T00:00:00Z","octal":"010","empty":"","tag":"!!int 1","merge":{"<<":1}}`,
		`{"lines":"a\nb\n","tab":"a\tb","blank":" a ","escape":"\u001b[2J","del":"\u007f","nel":"\u0085","bom":"\ufeff","quote":"\"'\\"}`,
		`["ü","日本","👩‍🚀","\u202e","#","- a","a: b","*a","&a","%a","@a","` + "`" + `"]`,
		`[]`, `{}`, `{"a":[],"b":{}}`, `"text"`, `1`, `null`, `true`,
	} {
		var want bytes.Buffer
		require.NoError(t, json.Compact(&want, []byte(text)))
		require.Equal(t, canonical(t, want.String()), canonical(t, roundTrip(t, text)))
	}
}

// canonical writes the strings in one way, and leaves order and numbers alone.
func canonical(t *testing.T, text string) string {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var out strings.Builder
	for decoder.More() {
		token, err := decoder.Token()
		require.NoError(t, err)
		written, err := json.Marshal(token)
		if delimiter, ok := token.(json.Delim); ok {
			written, err = []byte(delimiter.String()), nil
		}
		require.NoError(t, err)
		out.Write(written)
		out.WriteByte(' ')
		for !decoder.More() {
			if end, err := decoder.Token(); err == nil {
				out.WriteString(end.(json.Delim).String())
			} else {
				return out.String()
			}
		}
	}
	return out.String()
}

func TestEveryCharacterCanBeShown(t *testing.T) {
	t.Parallel()
	for _, hostile := range []string{"\x1b[2J", "\x00", "\x7f", "\u009b2J", "\u202e", "\u2028", "\ufeff", "\U000e0001", "a\r\nb"} {
		text, err := json.Marshal(map[string]string{hostile: hostile})
		require.NoError(t, err)
		yaml, err := FromJSON(text)
		require.NoError(t, err)
		require.NotRegexp(t, `[^\n[:print:]]`, string(yaml))
		back, err := ToJSON(yaml)
		require.NoError(t, err)
		require.JSONEq(t, string(text), string(back))
	}
}

func TestWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]string{
		"a: 1\nb: [x, 'y']\n":                                `{"a":1,"b":["x","y"]}`,
		"start: 2027-01-01T00:00:00Z\nday: 2027-01-01\n":     `{"start":"2027-01-01T00:00:00Z","day":"2027-01-01"}`,
		"a: 0x1F\nb: .5\nc: 1_000\nd: +3\n":                  `{"a":31,"b":0.5,"c":1000,"d":3}`,
		"a: yes\nb: NO\nc: True\nd: ~\ne:\n":                 `{"a":"yes","b":"NO","c":true,"d":null,"e":null}`,
		"base: &b {x: 1}\nmore: *b\n":                        `{"base":{"x":1},"more":{"x":1}}`,
		"{\"json\": \"\\ud83d\\ude00\", \"slash\": \"\\/\"}": `{"json": "\ud83d\ude00", "slash": "\/"}`,
		"8: a\ntrue: b\n":                                    `{"8":"a","true":"b"}`,
		"text: |\n  a\n  b\n":                                `{"text":"a\nb\n"}`,
	} {
		got, err := ToJSON([]byte(yaml))
		require.NoError(t, err, yaml)
		require.Equal(t, want, string(got), yaml)
	}
}

func TestWhatIsNoDocumentIsRefusedWithItsLine(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]string{
		"":                           "no document",
		"# nothing\n":                "no document",
		"a: 1\n---\nb: 2\n":          "line 2: a second document",
		"a: 1\nb: 2\na: 3\n":         `line 3: the key "a" is there twice`,
		"a:\n  [1, 2]: 3\n":          "line 2: a key must be a string",
		"a: [1\n":                    "line",
		"a: *b\n":                    "unknown anchor",
		"a: .nan\n":                  "line 1: .nan has no form in JSON",
		"a: &a [*a]\n":               "more than",
		"a: !!int x\n":               "!!int",
		"a: \xff\n":                  "invalid",
		strings.Repeat("[", 100_000): "",
	} {
		_, err := ToJSON([]byte(yaml))
		require.ErrorContains(t, err, want, "%.40s", yaml)
	}
}

func TestAliasesBringInOnlySoMuch(t *testing.T) {
	t.Parallel()
	text := func(aliases int) []byte {
		return []byte("base: &b " + strings.Repeat("x", 100_000) + "\nmore:\n" + strings.Repeat("- *b\n", aliases))
	}
	_, err := ToJSON(text(3_000))
	require.ErrorContains(t, err, "more than 16777216 bytes")
	some, err := ToJSON(text(100)) // of jobs that share their data
	require.NoError(t, err)
	require.Greater(t, len(some), 10_000_000)
}

func FuzzRoundTrip(f *testing.F) {
	f.Add(`{"a":[1,"x",null,true,1.5e3],"b":"\u001b"}`)
	f.Fuzz(func(t *testing.T, text string) {
		if !json.Valid([]byte(text)) {
			return
		}
		yaml, err := FromJSON([]byte(text))
		require.NoError(t, err)
		back, err := ToJSON(yaml)
		if err != nil && strings.Contains(err.Error(), "is there twice") {
			return // JSON lets a key stand twice
		}
		require.NoError(t, err, "%q", yaml)
		require.Equal(t, canonical(t, text), canonical(t, string(back)))
	})
}
