package proxy

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
)

// Proxy is one node's way to its database.
type Proxy struct {
	// DSN leads through the proxy.
	DSN string

	target   string
	read     reader
	listener net.Listener
	ctx      context.Context
	end      context.CancelFunc
	work     sync.WaitGroup

	mu     sync.Mutex
	up     way
	down   way
	refuse bool
	rule   Rule
	links  map[*link]struct{}
}

// way is one direction of all connections.
type way struct {
	held  chan struct{} // closed when nothing is held any more; nil: nothing is
	delay time.Duration
}

func (w *way) hold() {
	if w.held == nil {
		w.held = make(chan struct{})
	}
}

func (w *way) free() {
	if w.held != nil {
		close(w.held)
	}
	*w = way{}
}

// New starts a proxy in front of the database that the DSN leads to. It ends
// with the test.
func New(t testing.TB, kind testdb.Kind, dsn string) *Proxy {
	t.Helper()
	read, ok := readers[kind]
	if !ok {
		t.Fatalf("the proxy does not speak the language of %s", kind)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	through, target, err := testdb.Through(kind, dsn, listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{DSN: through, target: target, read: read, listener: listener, links: map[*link]struct{}{}}
	p.ctx, p.end = context.WithCancel(context.WithoutCancel(t.Context()))
	p.work.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

func (p *Proxy) close() {
	p.end()
	_ = p.listener.Close()
	p.Reset()
	p.work.Wait()
}

func (p *Proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		p.work.Go(func() { p.serve(conn) })
	}
}

// Cut lets nothing pass.
func (p *Proxy) Cut() { p.change(func() { p.up.hold(); p.down.hold() }) }

// Deafen lets requests pass and no replies.
func (p *Proxy) Deafen() { p.change(p.down.hold) }

// Mute lets replies pass and no requests.
func (p *Proxy) Mute() { p.change(p.up.hold) }

// Slow makes each direction take so much longer.
func (p *Proxy) Slow(d time.Duration) { p.change(func() { p.up.delay, p.down.delay = d, d }) }

// Refuse cuts everybody off and turns away who connects.
func (p *Proxy) Refuse() {
	p.change(func() { p.refuse = true })
	p.Reset()
}

// Heal ends all of that, and the rule.
func (p *Proxy) Heal() {
	p.change(func() {
		p.up.free()
		p.down.free()
		p.refuse, p.rule = false, nil
	})
}

// Reset cuts everybody off once.
func (p *Proxy) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.cut()
	}
}

// Rule picks statements from now on; nil picks none.
func (p *Proxy) Rule(r Rule) { p.change(func() { p.rule = r }) }

func (p *Proxy) change(do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	do()
}

// pass waits until a direction is free, and as long as it takes longer, and
// reports whether the proxy still stands.
func (p *Proxy) pass(w *way) bool {
	p.mu.Lock()
	delay := w.delay
	p.mu.Unlock()
	if !p.sleep(delay) {
		return false
	}
	for {
		p.mu.Lock()
		held := w.held
		p.mu.Unlock()
		if held == nil {
			return true
		}
		select {
		case <-p.ctx.Done():
			return false
		case <-held:
		}
	}
}

func (p *Proxy) sleep(d time.Duration) bool {
	if d <= 0 {
		return p.ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-p.ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
