package soak

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/quartz-cluster/quartz/client"
)

const (
	// calm and busy are distances between two calls of an operator.
	calm = 40 * time.Millisecond
	busy = 15 * time.Millisecond
	// jobPause is how long a job is paused: longer than a claim may be on its
	// way, so that a pause that does not hold shows.
	jobPause = 3500 * time.Millisecond
)

// edits is an operator at work: he edits, pauses and resumes at random.
type edits struct {
	cluster *cluster
	load    *load
	app     string
	nodes   []string
	random  *rand.Rand
	calls   int

	paused map[string]bool // what must be left alone until it is resumed
	due    []resumption
}

// resumption is what is to be resumed, and when.
type resumption struct {
	at     time.Time
	what   string
	resume func(ctx context.Context) error
}

func newEdits(c *cluster, l *load, app string, nodes []string, seed uint64) *edits {
	return &edits{
		cluster: c, load: l, app: app, nodes: nodes, random: rand.New(rand.NewPCG(seed, seed)), paused: map[string]bool{},
	}
}

// run works until ctx ends, and then resumes everything that is paused. What is
// rare comes first, so that it is in every run.
func (e *edits) run(ctx context.Context, distance time.Duration) error {
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

func (e *edits) act(ctx context.Context) error {
	e.calls++
	id := e.load.edit[e.random.IntN(len(e.load.edit))]
	switch n := e.random.IntN(1000); {
	case n < 350:
		return e.cluster.EditData(ctx, id)
	case n < 600:
		return e.reschedule(ctx, id)
	case n < 700:
		job := e.load.jobs[e.random.IntN(len(e.load.jobs))]
		return e.cluster.Describe(ctx, job, fmt.Sprintf("edition %d", e.calls))
	case n < 980:
		return e.pause(ctx, id)
	case n < 996:
		return e.pauseJob(ctx)
	default:
		return e.pauseNode(ctx)
	}
}

func (e *edits) pauseJob(ctx context.Context) error {
	job := e.load.jobs[e.random.IntN(len(e.load.jobs))]
	return e.once("job "+job.String(), jobPause, func() (bool, error) { return true, e.cluster.PauseJob(ctx, job) },
		func(ctx context.Context) error { return e.cluster.ResumeJob(ctx, job) })
}

// pauseNode pauses one node at a time: the others must do its work.
func (e *edits) pauseNode(ctx context.Context) error {
	key := e.nodes[e.random.IntN(len(e.nodes))]
	return e.once("node", jobPause, func() (bool, error) { return true, e.cluster.PauseNode(ctx, e.app, key) },
		func(ctx context.Context) error { return e.cluster.ResumeNode(ctx, e.app, key) })
}

// reschedule gives an execute a schedule of the same rate, whatever its type is.
func (e *edits) reschedule(ctx context.Context, id client.ID) error {
	info, err := e.cluster.Client.GetExecute(ctx, id)
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
		next = client.Cron(fmt.Sprintf("%d/%d * * * * ?", e.random.IntN(2), 1+e.random.IntN(3)), zones[e.random.IntN(len(zones))])
	}
	if !s.End.IsZero() {
		if s.End.Before(e.cluster.clock.Latest().Add(5 * time.Second)) {
			return nil // it is about to end
		}
		next = next.Until(s.End)
	}
	return e.cluster.Reschedule(ctx, id, next)
}

func (e *edits) pause(ctx context.Context, id client.ID) error {
	length := time.Duration(300+e.random.IntN(4000)) * time.Millisecond
	return e.once("execute "+id.String(), length, func() (bool, error) { return e.cluster.Pause(ctx, id) },
		func(ctx context.Context) error { return e.cluster.Resume(ctx, id) })
}

// once pauses something that is not paused yet and remembers to resume it.
func (e *edits) once(what string, length time.Duration, pause func() (bool, error), resume func(ctx context.Context) error) error {
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

func (e *edits) resume(ctx context.Context, now func(resumption) bool) error {
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
