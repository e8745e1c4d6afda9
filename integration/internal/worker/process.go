package worker

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a process may take to become ready and to stop.
const patience = 90 * time.Second

// Process is a worker process as the test sees it.
type Process struct {
	// Keys are the keys under which its nodes have registered.
	Keys []string
	// Metrics is the address where it serves /metrics, if it does.
	Metrics string

	name     string
	command  *exec.Cmd
	in       io.WriteCloser
	messages chan message // closed when the process has closed its output
	log      *tail
	ended    sync.Once
	exit     error
}

// Start starts a worker process and waits until its nodes have registered. It
// is killed at the end of the test unless it has ended by then.
func Start(t *testing.T, cfg Config) *Process {
	t.Helper()
	p := Launch(t, cfg)
	p.AwaitReady(t)
	return p
}

// Launch is [Start] without the waiting.
func Launch(t *testing.T, cfg Config) *Process {
	t.Helper()
	text, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	// Not under the test's context: whoever stops it waits for it too.
	command := exec.Command(os.Args[0]) //nolint:gosec,noctx // it is this very binary; see above
	command.Env = append(os.Environ(), environment+"="+string(text))
	command.SysProcAttr = dieWithParent()
	p := &Process{name: cfg.Process, command: command, log: &tail{}, messages: make(chan message, 2)}
	command.Stderr = p.log
	if p.in, err = command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	go p.read(out)
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("log of process %s:\n%s", p.name, p.log)
		}
	})
	return p
}

func (p *Process) read(out io.Reader) {
	defer close(p.messages)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var m message
		if json.Unmarshal(lines.Bytes(), &m) == nil {
			p.messages <- m
		}
	}
}

// AwaitReady waits until the nodes have registered.
func (p *Process) AwaitReady(t *testing.T) {
	t.Helper()
	ready := p.await(t, "ready")
	p.Keys, p.Metrics = ready.Ready, ready.Metrics
	if len(p.Keys) == 0 {
		t.Fatalf("process %s did not become ready:\n%s", p.name, p.log)
	}
}

func (p *Process) await(t *testing.T, what string) message {
	t.Helper()
	select {
	case m := <-p.messages:
		return m
	case <-time.After(patience):
		t.Fatalf("process %s is not %s after %s:\n%s", p.name, what, patience, p.log)
	}
	return message{}
}

// Stop lets the process drain and waits for its end, which must leave nothing
// behind.
func (p *Process) Stop(t *testing.T) {
	t.Helper()
	if _, err := io.WriteString(p.in, "stop\n"); err != nil {
		t.Errorf("process %s: %v:\n%s", p.name, err, p.log)
		return
	}
	m := p.await(t, "stopped")
	switch {
	case !m.Stopped:
		t.Errorf("process %s ended without having stopped:\n%s", p.name, p.log)
	case m.Err != "":
		t.Errorf("process %s stopped with: %s", p.name, m.Err)
	case m.Left != "":
		t.Errorf("process %s left goroutines behind: %s", p.name, m.Left)
	}
	if err := p.wait(); err != nil {
		t.Errorf("process %s: %v:\n%s", p.name, err, p.log)
	}
}

// Arm arms a failpoint.
func (p *Process) Arm(t *testing.T, f Failpoint) {
	t.Helper()
	if !p.TryArm(t, f) {
		t.Fatalf("process %s ended instead of being armed:\n%s", p.name, p.log)
	}
}

// TryArm arms a failpoint, and reports false where the process has come to its end
// before.
func (p *Process) TryArm(t *testing.T, f Failpoint) bool {
	t.Helper()
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(p.in, "arm "+string(text)+"\n"); err != nil {
		return false
	}
	return p.await(t, "armed").Armed
}

// AskToStop is the beginning of [Process.Stop], for a process that does not come
// to its end.
func (p *Process) AskToStop(t *testing.T) {
	t.Helper()
	if _, err := io.WriteString(p.in, "stop\n"); err != nil {
		t.Errorf("process %s: %v:\n%s", p.name, err, p.log)
	}
}

// AwaitDeath waits until the process has come to a failpoint that ends it, and
// reports false where it does not within the time.
func (p *Process) AwaitDeath(limit time.Duration) bool {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	for {
		select {
		case _, open := <-p.messages:
			if !open {
				_ = p.wait()
				return true
			}
		case <-deadline.C:
			return false
		}
	}
}

// Log returns the last part of what the process had to say.
func (p *Process) Log() string { return p.log.String() }

// Name returns the name of the process and of its ledger.
func (p *Process) Name() string { return p.name }

// Kill ends the process at once, as kill -9 does, and waits for its end.
func (p *Process) Kill() {
	_ = p.command.Process.Kill() // which has ended already, perhaps
	_ = p.wait()
}

func (p *Process) wait() error {
	p.ended.Do(func() {
		for range p.messages { // the pipe must be read to its end before Wait
		}
		p.exit = p.command.Wait()
	})
	return p.exit
}

// tail keeps the last part of what a process had to say.
type tail struct {
	mu   sync.Mutex
	text bytes.Buffer
}

const tailSize = 64 << 10

// Write implements io.Writer.
func (w *tail) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p)
	if over := w.text.Len() - tailSize; over > 0 {
		w.text.Next(over)
	}
	return len(p), nil
}

func (w *tail) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.TrimSpace(w.text.String())
}
