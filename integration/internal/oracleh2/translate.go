package oracleh2

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Translation is a change to a statement before H2 executes it. Everything that
// is not among the translations runs as the dialector rendered it.
type Translation struct {
	Name   string
	Reason string
	apply  func(sql string) string
}

// Translations lists all of them. Besides, binds become literals, as H2's
// protocol has no :1, and locking clauses are emulated: see the type lockWait.
var Translations = []Translation{
	{
		Name:   "SYS_EXTRACT_UTC(SYSTIMESTAMP) becomes the time as a literal",
		Reason: "H2 has no SYS_EXTRACT_UTC; the arithmetic around it is executed as it is",
		apply: func(sql string) string {
			if !strings.Contains(sql, utcClock) {
				return sql
			}
			now := time.Now().UTC().Format("2006-01-02 15:04:05.000000")
			return strings.ReplaceAll(sql, utcClock, "TIMESTAMP '"+now+"'")
		},
	},
	{
		Name:   "EXTRACT(SECOND FROM interval) gets its fraction",
		Reason: "Oracle's has one, H2's is a whole number",
		apply:  replace(seconds, "(EXTRACT(SECOND FROM $1) + EXTRACT(NANOSECOND FROM $1) / 1000000000.0)"),
	},
	{
		Name:   "EXTRACT of days, hours and minutes becomes a NUMBER",
		Reason: "H2's is a 32-bit integer, whose milliseconds overflow",
		apply:  replace(parts, "CAST(EXTRACT($1 FROM $2) AS NUMBER(18))"),
	},
	{
		Name:   "SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') becomes 'QUARTZ'",
		Reason: "H2 has no SYS_CONTEXT; QUARTZ is the schema of every session",
		apply:  replace(currentSchema, "'"+owner+"'"),
	},
	{
		Name:   "an expression in an index becomes an invisible generated column",
		Reason: "H2 indexes columns only; Oracle does the same behind its function-based index",
		apply:  expressionIndex,
	},
	{
		Name:   "MODIFY of several columns becomes one statement for each",
		Reason: "H2 modifies one column at a time",
		apply:  modifyEach,
	},
}

const utcClock = "SYS_EXTRACT_UTC(SYSTIMESTAMP)"

var (
	seconds       = regexp.MustCompile(`EXTRACT\(SECOND FROM (\([^()]*\))\)`)
	parts         = regexp.MustCompile(`EXTRACT\((DAY|HOUR|MINUTE) FROM (\([^()]*\))\)`)
	currentSchema = regexp.MustCompile(`(?i)SYS_CONTEXT\('USERENV', *'CURRENT_SCHEMA'\)`)
	createIndex   = regexp.MustCompile(`(?is)^CREATE (UNIQUE )?INDEX (\S+) ON (\S+) \((.*)\)$`)
	modify        = regexp.MustCompile(`(?is)^ALTER TABLE (\S+) MODIFY \((.*)\)$`)
	retyped       = regexp.MustCompile(`(?is)^(\S+)( .+) NULL$`)
	plainKey      = regexp.MustCompile(`(?i)^"?\w+"?( ASC| DESC)?$`)
)

func replace(pattern *regexp.Regexp, with string) func(string) string {
	return func(sql string) string { return pattern.ReplaceAllString(sql, with) }
}

// translate returns what H2 executes, and how it waits for rows.
func translate(query string, binds []any) (string, lockWait, error) {
	for _, t := range Translations {
		query = t.apply(query)
	}
	query, lock := cutLock(query)
	text, err := inline(query, binds)
	if err != nil {
		return "", lock, fmt.Errorf("%w in %s", err, query)
	}
	return text, lock, nil
}

func expressionIndex(sql string) string {
	m := createIndex.FindStringSubmatch(sql)
	if m == nil {
		return sql
	}
	var statements []string
	keys := list(m[4])
	for i, key := range keys {
		if plainKey.MatchString(key) {
			continue
		}
		keys[i] = fmt.Sprintf("SYS_NC%d_%s$", i, m[2][strings.LastIndex(m[2], ".")+1:])
		statements = append(statements,
			"ALTER TABLE "+m[3]+" ADD COLUMN IF NOT EXISTS "+keys[i]+" VARCHAR2(4000) INVISIBLE GENERATED ALWAYS AS ("+key+")")
	}
	statements = append(statements, "CREATE "+m[1]+"INDEX "+m[2]+" ON "+m[3]+" ("+strings.Join(keys, ", ")+")")
	return strings.Join(statements, "; ")
}

func modifyEach(sql string) string {
	m := modify.FindStringSubmatch(sql)
	if m == nil {
		return sql
	}
	columns := list(m[2])
	for i, column := range columns {
		columns[i] = "ALTER TABLE " + m[1] + " MODIFY (" + column + ")"
		// H2 takes a type or NULL.
		if r := retyped.FindStringSubmatch(column); r != nil && !strings.HasSuffix(strings.ToUpper(r[2]), " NOT") {
			columns[i] = "ALTER TABLE " + m[1] + " MODIFY (" + r[1] + r[2] + "); ALTER TABLE " + m[1] + " MODIFY (" + r[1] + " NULL)"
		}
	}
	return strings.Join(columns, "; ")
}

// list splits at the commas outside parentheses.
func list(s string) []string {
	var out []string
	depth, from := 0, 0
	for i, r := range s {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			out = append(out, strings.TrimSpace(s[from:i]))
			from = i + 1
		}
	}
	return append(out, strings.TrimSpace(s[from:]))
}
