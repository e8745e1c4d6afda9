package oracleh2

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/quartz-cluster/quartz/integration/internal/oralint"
)

// JournalEnv names a folder in which each process records the statements that it
// sent, for a test that looks at those of several.
const JournalEnv = "QUARTZ_TEST_ORACLE_JOURNAL"

// Entry is a statement that reached the driver. Statements that differ in the
// length of a list alone are one, and so are those that differ in what a test's
// clock says: each of those is sent once, and that once may be cut short.
type Entry struct {
	SQL      string // as the dialector rendered it, the first time
	Linted   bool   // every rule was asked, and had nothing against it
	Executed bool   // H2 understood it, and did it or said why not
	Findings []string
}

var journal = &book{entries: map[string]*Entry{}, texts: map[string]bool{}}

type book struct {
	mu      sync.Mutex
	entries map[string]*Entry // by shape
	texts   map[string]bool   // linted already
}

// Journal returns what this process has sent.
func Journal() []Entry {
	journal.mu.Lock()
	defer journal.mu.Unlock()
	out := map[string]Entry{}
	for key, e := range journal.entries {
		out[key] = *e
	}
	return sorted(out)
}

func sorted(entries map[string]Entry) []Entry {
	return slices.SortedFunc(maps.Values(entries), func(a, b Entry) int { return strings.Compare(a.SQL, b.SQL) })
}

var (
	binds  = regexp.MustCompile(`:\d+`)
	lists  = regexp.MustCompile(`:n(, ?:n)+`)
	mixing = regexp.MustCompile(`CASE|COALESCE|NULLIF|DECODE|GREATEST|LEAST`)
	cases  = regexp.MustCompile(`( WHEN :n THEN :n)+`)
	clocks = regexp.MustCompile(`\b\d{13}\b`) // epoch milliseconds, as sqldb puts a test's clock into {now}
	space  = regexp.MustCompile(`\s+`)
)

// shape is what statements have in common that are one to the journal.
func shape(sql string) string {
	sql = binds.ReplaceAllString(space.ReplaceAllString(sql, " "), ":n")
	sql = clocks.ReplaceAllString(sql, ":now")
	return cases.ReplaceAllString(lists.ReplaceAllString(sql, ":n"), " WHEN :n THEN :n")
}

// render records a statement and judges it. One that breaks a rule is refused.
func (b *book) render(sql string, binds []any) (*Entry, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := shape(sql)
	entry := b.entries[key]
	if entry == nil {
		entry = &Entry{SQL: sql}
		b.entries[key] = entry
	}
	if b.texts[sql] && !notable(sql, binds) {
		return entry, nil
	}
	if binds == nil {
		binds = []any{}
	}
	findings := oralint.Check(sql, binds)
	if len(findings) > 0 {
		text := make([]string, len(findings))
		for i, f := range findings {
			text[i] = f.String()
		}
		entry.Findings = append(entry.Findings, text...)
		entry.Linted = false
		b.save()
		return nil, fmt.Errorf("not as Oracle would take it: %s: %s", strings.Join(text, "; "), sql)
	}
	entry.Linted = len(entry.Findings) == 0
	b.texts[sql] = true
	b.save()
	return entry, nil
}

// notable reports whether a rule might have something against the binds alone.
func notable(sql string, binds []any) bool {
	mixes := mixing.MatchString(sql)
	return slices.ContainsFunc(binds, func(v any) bool {
		text, ok := v.(string)
		_, isInt := v.(int64)
		return ok && (text == "" || len(text) > 4000) || !ok && !isInt && (v != nil || mixes)
	})
}

func (b *book) executed(entry *Entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !entry.Executed {
		entry.Executed = true
		b.save()
	}
}

// save writes the journal down, where that was asked for.
func (b *book) save() {
	dir := os.Getenv(JournalEnv)
	if dir == "" {
		return
	}
	entries := make([]*Entry, 0, len(b.entries))
	for _, e := range b.entries {
		entries = append(entries, e)
	}
	text, err := json.Marshal(entries)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, strconv.Itoa(os.Getpid())+".json"), text, 0o600)
	}
	if err != nil {
		panic(fmt.Sprintf("oracleh2: journal: %v", err))
	}
}

// ReadJournals returns what several processes have sent, each statement once.
func ReadJournals(dir string) ([]Entry, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	all := map[string]Entry{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var entries []Entry
		if err := json.Unmarshal(text, &entries); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, e := range entries {
			old, known := all[shape(e.SQL)]
			e.Executed = e.Executed || old.Executed
			e.Linted = e.Linted && (old.Linted || !known)
			e.Findings = append(e.Findings, old.Findings...)
			all[shape(e.SQL)] = e
		}
	}
	return sorted(all), nil
}
