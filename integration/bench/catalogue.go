package main

import (
	"context"
	"encoding/json"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"gorm.io/gorm"
)

// catalogue holds what was explained, each statement once.
type catalogue struct {
	place *place

	mu      sync.Mutex
	seen    map[string]bool
	entries []entry
}

type entry struct {
	by      string // the function that sends it
	took    float64
	indexes []string
}

var binds = regexp.MustCompile(`\$\d+(,\$\d+)*`)

func (c *catalogue) explain(db *gorm.DB) {
	query, args := db.Statement.SQL.String(), db.Statement.Vars
	by := sender()
	key := by + binds.ReplaceAllString(query, "?")
	c.mu.Lock()
	defer c.mu.Unlock()
	if by == "" || c.seen[key] || !strings.Contains(query, "QRTZ_") && !strings.Contains(query, "qrtz_") {
		return
	}
	c.seen[key] = true
	took, indexes, err := c.ask(db.Statement.Context, "(ANALYZE, FORMAT JSON)", query, args)
	if err != nil { // what it waits for is held by the caller's own transaction
		took, indexes, err = c.ask(db.Statement.Context, "(FORMAT JSON)", query, args)
	}
	if err != nil {
		indexes = []string{err.Error()}
	}
	c.entries = append(c.entries, entry{by, took, indexes})
}

// ask lets the server run a statement for its plan, and undo it, or just plan it.
func (c *catalogue) ask(ctx context.Context, how, query string, args []any) (took float64, indexes []string, err error) {
	tx, err := c.place.pool.BeginTx(ctx, nil)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, "SET LOCAL lock_timeout = '100ms'"); err != nil {
		return 0, nil, err
	}
	var text string
	if err := tx.QueryRowContext(ctx, "EXPLAIN "+how+" "+query, args...).Scan(&text); err != nil {
		return 0, nil, err
	}
	var out []struct {
		Plan step
		Took float64 `json:"Execution Time"`
	}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		return 0, nil, err
	}
	out[0].Plan.walk(func(s step) {
		name := s.Index
		if s.Kind == "Seq Scan" && s.Table == "qrtz_execute" {
			name = "all executes"
		}
		if name != "" && !slices.Contains(indexes, name) {
			indexes = append(indexes, name)
		}
	})
	return out[0].Took, indexes, nil
}

// step is a node of a plan.
type step struct {
	Kind  string `json:"Node Type"`
	Index string `json:"Index Name"`
	Table string `json:"Relation Name"`
	Plans []step
}

func (s step) walk(visit func(step)) {
	visit(s)
	for _, p := range s.Plans {
		p.walk(visit)
	}
}

// sender names the function of a store that sends the statement at hand.
func sender() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := frames.Next()
		for side, folder := range map[string]string{"core": "quartz/core/internal/store.", "client": "quartz/client/internal/store."} {
			if strings.Contains(f.Function, folder) {
				name := strings.TrimPrefix(path.Base(f.Function), "store.")
				for _, suffix := range []string{".func", "-range", "["} { // of a closure, a loop's body, a type parameter
					name, _, _ = strings.Cut(name, suffix)
				}
				return side + " " + strings.NewReplacer("(*Store).", "", "Store.", "").Replace(name)
			}
		}
		if !more {
			return ""
		}
	}
}
