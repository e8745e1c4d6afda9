package schema

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

const noon = int64(1_800_000_000_000)

func TestAPastFireComesBackAsItWas(t *testing.T) {
	t.Parallel()
	for entry, fire := range map[string]PastFire{
		`[1800000000000,12,340,1799999999999]`: {
			Nominal: noon, Started: noon + 12, Duration: 340, NodeID: noon - 1, Attempt: 1, Outcome: Succeeded,
		},
		`[1800000000000,12,0,1799999999999,3]`: {Nominal: noon, Started: noon + 12, NodeID: noon - 1, Attempt: 3, Outcome: Succeeded},
		`[1800000000000,0,7,999999999999999999,1,"FAILED","no \"paper\" in C:\\tray"]`: {
			Nominal: noon, Started: noon, Duration: 7, NodeID: MaxID, Attempt: 1, Outcome: Failed, Error: `no "paper" in C:\tray`,
		},
		`[1800000000000,-1,0,0,2,"CANCELLED"]`: {Nominal: noon, Attempt: 2, Outcome: Cancelled},
	} {
		require.Equal(t, entry, fire.Entry())
		require.Equal(t, []PastFire{fire}, Recent(entry))
	}
	early := PastFire{Nominal: noon, Started: noon - 200, Attempt: 1, Outcome: Lost} // a claim comes ahead of its time
	require.Equal(t, noon, Recent(early.Entry())[0].Started)
}

func TestRecentIsBounded(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{-1, 0, 1, 3, RecentFires, MaxRecentFires} {
		column := ""
		for i := range int64(50) {
			column = AddRecent(column, limit, PastFire{Nominal: noon + i, Started: noon + i, Attempt: 1, Outcome: Succeeded, NodeID: noon})
		}
		got := Recent(column)
		require.GreaterOrEqual(t, len(got), max(limit, 0))
		require.LessOrEqual(t, len(got), 2*max(limit, 0))
		for i, f := range got {
			require.Equal(t, noon+49-int64(i), f.Nominal)
		}
	}
	column, long := "", strings.Repeat("long ", 1000)
	for range 50 {
		column = AddRecent(column, MaxRecentFires, PastFire{Nominal: noon, Attempt: 1, Outcome: Failed, Error: long})
		require.LessOrEqual(t, len(column), MaxRecent)
		for line := range strings.SplitSeq(column, "\n") {
			require.True(t, json.Valid([]byte(line)), line)
		}
	}
	require.Greater(t, len(Recent(column)), RecentFires-1, "of failures it holds the default number too")
	whole := PastFire{
		Nominal: 1 << 47, Started: 1 << 48, Duration: 1 << 47, NodeID: MaxID, Attempt: math.MaxInt32,
		Outcome: Cancelled, Error: strings.Repeat("\"\U0001F600", 99),
	}
	require.Less(t, len(whole.Entry()), 210)
}

func TestAnErrorIsKeptOnOneLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"first\r\n\tsecond\x1b[0m\x00": "first   second [0m ",
		"<b>&amp;</b>":                 "<b>&amp;</b>",
		"caf\xe9":                      "caf\uFFFD",
		strings.Repeat("x", 5000):      strings.Repeat("x", 100) + "…",
		strings.Repeat("😀", 5000):      strings.Repeat("😀", 25) + "…",
		strings.Repeat(`"`, 5000):      strings.Repeat(`"`, 50) + "…",
		"a\u2028b\u0085c":              "a\u2028b c",
	} {
		entry := PastFire{Nominal: noon, Attempt: 1, Outcome: Failed, Error: text}.Entry()
		require.NotContains(t, entry, "\n")
		require.True(t, utf8.ValidString(entry))
		require.Equal(t, want, Recent(entry)[0].Error)
	}
}

func TestRecentOfSeveralExecutes(t *testing.T) {
	t.Parallel()
	at := func(nominal, start int64) string {
		if start != 0 {
			start += noon
		}
		return PastFire{Nominal: noon + nominal, Started: start, Duration: 1, NodeID: noon, Attempt: 1, Outcome: Succeeded}.Entry()
	}
	one, other := at(1, 0)+"\n"+at(2, 3)+"\n"+at(8, 0)+"\n"+at(5, 9), at(7, 0)+"\n"+at(4, 20)+"\n"+at(1, 1)
	nominals := func(column string) (all []int64) {
		for _, f := range Recent(column) {
			all = append(all, f.Nominal-noon)
		}
		return all
	}
	require.Equal(t, []int64{7, 4, 1, 2, 8, 5, 1}, nominals(MergeRecent(10, one, other)), "each in its own order")
	few := nominals(MergeRecent(2, one, other))
	require.GreaterOrEqual(t, len(few), 2)
	require.Equal(t, []int64{7, 4, 1, 2}[:len(few)], few)
	require.Equal(t, one, MergeRecent(10, "", one))
}

func TestALineThatIsNoneIsLeftOut(t *testing.T) {
	t.Parallel()
	line := PastFire{Nominal: noon, Started: noon, Attempt: 1, Outcome: Succeeded}.Entry()
	failed := PastFire{Nominal: noon, Attempt: 1, Outcome: Failed, Error: "why"}.Entry()
	for cut := range len(failed) {
		require.Len(t, Recent(line+"\n"+failed[:cut]), 1, failed[:cut])
	}
	require.Empty(t, Recent("\nnull\n[]\n[1,2,3]\n{\"a\":1}\n[1,2,3,\"x\"]\n[1,2,3,4,5,6,7]\nx"))
	require.Len(t, Recent(`[1,2,3,4,5,"FAILED","why","more"]`), 1, "a later version may add something")
}
