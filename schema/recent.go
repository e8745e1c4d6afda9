package schema

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of RECENT: how many bytes it takes at most, how many fires a node may
// be told to keep in it, and how many it keeps otherwise.
const (
	MaxRecent      = 1500
	MaxRecentFires = 20
	RecentFires    = 10
)

// RecentRoom is how many bytes RECENT may have for each fire before it is cut to as
// many fires as are kept: that is half as many more where they succeeded. What is not
// cut ends as it did before, and of a new version of a row PostgreSQL logs neither the
// beginning nor the end that the old one has.
const RecentRoom = 57

// maxPastError is how many bytes of its error an entry has, and a character more.
const maxPastError = 100

// PastFire is an entry of RECENT: an attempt of a fire that has ended. Times are
// epoch milliseconds on the database's clock, as the node knew it.
//
// RECENT has a line for each, a JSON array, the one that ended last first:
//
//	[nominal time, start after it, duration, node id, attempt, outcome, error]
//
// Without error, outcome and attempt it is a first attempt that SUCCEEDED.
type PastFire struct {
	Nominal  int64
	Started  int64 // when it was claimed, where it was lost; 0: it never began
	Duration int64 // milliseconds; 0 where it was lost
	NodeID   int64 // of the registration that claimed it; 0: none had
	Attempt  int
	Outcome  Outcome
	Error    string // of a long one, its beginning
}

// Entry returns the line for the fire, some 200 bytes at most.
func (f PastFire) Entry() string {
	start := int64(-1)
	if f.Started > 0 {
		start = max(f.Started-f.Nominal, 0)
	}
	numbers := []int64{f.Nominal, start, f.Duration, f.NodeID, int64(f.Attempt)}
	if f.Attempt == 1 && f.Outcome == Succeeded {
		numbers = numbers[:4]
	}
	entry := make([]byte, 0, 200)
	for _, n := range numbers {
		entry = strconv.AppendInt(append(entry, ','), n, 10)
	}
	entry[0] = '['
	if f.Outcome != Succeeded {
		entry = append(append(append(entry, `,"`...), f.Outcome...), '"')
		if f.Error != "" {
			entry = append(appendText(append(entry, `,"`...), f.Error), '"')
		}
	}
	return string(append(entry, ']'))
}

// appendText adds a text, or the beginning of a long one, to an entry: on one line,
// as JSON.
func appendText(entry []byte, text string) []byte {
	end := len(entry) + maxPastError
	for _, r := range text {
		switch {
		case len(entry) >= end:
			return append(entry, "…"...)
		case unicode.IsControl(r):
			r = ' '
		case r == '"' || r == '\\':
			entry = append(entry, '\\')
		}
		entry = utf8.AppendRune(entry, r)
	}
	return entry
}

// Recent reads RECENT, what ended last first. A line that is none is left out.
func Recent(column string) []PastFire {
	var out []PastFire
	for line := range strings.SplitSeq(column, "\n") {
		start, f := int64(-1), PastFire{Attempt: 1, Outcome: Succeeded}
		fields := [...]any{&f.Nominal, &start, &f.Duration, &f.NodeID, &f.Attempt, &f.Outcome, &f.Error}
		if !strings.HasPrefix(line, "[") || json.Unmarshal([]byte(line), &fields) != nil || fields[3] == nil {
			continue
		}
		if start >= 0 {
			f.Started = f.Nominal + start
		}
		out = append(out, f)
	}
	return out
}

// AddRecent returns RECENT with one more fire, cut to the limit where that is due.
func AddRecent(column string, limit int, f PastFire) string {
	if limit < 1 {
		return ""
	}
	text := strings.TrimSuffix(f.Entry()+"\n"+column, "\n")
	if len(column) > RecentRoom*limit {
		lines := strings.SplitN(text, "\n", limit+1)
		text = strings.Join(lines[:min(len(lines), limit)], "\n")
	}
	for len(text) > MaxRecent {
		text = text[:strings.LastIndexByte(text, '\n')]
	}
	return text
}

// MergeRecent returns RECENT of several executes as that of one.
func MergeRecent(limit int, columns ...string) string {
	type ended struct {
		PastFire

		at int64 // not before what stands behind it
	}
	var all []ended
	for _, column := range columns {
		var at int64
		for _, f := range slices.Backward(Recent(column)) {
			at = max(at, f.Nominal, f.Started+f.Duration)
			all = append(all, ended{f, at})
		}
	}
	slices.SortStableFunc(all, func(a, b ended) int { return cmp.Compare(a.at, b.at) })
	text := ""
	for _, f := range all {
		text = AddRecent(text, limit, f.PastFire)
	}
	return text
}
