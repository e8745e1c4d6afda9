package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

// patience is how long a process may take to answer.
const patience = time.Minute

// process is a worker process as the bench sees it.
type process struct {
	command *exec.Cmd
	in      io.WriteCloser
	answers chan message
	starts  chan start

	mu     sync.Mutex
	counts []count
}

// launch starts a worker process and waits until it is ready to go. The caller
// kills it in the end.
func launch(ctx context.Context, cfg config) (*process, error) {
	text, err := json.Marshal(cfg)
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, os.Args[0]) //nolint:gosec // it is this very program
	p := &process{command: command, answers: make(chan message, 4), starts: make(chan start, 100)}
	p.command.Env = append(os.Environ(), environment+"="+string(text))
	p.command.Stderr = os.Stderr
	if p.in, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	go p.read(out)
	if _, err := p.answer(ctx); err != nil {
		p.kill()
		return nil, err
	}
	return p, nil
}

func (p *process) read(out io.Reader) {
	defer close(p.answers)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var m message
		switch err := json.Unmarshal(lines.Bytes(), &m); {
		case err != nil:
			return
		case m.Count != nil:
			p.mu.Lock()
			p.counts = append(p.counts, *m.Count)
			p.mu.Unlock()
		case m.Start != nil:
			p.starts <- *m.Start
		default:
			p.answers <- m
		}
	}
}

// answer waits for what the process has to say.
func (p *process) answer(ctx context.Context) (message, error) {
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case m, ok := <-p.answers:
		if !ok {
			return m, fmt.Errorf("the worker process ended: %w", p.command.Wait())
		}
		return m, nil
	case <-ctx.Done():
		return message{}, context.Cause(ctx)
	case <-limit.C:
		return message{}, fmt.Errorf("the worker process does not answer within %s", patience)
	}
}

// tell gives the process a word and waits for its answer.
func (p *process) tell(ctx context.Context, word string) (message, error) {
	if _, err := io.WriteString(p.in, word+"\n"); err != nil {
		return message{}, fmt.Errorf("tell the worker process to %s: %w", word, err)
	}
	return p.answer(ctx)
}

// stop lets the process drain and returns what it measured.
func (p *process) stop(ctx context.Context) (*end, error) {
	m, err := p.tell(ctx, wordStop)
	if err != nil {
		return nil, err
	}
	return m.End, nil
}

// kill ends the process at once, unless it has ended.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	for range p.answers { // the pipe must be read to its end before Wait
	}
	_ = p.command.Wait()
}

// last returns the newest count.
func (p *process) last() count {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.counts) == 0 {
		return count{}
	}
	return p.counts[len(p.counts)-1]
}

// completed waits until the processes have completed n fires together, and returns
// when they had.
func completed(ctx context.Context, n int, processes ...*process) (time.Time, error) {
	for stalled := time.Now(); ; {
		var sum int64
		var at time.Time
		for _, p := range processes {
			c := p.last()
			sum += c.N
			if c.At.After(at) {
				at = c.At
			}
		}
		if sum >= int64(n) {
			return at, nil
		}
		if at.After(stalled) {
			stalled = at
		}
		if time.Since(stalled) > patience {
			return at, fmt.Errorf("%d of %d fires are complete, and no more for %s", sum, n, patience)
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return at, err
		}
	}
}

// pause lets time pass: between a look and the next, or while there is to be
// nothing to do.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// started waits for the start of a fire and returns when it was.
func (p *process) started(ctx context.Context, id int64) (time.Time, error) {
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		select {
		case s := <-p.starts:
			if s.ID == id {
				return s.At, nil
			}
		case <-ctx.Done():
			return time.Time{}, context.Cause(ctx)
		case <-limit.C:
			return time.Time{}, fmt.Errorf("what was added did not start within %s", patience)
		}
	}
}
