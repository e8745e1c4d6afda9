package operator

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/quartz-cluster/quartz/client"
)

// jobPause is how long a job is paused: longer than a claim may be on its way, so
// that a pause that does not hold shows.
const jobPause = 3500 * time.Millisecond

// Work is an operator at work: he edits, pauses and resumes at random.
type Work struct {
	// Operator does it. Required.
	Operator *Operator
	// App and Nodes, by their keys, are where he pauses nodes. Required.
	App   string
	Nodes []string
	// Executes are those that he edits and pauses, Jobs those that he pauses.
	// Required.
	Executes, Jobs []client.ID
	// Zones are those in which he writes cron expressions. Required.
	Zones []string
	// Seed is that of his whims.
	Seed uint64

	random *rand.Rand
	calls  int
	paused map[string]bool // what must be left alone until it is resumed
	due    []resumption
}

// resumption is what is to be resumed, and when.
type resumption struct {
	at     time.Time
	what   string
	resume func(ctx context.Context) error
}

// Run works, with a call after each distance, until ctx ends, and then resumes everything that is paused. What is
// rare comes first, so that it is in every run.
func (e *Work) Run(ctx context.Context, distance time.Duration) error {
	e.random, e.paused = rand.New(rand.NewPCG(e.Seed, e.Seed)), map[string]bool{}
	tick := time.NewTicker(distance)
	defer tick.Stop()
	// A call that has begun is waited for: what it did must be known.
	calling := context.WithoutCancel(ctx)
	if err := errors.Join(e.pauseJob(calling), e.pauseNode(calling)); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return e.resume(calling, func(resumption) bool { return true })
		case now := <-tick.C:
			if err := e.resume(calling, func(r resumption) bool { return !now.Before(r.at) }); err != nil {
				return err
			}
			if err := e.act(calling); err != nil {
				return err
			}
		}
	}
}

// Calls returns how many calls there were besides pauses and resumptions.
func (e *Work) Calls() int { return e.calls }

func (e *Work) act(ctx context.Context) error {
	e.calls++
	id := e.Executes[e.random.IntN(len(e.Executes))]
	switch n := e.random.IntN(1000); {
	case n < 50:
		_, err := e.Operator.RunNow(ctx, id)
		return err
	case n < 350:
		return e.Operator.EditData(ctx, id)
	case n < 600:
		return e.reschedule(ctx, id)
	case n < 700:
		job := e.Jobs[e.random.IntN(len(e.Jobs))]
		return e.Operator.Describe(ctx, job, fmt.Sprintf("edition %d", e.calls))
	case n < 980:
		return e.pause(ctx, id)
	case n < 996:
		return e.pauseJob(ctx)
	default:
		return e.pauseNode(ctx)
	}
}

func (e *Work) pauseJob(ctx context.Context) error {
	job := e.Jobs[e.random.IntN(len(e.Jobs))]
	return e.once("job "+job.String(), jobPause, func() (bool, error) { return true, e.Operator.PauseJob(ctx, job) },
		func(ctx context.Context) error { return e.Operator.ResumeJob(ctx, job) })
}

// pauseNode pauses one node at a time: the others must do its work.
func (e *Work) pauseNode(ctx context.Context) error {
	key := e.Nodes[e.random.IntN(len(e.Nodes))]
	return e.once("node", jobPause, func() (bool, error) { return true, e.Operator.PauseNode(ctx, e.App, key) },
		func(ctx context.Context) error { return e.Operator.ResumeNode(ctx, e.App, key) })
}

// reschedule gives an execute a schedule of the same rate, whatever its type is.
func (e *Work) reschedule(ctx context.Context, id client.ID) error {
	info, err := e.Operator.Client.GetExecute(ctx, id)
	if err != nil {
		return err
	}
	s := info.Schedule
	every := s.Interval
	if s.Cron != "" || every == 0 {
		every = time.Second
	}
	next := client.Every(every)
	switch {
	case s.Count > 0:
		next = next.Times(2 + e.random.Int64N(4))
	case e.random.IntN(2) == 0 && every >= time.Second:
		next = client.Cron(fmt.Sprintf("%d/%d * * * * ?", e.random.IntN(2), 1+e.random.IntN(3)), e.Zones[e.random.IntN(len(e.Zones))])
	}
	if !s.End.IsZero() {
		if s.End.Before(e.Operator.clock.Latest().Add(5 * time.Second)) {
			return nil // it is about to end
		}
		next = next.Until(s.End)
	}
	return e.Operator.Reschedule(ctx, id, next)
}

func (e *Work) pause(ctx context.Context, id client.ID) error {
	length := time.Duration(300+e.random.IntN(4000)) * time.Millisecond
	return e.once("execute "+id.String(), length, func() (bool, error) { return e.Operator.Pause(ctx, id) },
		func(ctx context.Context) error { return e.Operator.Resume(ctx, id) })
}

// once pauses something that is not paused yet and remembers to resume it.
func (e *Work) once(what string, length time.Duration, pause func() (bool, error), resume func(ctx context.Context) error) error {
	if e.paused[what] {
		return nil
	}
	done, err := pause()
	if err != nil || !done {
		return err
	}
	e.paused[what] = true
	e.due = append(e.due, resumption{time.Now().Add(length), what, resume})
	return nil
}

func (e *Work) resume(ctx context.Context, now func(resumption) bool) error {
	var left []resumption
	for _, r := range e.due {
		if !now(r) {
			left = append(left, r)
			continue
		}
		if err := r.resume(ctx); err != nil {
			return fmt.Errorf("resume %s: %w", r.what, err)
		}
		delete(e.paused, r.what)
	}
	e.due = left
	return nil
}
