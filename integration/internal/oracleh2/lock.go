package oracleh2

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// lockWait is what a statement does about rows that others hold. H2 knows FOR
// UPDATE alone, so the rest is cut off and emulated: NOWAIT and WAIT n by a limit,
// SKIP LOCKED by locking row after row.
type lockWait struct {
	how   lockHow
	limit time.Duration
	code  int // Oracle's error at the limit; 0: that of a deadlock
}

type lockHow int

const (
	waits lockHow = iota
	skips
)

// attempt is how long H2 itself waits for a row. Its waits cannot be cancelled, as
// Oracle's can; so it waits shortly, and the statement is sent again.
const attempt = 100 * time.Millisecond

// shortest is as good as not waiting: 0 would be H2's default.
const shortest = time.Millisecond

func lockTimeout(d time.Duration) string {
	return "SET LOCK_TIMEOUT " + strconv.FormatInt(d.Milliseconds(), 10)
}

var lockClause = regexp.MustCompile(`(?i)(\s+FOR UPDATE)(\s+OF\s+[\w.", ]+?)?(\s+SKIP LOCKED|\s+NOWAIT|\s+WAIT\s+\d+)?\s*$`)

// cutLock returns the query with FOR UPDATE alone, or for skips without a lock,
// and how it waits.
func cutLock(query string) (string, lockWait) {
	m := lockClause.FindStringSubmatchIndex(query)
	if m == nil {
		return query, lockWait{how: waits, limit: LockTimeout}
	}
	base, end := query[:m[0]], ""
	if m[6] >= 0 {
		end = strings.ToUpper(strings.TrimSpace(query[m[6]:m[7]]))
	}
	seconds, bounded := strings.CutPrefix(end, "WAIT")
	switch {
	case end == "SKIP LOCKED":
		return base, lockWait{how: skips}
	case end == "NOWAIT":
		return base + " FOR UPDATE", lockWait{how: waits, code: busy}
	case bounded:
		n, _ := strconv.Atoi(strings.TrimSpace(seconds))
		return base + " FOR UPDATE", lockWait{how: waits, limit: time.Duration(n) * time.Second, code: expired}
	}
	return base + " FOR UPDATE", lockWait{how: waits, limit: LockTimeout}
}

// locking runs a statement and waits for rows as it says.
func (c *conn) locking(ctx context.Context, text string, lock lockWait) (*pgconn.Result, error) {
	switch {
	case lock.how == skips:
		return c.skipping(ctx, text)
	case lock.limit == 0:
		return c.atOnce(ctx, text)
	}
	end := time.Now().Add(lock.limit)
	for {
		result, err := c.run(ctx, text)
		if codeOf(err) != h2LockTimeout || time.Now().After(end) {
			return result, err
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
}

// atOnce runs a statement that does not wait for a row.
func (c *conn) atOnce(ctx context.Context, text string) (*pgconn.Result, error) {
	defer func() { _, _ = c.run(context.WithoutCancel(ctx), lockTimeout(attempt)) }()
	if _, err := c.run(ctx, lockTimeout(shortest)); err != nil {
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
		_, err := c.atOnce(ctx, "SELECT 1 FROM "+table+" WHERE _ROWID_ = "+id+" FOR UPDATE")
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
