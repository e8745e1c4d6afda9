package stage

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"
)

// Cluster is the node processes, and what they tell.
type Cluster struct {
	Events chan Event

	config  NodeConfig
	stderr  io.Writer
	nodes   []*Process
	readers sync.WaitGroup
}

// Process is a node in a process of its own.
type Process struct {
	Name string
	PID  int

	cmd    *exec.Cmd
	stdin  io.Closer
	killed atomic.Bool
}

// Start starts a node, and hears what all of them tell until it has joined.
// Whatever happens, Stop must be called.
func (c *Cluster) Start(ctx context.Context, hear func(Event)) (*Process, error) {
	p, err := c.start(ctx, fmt.Sprintf("node-%d", len(c.nodes)+1))
	if err != nil {
		return nil, fmt.Errorf("start a node: %w", err)
	}
	patience := time.NewTimer(30 * time.Second)
	defer patience.Stop()
	for {
		select {
		case e := <-c.Events:
			hear(e)
			switch {
			case e.Kind == Joined && e.Node == p.Name:
				return p, nil
			case e.Kind == Gone:
				return nil, fmt.Errorf("%s ended: %s", e.Node, e.Text)
			}
		case <-patience.C:
			return nil, fmt.Errorf("%s has not joined within 30 s: try -v", p.Name)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// start starts this program once more.
func (c *Cluster) start(ctx context.Context, name string) (*Process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c.config.Key = name
	config, err := json.Marshal(c.config)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program) //nolint:gosec // this very program
	cmd.Env = append(os.Environ(), nodeEnv+"="+string(config))
	cmd.Stderr = c.stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &Process{Name: name, PID: cmd.Process.Pid, cmd: cmd, stdin: stdin}
	c.nodes = append(c.nodes, p)
	c.readers.Go(func() { c.listen(p, stdout) })
	return p, nil
}

// listen passes on what a node tells, and that it is gone.
func (c *Cluster) listen(p *Process, stdout io.Reader) {
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		var e Event
		if json.Unmarshal(lines.Bytes(), &e) == nil { // a killed node's last line may be cut off
			c.Events <- e
		}
	}
	e := Event{Kind: Gone, Node: p.Name}
	if err := errors.Join(lines.Err(), p.cmd.Wait()); err != nil && !p.killed.Load() {
		e.Text = err.Error()
	}
	c.Events <- e
}

// Kill ends a node's process as a crash would.
func (c *Cluster) Kill(name string) error {
	for _, p := range c.nodes {
		if p.Name == name {
			p.killed.Store(true)
			return p.cmd.Process.Kill()
		}
	}
	return fmt.Errorf("there is no node %s", name)
}

// Stop asks the nodes to leave, hears what they still have to tell, and returns
// when their processes have ended.
func (c *Cluster) Stop(hear func(Event)) {
	for _, p := range c.nodes {
		_ = p.stdin.Close() // of one that is gone already, it is closed
	}
	const patience = 40 * time.Second // longer than a node's own limits
	impatient := time.AfterFunc(patience, func() {
		for _, p := range c.nodes {
			_ = p.cmd.Process.Kill()
		}
	})
	defer impatient.Stop()
	go func() {
		c.readers.Wait()
		close(c.Events)
	}()
	for e := range c.Events {
		hear(e)
	}
}
