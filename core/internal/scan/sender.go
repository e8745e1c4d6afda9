package scan

import (
	"context"
	"slices"
	"time"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// sender claims the batches of one look, a few at a time, so that the database has
// something to do while this node starts what it got. It is of the loop's own
// goroutine.
type sender struct {
	ctx     context.Context
	loop    *Loop
	answers chan answer
	running int
	free    int // slots
	trust   int // how many more executes of others' shards may be claimed

	sent   int   // claims so far
	asked  int   // those that are not answered yet
	filled int   // slots, by those that are
	err    error // the first one: nothing is sent after it
}

// answer is what became of a batch.
type answer struct {
	asked, started int
	strange, met   bool // there were some of others' shards in it, and somebody at work there
	err            error
}

func (l *Loop) newSender(ctx context.Context, free int) *sender {
	return &sender{ctx: ctx, loop: l, free: free, trust: l.trust, answers: make(chan answer)}
}

// room returns how many slots are neither filled nor asked for.
func (s *sender) room() int { return s.free - s.filled - s.asked }

// send begins to claim a batch.
func (s *sender) send(batch []store.Claim, epoch int64) {
	if len(batch) == 0 {
		return
	}
	if s.running >= s.loop.lanes {
		s.next()
	}
	if s.err != nil {
		return
	}
	s.running++
	s.sent, s.asked = s.sent+len(batch), s.asked+len(batch)
	strange := slices.ContainsFunc(batch, func(c store.Claim) bool { return !s.loop.owns(c.Shard) })
	go func() {
		started, met, err := s.loop.send(s.ctx, batch, epoch)
		s.answers <- answer{len(batch), started, strange, met, err}
	}()
	if s.loop.lanes == 1 { // nor is the next page read meanwhile
		s.wait()
	}
}

// wait returns once all is answered.
func (s *sender) wait() {
	for s.running > 0 {
		s.next()
	}
}

// next takes in one answer.
func (s *sender) next() {
	a := <-s.answers
	s.running--
	s.asked -= a.asked
	s.filled += a.started
	if s.err == nil {
		s.err = a.err
	}
	l := s.loop
	switch {
	case a.met:
		l.shy, l.trust = time.Now().Add(l.cfg.Interval), probe
	case a.strange && a.err == nil:
		l.trust = min(2*l.trust, store.Batch*schema.Shards)
	}
}
