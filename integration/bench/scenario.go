package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
)

// scenario is one thing to measure.
type scenario struct {
	name  string
	about string
	// run measures it once, yardsticks included.
	run func(ctx context.Context, b *bench) ([]figure, error)
	// only is the kind that it is for; empty: all.
	only testdb.Kind
}

func (s scenario) runsOn(kind testdb.Kind) bool { return s.only == "" || s.only == kind }

var scenarios = []scenario{
	{"B1", "burn-down of one-shot executes", burnDown, ""},
	{"B2", "executes that fire every second", recurring, ""},
	{"B3", "from an add to its start", addToStart, ""},
	{"B4", "several worker processes", processes, ""},
	{"B5", "the scan among many rows", findDue, ""},
	{"B6", "an hour compressed", hour, ""},
	{"B7", "nothing to do", idle, ""},
	{"B8", "burn-down that OpenTelemetry sees", observed, ""},
	{"plans", "the catalogue of queries", plans, testdb.Postgres},
}

// figure is what one run measured, with what it is to be held against.
type figure struct {
	name  string // empty: the scenario's only one
	unit  string
	value float64
	yards []yard
}

// yard is a yardstick as measured in the same run.
type yard struct {
	name  string
	value float64
}

// bench is the place and the size of a run.
type bench struct {
	kind  testdb.Kind
	scale float64
	log   io.Writer
}

// scaled returns a count as -scale shrinks it, at least the least that makes sense.
func (b *bench) scaled(n, least int) int { return max(int(float64(n)*b.scale), least) }

// brief reports that the run is to show no more than that it works.
func (b *bench) brief() bool { return b.scale < 0.001 }

// note tells how far the run is.
func (b *bench) note(format string, args ...any) {
	fmt.Fprintf(b.log, "%s %s: %s\n", time.Now().Format(time.TimeOnly), b.kind, fmt.Sprintf(format, args...))
}

// odd tells of what should not have happened to a worker.
func (b *bench) odd(e *end) {
	if len(e.Events) > 0 {
		b.note("the worker had %v", e.Events)
	}
}

func perSecond(n int, took time.Duration) float64 { return float64(n) / took.Seconds() }
