package server

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
)

// Server is a server of a test's own.
type Server struct {
	Kind testdb.Kind
	// DSN leads to its administrative database.
	DSN string

	dir string
}

// New starts a server, which ends with the test.
func New(t testing.TB, kind testdb.Kind) *Server {
	t.Helper()
	testdb.Need(t, kind)
	// Not in t.TempDir, whose parents other users cannot pass: the server has a
	// user of its own.
	dir, err := os.MkdirTemp("", "quartz-server.") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Kind: kind, dir: dir}
	t.Cleanup(func() {
		s.do(t, "down")
		_ = os.RemoveAll(dir)
	})
	s.DSN = s.do(t, "up")
	return s
}

// Crash ends the server as a power failure does: what it had not written for
// sure is gone.
func (s *Server) Crash(t testing.TB) {
	t.Helper()
	s.do(t, "crash")
}

// Start starts it again, on the same port, and waits until it answers.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	s.do(t, "start")
}

func (s *Server) do(t testing.TB, word string) string {
	t.Helper()
	command := exec.Command(script(), word, string(s.Kind)) //nolint:noctx // it ends by itself, also after the test's context
	command.Env = append(os.Environ(), "QUARTZ_SERVERS_DIR="+s.dir)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	// A server that it leaves running must not keep the test waiting.
	out, err := os.CreateTemp(s.dir, "out")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	command.Stdout = out
	if err := command.Run(); err != nil {
		t.Fatalf("%s %s: %v:\n%s", word, s.Kind, err, complaints.String())
	}
	text, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

func script() string {
	_, here, _, _ := runtime.Caller(0) //nolint:dogsled // the file is all that is asked
	return filepath.Join(filepath.Dir(here), "..", "..", "..", "scripts", "private-server")
}
