package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/examples/internal/stage"
)

const (
	nodeCount = 3 // processes

	added stage.Kind = "added" // the back office added an execute
)

// show is one performance: a cluster, its back office and what became of it.
type show struct {
	*stage.Stage

	office *office
	line   timeline
	offset time.Duration // the database's clock minus this machine's
	ledger []stage.Event

	unit     time.Duration // a twelfth of the duration
	killed   stage.Event   // the node, and what it ran
	problems []string      // with the processes, or of the back office
}

// perform runs the show, prints what it amounts to, and reports whether all is
// well.
func perform(ctx context.Context, on *stage.Stage) (ok bool, err error) {
	s := &show{Stage: on, unit: (on.Duration / 12).Truncate(10 * time.Millisecond)}
	s.line = timeline{out: on.Out, colour: isTerminal(on.Out), dead: map[string]bool{}}
	if s.office, err = newOffice(on.DB, on.Prefix); err != nil {
		return false, err
	}
	info, err := s.office.Database(ctx)
	if err != nil {
		return false, err
	}
	s.offset = info.ClockOffset
	s.line.printf(bold, "A cluster on %s %s: %d node processes and a back office. Tables: %s…\n",
		info.Dialect, version(info), nodeCount, on.Prefix)

	err = s.open(ctx)
	if err == nil {
		err = s.play(ctx)
	}
	s.Stop(s.hear)
	if err != nil {
		return false, err
	}
	rows, err := s.office.rows(ctx)
	if err != nil {
		return false, err
	}
	return s.summarise(newAccount(s.office.plan, s.ledger, rows, s.line.zero)), nil
}

// version is the part of a database's version that matters here.
func version(info *client.DatabaseInfo) string {
	first, _, _ := strings.Cut(info.Version, "\n")
	first, _, _ = strings.Cut(first, " on ") // PostgreSQL goes on with its machine and compiler
	return first
}

// open starts the nodes and adds the executes.
func (s *show) open(ctx context.Context) error {
	for range nodeCount {
		node, err := s.Start(ctx, func(stage.Event) {}) // the timeline has not begun
		if err != nil {
			return err
		}
		s.line.nodes = append(s.line.nodes, node.Name)
		s.line.printf("", "%s has joined, process %d\n", node.Name, node.PID)
	}
	// On full seconds cron fires too; and there is time for everybody's next look
	// for new executes.
	s.line.zero = s.now().Add(2 * time.Second).Truncate(time.Second)
	if err := s.office.open(ctx, s.line.zero, s.unit); err != nil {
		return err
	}
	s.line.printf("", "\nThe back office has added:\n")
	for _, p := range s.office.plan {
		data := string(p.Data)
		if data == "" {
			data = "(the data of its job)"
		}
		s.line.printf("", "  %-8s %-22s %s\n", p.Name, p.words, data)
	}
	s.line.printf("", "\nSecond 0 is %s. Lanes: > a run starts, < it ends, X killed, . gone\n", s.line.zero.Format("15:04:05 MST"))
	s.line.header()
	return nil
}

// now is the database's clock, as well as it is known.
func (s *show) now() time.Time { return time.Now().Add(s.offset).UTC() }

// play shows what happens, kills the node of the long run and returns when
// everything has come to its end.
func (s *show) play(ctx context.Context) error {
	urgent := time.After(s.line.zero.Add(5 * s.unit).Sub(s.now()))
	deadline := time.After(s.line.zero.Add(s.Duration + 4*s.Lease + 10*time.Second).Sub(s.now()))
	var kill <-chan time.Time
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case e := <-s.Events:
			s.hear(e)
			if e.Kind == stage.Started && e.Name == backupName && kill == nil {
				s.killed = e
				kill = time.After(2 * s.unit)
			}
		case <-kill:
			s.kill()
		case <-urgent:
			urgent = nil
			if err := s.office.urgent(ctx); err != nil {
				return err
			}
			s.tell(stage.Event{Kind: added, Node: "office", Name: "urgent", Text: "by the back office, to run now"})
		case <-look.C:
			// While the kill is still to come, so is the end.
			if over, err := s.office.settled(ctx); err != nil || over && urgent == nil {
				return err
			}
		case <-deadline:
			return nil // what is missing will be found
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// kill ends the node of the long run.
func (s *show) kill() {
	e := stage.Event{Kind: stage.Killed, Node: s.killed.Node, Name: s.killed.Name, Nominal: s.killed.Nominal}
	e.Text = "by the back office, in the middle of this run"
	if err := s.Kill(e.Node); err != nil {
		s.problems = append(s.problems, fmt.Sprintf("%s could not be killed: %v", e.Node, err))
		return
	}
	s.killed.Kind, s.killed.Took = stage.Killed, s.now().Sub(s.killed.At)
	s.tell(e)
}

// hear takes in what a node tells.
func (s *show) hear(e stage.Event) {
	switch {
	case e.Kind == stage.Gone && e.Text != "":
		s.problems = append(s.problems, fmt.Sprintf("%s ended by itself: %s", e.Node, e.Text))
	case e.Kind != stage.Gone && e.Kind != stage.Elected: // who is master matters to no execute here
		s.tell(e)
	}
}

// tell adds an event to the ledger and to the timeline.
func (s *show) tell(e stage.Event) {
	if e.At.IsZero() {
		e.At = s.now()
	}
	if e.Name == "" {
		e.Name = s.nameOf(e.Execute)
	}
	s.ledger = append(s.ledger, e)
	s.line.print(e)
}

func (s *show) nameOf(id client.ID) string {
	for _, p := range s.office.plan {
		if p.ID == id {
			return p.Name
		}
	}
	return ""
}
