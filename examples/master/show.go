package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

const (
	appName   = "master"
	work      = "work"  // the class of both jobs
	onMaster  = "rates" // the execute that the master runs
	anywhere  = "mails" // the execute that any node runs
	nodeCount = 3
	times     = 24 // instants of each execute
)

// show is one performance.
type show struct {
	options

	out     io.Writer
	tables  *tables
	office  *client.Client
	cluster *cluster
	offset  time.Duration // the database's clock minus this machine's

	unit     time.Duration // between two instants
	zero     time.Time     // the first instant
	ids      map[string]client.ID
	book     []event
	masters  []event // the elections, in order
	killed   event   // the kill; its kind is set once it was done
	problems []string
}

// perform runs the show and returns what it amounts to.
func perform(ctx context.Context, opts options, out, stderr io.Writer) (a *account, err error) {
	s := &show{
		options: opts, out: out, unit: (opts.duration / times).Truncate(10 * time.Millisecond), ids: map[string]client.ID{},
		cluster: &cluster{events: make(chan event)},
	}
	if s.tables, err = openTables(ctx, opts.dsn); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.tables.close(ctx)) }()
	if s.office, err = client.New(s.tables.db, client.Config{Prefix: s.tables.prefix, Actor: "example"}); err != nil {
		return nil, err
	}
	info, err := s.office.Database(ctx)
	if err != nil {
		return nil, err
	}
	s.offset = info.ClockOffset
	s.printf("A cluster of %d node processes and a back office on %s. Tables: %s…\n", nodeCount, info.Dialect, s.tables.prefix)
	err = s.open(ctx, stderr)
	if err == nil {
		err = s.play(ctx)
	}
	s.cluster.stop(s.hear)
	if err != nil {
		return nil, err
	}
	return s.account(ctx)
}

func (s *show) printf(format string, args ...any) { fmt.Fprintf(s.out, format, args...) }

// now is the database's clock, as well as it is known.
func (s *show) now() time.Time { return time.Now().Add(s.offset).UTC() }

// open starts the nodes one after the other, so that the first is the oldest, and
// adds the executes.
func (s *show) open(ctx context.Context, stderr io.Writer) error {
	for i := range nodeCount {
		cfg := nodeConfig{
			DSN: s.tables.dsn, Prefix: s.tables.prefix, Key: fmt.Sprintf("node-%d", i+1), Lease: s.lease, Work: s.unit / 2, Verbose: s.verbose,
		}
		if err := s.cluster.start(ctx, cfg, stderr); err != nil {
			return err
		}
		if err := s.await(ctx, joined, cfg.Key); err != nil {
			return err
		}
	}
	s.zero = s.now().Add(2 * time.Second).Truncate(time.Second)
	schedule := client.Every(s.unit).Times(times).StartAt(s.zero)
	for name, option := range map[string]client.ExecuteOption{onMaster: client.OnMaster(), anywhere: client.OnAnyNode()} {
		job, err := s.office.AddJob(ctx, client.Job{App: appName, Class: work, Name: name})
		if err != nil {
			return err
		}
		// What the master was at when it is killed is to be run once more.
		e, err := s.office.AddExecute(ctx, job.ID, schedule, client.Named(name), client.Recover(), option)
		if err != nil {
			return err
		}
		s.ids[name] = e.ID
	}
	s.printf("%q runs on the master, %q on any node: every %s, %d times each.\n\n", onMaster, anywhere, s.unit, times)
	return nil
}

// await hears until a node tells something.
func (s *show) await(ctx context.Context, k kind, node string) error {
	patience := time.NewTimer(30 * time.Second)
	defer patience.Stop()
	for {
		select {
		case e := <-s.cluster.events:
			s.hear(e)
			switch {
			case e.Kind == k && e.Node == node:
				return nil
			case e.Kind == gone:
				return fmt.Errorf("%s ended: %s", e.Node, e.Text)
			}
		case <-patience.C:
			return fmt.Errorf("%s has not %s within 30 s: try -v", node, k)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// play kills the master in the middle of a run, once a third is over, and returns
// when nothing is left to fire.
func (s *show) play(ctx context.Context) error {
	deadline := time.After(s.zero.Add(s.duration + 4*s.lease + 20*time.Second).Sub(s.now()))
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	var kill <-chan time.Time
	for {
		select {
		case e := <-s.cluster.events:
			s.hear(e)
			if kill == nil && e.Kind == started && e.Name == onMaster && e.Nominal.Sub(s.zero) >= s.duration/3 {
				s.killed = event{Node: e.Node, Name: e.Name, Nominal: e.Nominal}
				kill = time.After(s.unit / 5)
			}
		case <-kill:
			if err := s.cluster.kill(s.killed.Node); err != nil {
				return err
			}
			s.killed.Kind, s.killed.At = killed, s.now()
			s.tell(s.killed)
		case <-look.C:
			over, err := s.settled(ctx)
			if err != nil || over {
				return err
			}
		case <-deadline:
			return nil // what is missing will be found
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (s *show) settled(ctx context.Context) (bool, error) {
	for _, id := range s.ids {
		e, err := s.office.GetExecute(ctx, id)
		if err != nil || e.State != schema.Complete || e.Counts.Fires < times {
			return false, err
		}
	}
	return true, nil
}

// hear takes in what a node tells.
func (s *show) hear(e event) {
	switch {
	case e.Kind == gone && e.Text != "" && (e.Node != s.killed.Node || s.killed.Kind != killed):
		s.problems = append(s.problems, fmt.Sprintf("%s ended by itself: %s", e.Node, e.Text))
	case e.Kind == trouble:
		s.problems = append(s.problems, fmt.Sprintf("%s: %s", e.Node, e.Text))
	case e.Kind != gone:
		s.tell(e)
	}
}

// tell adds an event to the book, and prints those that are about the master.
func (s *show) tell(e event) {
	if e.At.IsZero() {
		e.At = s.now()
	}
	s.book = append(s.book, e)
	at := "       "
	if !s.zero.IsZero() {
		at = fmt.Sprintf("%6.2fs", e.At.Sub(s.zero).Seconds())
	}
	switch e.Kind {
	case joined:
		s.printf("%s  %s has joined\n", at, e.Node)
	case elected:
		s.masters = append(s.masters, e)
		s.printf("%s  %s is master, epoch %d: %s\n", at, e.Peer, e.Epoch, e.Text)
	case removed:
		s.printf("%s  %s removes %s: its lease is over\n", at, e.Node, e.Peer)
	case killed:
		s.printf("%s  %s is KILLED in the middle of a run of %s\n", at, e.Node, e.Name)
	case started:
		if e.Name == onMaster {
			again := ""
			if e.Attempt > 1 {
				again = fmt.Sprintf(", attempt %d", e.Attempt)
			}
			s.printf("%s  %s runs %s of %.2fs%s\n", at, e.Node, e.Name, e.Nominal.Sub(s.zero).Seconds(), again)
		}
	default:
	}
}
