package oracleh2

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// lockWait is what a locking query does about rows that others hold. H2 knows
// FOR UPDATE alone, so the rest is cut off and emulated: NOWAIT and WAIT n by a
// lock timeout of the session, SKIP LOCKED by locking row after row.
type lockWait int

const (
	waits lockWait = iota
	noWait
	waitSeconds
	skips
)

var lockClause = regexp.MustCompile(`(?i)(\s+FOR UPDATE)(\s+OF\s+[\w.", ]+?)?(\s+SKIP LOCKED|\s+NOWAIT|\s+WAIT\s+\d+)?\s*$`)

// cutLock returns the query with FOR UPDATE alone, or for skips without a lock.
func cutLock(query string) (string, lockWait) {
	m := lockClause.FindStringSubmatchIndex(query)
	if m == nil {
		return query, waits
	}
	base, end := query[:m[0]], ""
	if m[6] >= 0 {
		end = strings.ToUpper(strings.TrimSpace(query[m[6]:m[7]]))
	}
	switch {
	case end == "SKIP LOCKED":
		return base, skips
	case end == "NOWAIT":
		return base + " FOR UPDATE", noWait
	case end != "":
		return base + " FOR UPDATE", waitSeconds
	}
	return base + " FOR UPDATE", waits
}

// locking runs a statement and waits for rows as it says.
func (c *conn) locking(ctx context.Context, text string, lock lockWait) (*pgconn.Result, error) {
	switch lock {
	case noWait:
		return c.within(ctx, 1, text)
	case waitSeconds:
		return c.within(ctx, 1000, text)
	case skips:
		return c.skipping(ctx, text)
	default:
		return c.run(ctx, text)
	}
}

// within runs a statement that waits for a row for some milliseconds at most, of
// which there must be one: 0 is H2's default, of seconds.
func (c *conn) within(ctx context.Context, ms int64, text string) (*pgconn.Result, error) {
	restore := strconv.FormatInt(LockTimeout.Milliseconds(), 10)
	defer func() { _, _ = c.run(context.WithoutCancel(ctx), "SET LOCK_TIMEOUT "+restore) }()
	if _, err := c.run(ctx, "SET LOCK_TIMEOUT "+strconv.FormatInt(ms, 10)); err != nil {
		return nil, err
	}
	return c.run(ctx, text)
}

var fromTable = regexp.MustCompile(`(?is)^SELECT\s(.*?)\sFROM\s+([\w.]+)(?:\s+(\w+))?`)

// skipping locks what it can of a query's rows and returns those. The query runs
// twice: to learn which rows to lock, and once they are locked, so that what is
// returned is what is locked, and still is what was asked for.
func (c *conn) skipping(ctx context.Context, text string) (*pgconn.Result, error) {
	m := fromTable.FindStringSubmatchIndex(text)
	if m == nil {
		return nil, fmt.Errorf("SKIP LOCKED is emulated for a query of a table, not for %s", text)
	}
	table := text[m[4]:m[5]]
	row := table[strings.LastIndex(table, ".")+1:] + "._ROWID_"
	if m[6] >= 0 && !notAlias[strings.ToUpper(text[m[6]:m[7]])] {
		row = text[m[6]:m[7]] + "._ROWID_"
	}
	text = "SELECT " + row + ", " + text[m[2]:]

	first, err := c.run(ctx, text)
	if err != nil {
		return nil, err
	}
	locked := map[string]bool{}
	for _, r := range first.Rows {
		id := string(r[0])
		_, err := c.within(ctx, 1, "SELECT 1 FROM "+table+" WHERE _ROWID_ = "+id+" FOR UPDATE")
		if err != nil && codeOf(err) != h2LockTimeout {
			return nil, err
		}
		locked[id] = err == nil
	}
	second, err := c.run(ctx, text)
	if err != nil {
		return nil, err
	}
	out := &pgconn.Result{FieldDescriptions: second.FieldDescriptions[1:], CommandTag: second.CommandTag}
	for _, r := range second.Rows {
		if locked[string(r[0])] {
			out.Rows = append(out.Rows, r[1:])
		}
	}
	return out, nil
}

// notAlias are the words that may follow a table which has no alias.
var notAlias = map[string]bool{"WHERE": true, "ORDER": true, "JOIN": true, "LEFT": true, "INNER": true}
