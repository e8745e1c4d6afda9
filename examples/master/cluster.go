package main

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
	"time"
)

// process is a node in a process of its own.
type process struct {
	name  string
	cmd   *exec.Cmd
	stdin io.Closer
}

// cluster is the node processes, and what they tell.
type cluster struct {
	nodes   []*process
	readers sync.WaitGroup
	events  chan event
}

// start starts this program once more, as a node.
func (c *cluster) start(ctx context.Context, cfg nodeConfig, stderr io.Writer) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	config, err := json.Marshal(cfg)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program) //nolint:gosec // this very program
	cmd.Env = append(os.Environ(), nodeEnv+"="+string(config))
	cmd.Stderr = stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", cfg.Key, err)
	}
	p := &process{cfg.Key, cmd, stdin}
	c.nodes = append(c.nodes, p)
	c.readers.Go(func() { c.listen(p, stdout) })
	return nil
}

// listen passes on what a node tells, and that it is gone.
func (c *cluster) listen(p *process, stdout io.Reader) {
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) == nil { // a killed node's last line may be cut off
			c.events <- e
		}
	}
	e := event{Kind: gone, Node: p.name}
	if err := errors.Join(lines.Err(), p.cmd.Wait()); err != nil {
		e.Text = err.Error()
	}
	c.events <- e
}

// kill ends a node's process as a crash would.
func (c *cluster) kill(name string) error {
	for _, p := range c.nodes {
		if p.name == name {
			return p.cmd.Process.Kill()
		}
	}
	return fmt.Errorf("there is no node %s", name)
}

// stop asks the nodes to leave, hears what they still have to tell, and returns
// when their processes have ended.
func (c *cluster) stop(hear func(event)) {
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
		close(c.events)
	}()
	for e := range c.events {
		hear(e)
	}
}
