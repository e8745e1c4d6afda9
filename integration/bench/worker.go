package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/quartz-cluster/quartz/core/observe"
)

// workIfAsked is the whole of a worker process, and returns at once in any other.
func workIfAsked() {
	text := os.Getenv(environment)
	if text == "" {
		return
	}
	var cfg config
	err := json.Unmarshal([]byte(text), &cfg)
	if err == nil {
		err = work(context.Background(), cfg, os.Stdin, newSpeaker(os.Stdout))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench worker:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// engine is what a worker process runs.
type engine interface {
	start(ctx context.Context) error // returns once it is ready to work
	stop(ctx context.Context) error
}

// work does what it is told, until it is told to stop or its input ends, which the
// death of the program that started it does too.
func work(ctx context.Context, cfg config, in io.Reader, out *speaker) error {
	t := &tally{out: out, starts: cfg.Starts, news: make(chan struct{}, 1)}
	open := openQuartz
	if cfg.Engine == "river" {
		open = openRiver
	}
	e, err := open(ctx, cfg, t)
	if err != nil {
		return err
	}
	if err := out.say(message{Ready: true}); err != nil {
		return err
	}
	for words := bufio.NewScanner(in); words.Scan(); {
		switch words.Text() {
		case wordGo:
			t.allocated, t.used = allocations(), cpuTime()
			if err := e.start(ctx); err != nil {
				return err
			}
			go t.tell(ctx)
			err = out.say(message{Started: true})
		case wordUsage:
			err = out.say(message{Usage: t.usage()})
		case wordStop:
			if err := e.stop(ctx); err != nil {
				return err
			}
			return out.say(message{End: t.end()})
		}
		if err != nil {
			return err
		}
	}
	return io.ErrUnexpectedEOF
}

// tally is what a worker process counts.
type tally struct {
	out    *speaker
	starts bool
	news   chan struct{} // something completed since it was last told

	completed  atomic.Int64
	last       atomic.Int64 // when, in nanoseconds
	late       histogram
	statements func() int64
	asked      atomic.Int64
	allocated  int64 // before it began
	used       time.Duration
	spans      atomic.Int64
	odd        [len(oddities)]atomic.Int64
}

// oddities are the events that an undisturbed worker should not have.
var oddities = [...]observe.Kind{
	observe.Trouble, observe.Superseded, observe.Abandoned, observe.Lost, observe.LeaseLost,
	observe.DatabaseAway, observe.Misfired, observe.Skipped, observe.Failed,
}

// complete counts a fire whose outcome is in the database.
func (t *tally) complete(at time.Time) {
	t.completed.Add(1)
	t.last.Store(at.UnixNano())
	select {
	case t.news <- struct{}{}:
	default:
	}
}

// started takes in the start of a handler.
func (t *tally) started(id int64, nominal time.Time) {
	now := time.Now()
	t.late.add(now.Sub(nominal))
	if t.starts {
		_ = t.out.say(message{Start: &start{id, now}}) // without a reader there is nothing to measure
	}
}

// tell says how far the process is, at most every 20 ms, and nothing while nothing
// happens: B7 measures what an idle process costs.
func (t *tally) tell(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.news:
		}
		if pause(ctx, 20*time.Millisecond) != nil {
			return
		}
		_ = t.out.say(message{Count: &count{t.completed.Load(), time.Unix(0, t.last.Load())}}) // as above
	}
}

// allocations returns how many the process has made.
func allocations() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Mallocs)
}

func (t *tally) usage() *usage {
	u := &usage{At: time.Now(), CPU: cpuTime()}
	if t.statements != nil {
		u.Statements = t.statements()
	}
	return u
}

func (t *tally) end() *end {
	e := &end{
		Late: t.late.lateness(), Asked: t.asked.Load(), Spans: t.spans.Load(), Events: map[string]int64{},
		Allocs: allocations() - t.allocated, CPU: cpuTime() - t.used,
	}
	for i := range t.odd {
		if n := t.odd[i].Load(); n > 0 {
			e.Events[string(oddities[i])] = n
		}
	}
	return e
}
