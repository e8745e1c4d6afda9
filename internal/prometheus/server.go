package prometheus

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"time"
)

// Server is a server that runs.
type Server struct {
	// URL is its address, as http://127.0.0.1:9090.
	URL string

	cmd  *exec.Cmd
	read chan struct{} // closed when it has said its last
	log  log
}

// listening is what servers of versions 2 and 3 say once they do.
var listening = regexp.MustCompile(`msg="Listening on".* address=(\S+)`)

// Start starts a server on a folder with a prometheus.yml in it, and waits until it
// answers. It listens on the address, of which port 0 is any that is free. Stop must
// be called.
func Start(ctx context.Context, folder, address string) (*Server, error) {
	program, err := Find()
	if err != nil {
		return nil, err
	}
	s := &Server{read: make(chan struct{})}
	s.cmd = exec.Command(program, //nolint:gosec,noctx // found in PATH; it lives until Stop
		"--config.file="+filepath.Join(folder, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(folder, "data"),
		"--web.listen-address="+address)
	s.cmd.SysProcAttr = dieWithParent()
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start Prometheus: %w", err)
	}
	bound := make(chan string, 1)
	go func() {
		defer close(s.read)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			s.log.add(lines.Text())
			if m := listening.FindStringSubmatch(lines.Text()); m != nil {
				select {
				case bound <- m[1]:
				default: // it listens on more than one
				}
			}
		}
	}()
	if err := s.await(ctx, bound); err != nil {
		err = fmt.Errorf("start Prometheus: %w:\n%s", err, s.log.String())
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// await waits until the server answers queries.
func (s *Server) await(ctx context.Context, bound <-chan string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	select {
	case address := <-bound:
		s.URL = "http://" + address
	case <-s.read:
		return errors.New("it has ended")
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := s.get(ctx, "/-/ready", nil); err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-s.read:
			return errors.New("it has ended")
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Stop ends the server.
func (s *Server) Stop() error {
	_ = s.cmd.Process.Signal(os.Interrupt) // where there is no such signal, or it has ended already:
	impatient := time.AfterFunc(20*time.Second, func() { _ = s.cmd.Process.Kill() })
	defer impatient.Stop()
	<-s.read
	if err := s.cmd.Wait(); err != nil {
		return fmt.Errorf("stop Prometheus: %w", err)
	}
	return nil
}

// Targets writes what prometheus.yml reads by file_sd_configs, in one step, as it may
// be read at any time.
func Targets(folder string, addresses ...string) error {
	type group struct {
		Targets []string `json:"targets"`
	}
	text, err := json.Marshal([]group{{append([]string{}, addresses...)}})
	if err != nil {
		return err
	}
	path := filepath.Join(folder, "targets.json")
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// log keeps the last of what a server has said.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.WriteString(line + "\n")
	if over := l.text.Len() - 16<<10; over > 0 {
		l.text.Next(over)
	}
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
