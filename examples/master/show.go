package main

import (
	"context"
	"fmt"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/examples/internal/stage"
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
	*stage.Stage

	office *client.Client
	offset time.Duration // the database's clock minus this machine's

	unit     time.Duration // between two instants
	zero     time.Time     // the first instant
	ids      map[string]client.ID
	book     []stage.Event
	masters  []stage.Event // the elections, in order
	killed   stage.Event   // the kill; its kind is set once it was done
	leaving  bool          // the show is over
	problems []string
}

// perform runs the show, prints what it amounts to, and reports whether all is
// well.
func perform(ctx context.Context, on *stage.Stage) (ok bool, err error) {
	s := &show{Stage: on, unit: (on.Duration / times).Truncate(10 * time.Millisecond), ids: map[string]client.ID{}}
	if s.office, err = client.New(on.DB, client.Config{TablePrefix: on.Prefix, Actor: "example"}); err != nil {
		return false, err
	}
	info, err := s.office.Database(ctx)
	if err != nil {
		return false, err
	}
	s.offset = info.ClockOffset
	s.printf("A cluster of %d node processes and a back office on %s. Tables: %s…\n", nodeCount, info.Dialect, on.Prefix)
	err = s.open(ctx)
	if err == nil {
		err = s.play(ctx)
	}
	s.leaving = true
	s.Stop(s.hear)
	if err != nil {
		return false, err
	}
	a, err := s.account(ctx)
	if err != nil {
		return false, err
	}
	return a.print(s.printf), nil
}

func (s *show) printf(format string, args ...any) { fmt.Fprintf(s.Out, format, args...) }

// now is the database's clock, as well as it is known.
func (s *show) now() time.Time { return time.Now().Add(s.offset).UTC() }

// open starts the nodes one after the other, so that the first is the oldest, and
// adds the executes.
func (s *show) open(ctx context.Context) error {
	for range nodeCount {
		if _, err := s.Start(ctx, s.hear); err != nil {
			return err
		}
	}
	s.zero = s.now().Add(2 * time.Second).Truncate(time.Second)
	schedule := client.Every(s.unit).Times(times).StartAt(s.zero)
	for name, option := range map[string]client.ExecuteOption{onMaster: client.OnMaster(), anywhere: client.OnAnyNode()} {
		job, err := s.office.AddJob(ctx, client.Job{App: appName, Class: work, Name: name, Data: task{stage.Pretend((s.unit / 2).Milliseconds())}})
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

// play kills the master in the middle of a run, once a third is over, and returns
// when nothing is left to fire.
func (s *show) play(ctx context.Context) error {
	deadline := time.After(s.zero.Add(s.Duration + 4*s.Lease + 20*time.Second).Sub(s.now()))
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	var kill <-chan time.Time
	for {
		select {
		case e := <-s.Events:
			s.hear(e)
			if kill == nil && e.Kind == stage.Started && e.Name == onMaster && e.Nominal.Sub(s.zero) >= s.Duration/3 {
				s.killed = stage.Event{Node: e.Node, Name: e.Name, Nominal: e.Nominal}
				kill = time.After(s.unit / 5)
			}
		case <-kill:
			if err := s.Kill(s.killed.Node); err != nil {
				return err
			}
			s.killed.Kind, s.killed.At = stage.Killed, s.now()
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
func (s *show) hear(e stage.Event) {
	switch {
	case e.Kind == stage.Gone && e.Text != "":
		s.problems = append(s.problems, fmt.Sprintf("%s ended by itself: %s", e.Node, e.Text))
	case e.Kind == stage.Trouble || e.Kind == stage.Lost || e.Kind == stage.Skipped:
		s.problems = append(s.problems, fmt.Sprintf("%s: %s %s", e.Node, e.Kind, e.Text))
	case e.Kind == stage.Elected && s.leaving: // by whoever of the nodes is still there
	case e.Kind != stage.Gone:
		s.tell(e)
	}
}

// tell adds an event to the book, and prints those that are about the master.
func (s *show) tell(e stage.Event) {
	if e.At.IsZero() {
		e.At = s.now()
	}
	s.book = append(s.book, e)
	at := "       "
	if !s.zero.IsZero() {
		at = fmt.Sprintf("%6.2fs", e.At.Sub(s.zero).Seconds())
	}
	switch e.Kind {
	case stage.Joined:
		s.printf("%s  %s has joined\n", at, e.Node)
	case stage.Elected:
		s.masters = append(s.masters, e)
		s.printf("%s  %s is master, epoch %d: %s\n", at, e.Peer, e.Count, e.Text)
	case stage.Removed:
		s.printf("%s  %s removes %s: its lease is over\n", at, e.Node, e.Peer)
	case stage.Killed:
		s.printf("%s  %s is KILLED in the middle of a run of %s\n", at, e.Node, e.Name)
	case stage.Started:
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
