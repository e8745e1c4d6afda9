package proxy

import (
	"bufio"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// dialTimeout bounds how long the proxy waits for the database itself.
const dialTimeout = 5 * time.Second

// link is one connection of the node's and the one behind it.
type link struct {
	proxy          *Proxy
	client, server net.Conn
	tx             []string
	inTx           bool

	slow    atomic.Int64  // by how much the next reply is held back
	swallow atomic.Bool   // replies go nowhere
	replied chan struct{} // closed when the first of them came
	once    sync.Once
}

func (p *Proxy) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	l := &link{proxy: p, client: client, replied: make(chan struct{})}
	if !p.enter(l) {
		reset(client)
		return
	}
	defer p.leave(l)
	if !p.pass(&p.up) {
		return
	}
	server, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(p.ctx, "tcp", p.target)
	if err != nil {
		reset(client)
		return
	}
	defer func() { _ = server.Close() }()
	p.change(func() { l.server = server })
	var down sync.WaitGroup
	down.Go(l.replies)
	l.requests()
	_ = server.Close()
	_ = client.Close()
	down.Wait()
}

func (p *Proxy) enter(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refuse || p.ctx.Err() != nil {
		return false
	}
	p.links[l] = struct{}{}
	return true
}

func (p *Proxy) leave(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}

// cut ends the link; the proxy is locked.
func (l *link) cut() {
	reset(l.client)
	if l.server != nil {
		_ = l.server.Close()
	}
}

// reset ends a connection so that the other side knows at once.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// requests passes on what the node sends, one statement at a time.
func (l *link) requests() {
	in := bufio.NewReaderSize(l.client, 64<<10)
	next := l.proxy.read()
	for {
		bytes, text, err := next(in)
		if err != nil {
			return
		}
		action := l.rule(text)
		if action.Late > 0 {
			l.late(bytes, action)
			return
		}
		if action.Lose {
			l.swallow.Store(true)
		}
		l.slow.Store(int64(action.Slow))
		if !l.proxy.sleep(action.Hold) || !l.proxy.pass(&l.proxy.up) {
			return
		}
		if _, err := l.server.Write(bytes); err != nil {
			return
		}
		if action.Lose {
			l.awaitReply()
			if action.Then != nil {
				action.Then()
			}
			reset(l.client)
			return
		}
	}
}

// late delivers a statement that the node cannot wait for any more.
func (l *link) late(bytes []byte, action Action) {
	l.swallow.Store(true)
	reset(l.client)
	if action.Then != nil {
		action.Then()
	}
	if !l.proxy.sleep(action.Late) {
		return
	}
	if _, err := l.server.Write(bytes); err == nil {
		l.awaitReply()
	}
}

func (l *link) awaitReply() {
	select {
	case <-l.replied:
	case <-l.proxy.ctx.Done():
	}
}

// rule asks what becomes of a statement, and keeps account of its transaction.
func (l *link) rule(text string) Action {
	if text == "" {
		return Action{}
	}
	p := l.proxy
	p.mu.Lock()
	rule := p.rule
	p.mu.Unlock()
	s := Statement{Text: text, InTx: l.inTx, Tx: l.tx}
	switch {
	case isBegin(text):
		l.inTx, l.tx = true, nil
	case isCommit(text), isRollback(text):
		l.inTx, l.tx = false, nil
	case l.inTx:
		l.tx = append(l.tx, text)
	}
	if rule == nil || isBegin(text) || isRollback(text) {
		return Action{}
	}
	return rule(s)
}

func isBegin(text string) bool    { return begins(text, "begin") || begins(text, "start transaction") }
func isCommit(text string) bool   { return begins(text, "commit") }
func isRollback(text string) bool { return begins(text, "rollback") }

func begins(text, word string) bool {
	return len(text) >= len(word) && strings.EqualFold(text[:len(word)], word)
}

// replies passes on what the database answers.
func (l *link) replies() {
	defer l.once.Do(func() { close(l.replied) })
	buffer := make([]byte, 32<<10)
	for {
		n, err := l.server.Read(buffer)
		if n > 0 {
			if l.swallow.Load() {
				l.once.Do(func() { close(l.replied) })
				continue
			}
			if !l.proxy.sleep(time.Duration(l.slow.Swap(0))) || !l.proxy.pass(&l.proxy.down) {
				return
			}
			if _, failed := l.client.Write(buffer[:n]); failed != nil {
				return
			}
		}
		if err != nil {
			reset(l.client)
			return
		}
	}
}
