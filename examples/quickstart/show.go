package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/quartz-cluster/quartz/client"
)

// nodeCount is how many node processes there are.
const nodeCount = 3

// show is one performance: a cluster, its back office and what became of it.
type show struct {
	options
	place  *place
	office *office
	nodes  *cluster
	line   timeline
	offset time.Duration // the database's clock minus this machine's
	ledger []event

	unit     time.Duration // a twelfth of the duration
	killed   event         // the node, and what it ran
	problems []string      // with the processes, or of the back office
}

// perform runs the show and returns what it amounts to.
func perform(ctx context.Context, opts options, out, stderr io.Writer) (*account, *show, error) {
	s := &show{options: opts, unit: (opts.duration / 12).Truncate(10 * time.Millisecond)}
	s.line = timeline{out: out, colour: isTerminal(out), dead: map[string]bool{}}
	var err error
	if s.place, err = openPlace(ctx, opts.dsn); err != nil {
		return nil, s, err
	}
	a, err := s.run(ctx, stderr)
	return a, s, errors.Join(err, s.place.close(ctx))
}

func (s *show) run(ctx context.Context, stderr io.Writer) (*account, error) {
	var err error
	if s.office, err = newOffice(s.place.db, s.place.prefix); err != nil {
		return nil, err
	}
	info, err := s.office.Database(ctx)
	if err != nil {
		return nil, err
	}
	s.offset = info.ClockOffset
	s.line.printf(bold, "A cluster on %s %s: %d node processes and a back office. Tables: %s…\n",
		info.Dialect, version(info), nodeCount, s.place.prefix)

	config := nodeConfig{DSN: s.place.dsn, Prefix: s.place.prefix, Lease: s.lease, Verbose: s.verbose}
	s.nodes, err = startCluster(ctx, nodeCount, config, stderr)
	if err == nil {
		err = s.open(ctx)
	}
	if err == nil {
		err = s.play(ctx)
	}
	s.nodes.stop(s.hear)
	if err != nil {
		return nil, err
	}
	rows, err := s.office.rows(ctx)
	if err != nil {
		return nil, err
	}
	return newAccount(s.office.plan, s.ledger, rows, s.line.zero), nil
}

// version is the part of a database's version that matters here.
func version(info *client.DatabaseInfo) string {
	first, _, _ := strings.Cut(info.Version, "\n")
	first, _, _ = strings.Cut(first, " on ") // PostgreSQL goes on with its machine and compiler
	return first
}

// open waits for the nodes and adds the executes.
func (s *show) open(ctx context.Context) error {
	patience := time.NewTimer(30 * time.Second)
	defer patience.Stop()
	for here := 0; here < nodeCount; {
		select {
		case e := <-s.nodes.events:
			switch e.Kind {
			case joined:
				here++
			case gone:
				return fmt.Errorf("%s ended before it had joined: %s", e.Node, e.Text)
			}
		case <-patience.C:
			return fmt.Errorf("%d of %d nodes have not joined within 30 s: try -v", nodeCount-here, nodeCount)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	for _, p := range s.nodes.nodes {
		s.line.nodes = append(s.line.nodes, p.name)
		s.line.printf("", "%s has joined, process %d\n", p.name, p.cmd.Process.Pid)
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
	deadline := time.After(s.line.zero.Add(s.duration + 4*s.lease + 10*time.Second).Sub(s.now()))
	var kill <-chan time.Time
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case e := <-s.nodes.events:
			s.hear(e)
			if e.Kind == started && e.Name == backupName && kill == nil {
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
			s.tell(event{Kind: added, Node: "office", Name: "urgent", Text: "by the back office, to run now"})
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
	e := event{Kind: killed, Node: s.killed.Node, Name: s.killed.Name, Nominal: s.killed.Nominal}
	e.Text = "by the back office, in the middle of this run"
	if err := s.nodes.kill(e.Node); err != nil {
		s.problems = append(s.problems, fmt.Sprintf("%s could not be killed: %v", e.Node, err))
		return
	}
	s.killed.Kind, s.killed.Took = killed, s.now().Sub(s.killed.At)
	s.tell(e)
}

// hear takes in what a node tells.
func (s *show) hear(e event) {
	switch {
	case e.Kind == gone && e.Text != "" && (e.Node != s.killed.Node || s.killed.Kind != killed):
		s.problems = append(s.problems, fmt.Sprintf("%s ended by itself: %s", e.Node, e.Text))
	case e.Kind != gone:
		s.tell(e)
	}
}

// tell adds an event to the ledger and to the timeline.
func (s *show) tell(e event) {
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
