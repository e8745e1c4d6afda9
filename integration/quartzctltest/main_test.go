package quartzctltest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/leak"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
)

// program is quartzctl, built once.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "quartzctl-")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "quartzctl")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = filepath.Join("..", "..", "client", "cmd", "quartzctl")
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v\n%s", err, out))
	}
	leak.Main(suite{m, dir})
}

// suite is the run of all tests, after which the program goes.
type suite struct {
	*testing.M

	dir string
}

func (s suite) Run() int {
	defer func() { _ = os.RemoveAll(s.dir) }()
	return s.M.Run()
}

// shell runs quartzctl on the place of a lab.
type shell struct {
	t   *testing.T
	dsn string
}

// each runs a test once per kind of database that quartzctl opens, in a lab
// without tables. Oracle's emulation is in no DSN.
func each(t *testing.T, test func(s shell, l *lab.Lab), without ...testdb.Kind) {
	lab.EachKind(t, func(t *testing.T, kind testdb.Kind) {
		l := lab.Bare(t, kind, nil)
		test(shell{t, dsnOf(l.DB)}, l)
	}, append(without, testdb.OracleH2)...)
}

// dsnOf writes the DSN of a place as people write it.
func dsnOf(db testdb.DB) string {
	if path, ok := strings.CutPrefix(db.DSN, "file://"); ok {
		return "sqlite:" + path
	}
	return db.DSN
}

// run runs it with what is piped in, and returns what it wrote and its exit code.
func (s shell) run(in string, args ...string) (stdout, stderr string, code int) {
	s.t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(s.t.Context(), program, args...)
	cmd.Env = append(os.Environ(), "QUARTZ_DSN="+s.dsn)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(in), &out, &errs
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		require.NoError(s.t, err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// ok runs what must succeed.
func (s shell) ok(args ...string) string {
	s.t.Helper()
	return s.fed("", args...)
}

func (s shell) fed(in string, args ...string) string {
	s.t.Helper()
	stdout, stderr, code := s.run(in, args...)
	require.Zero(s.t, code, "%v: %s", args, stderr)
	return stdout
}

// fails runs what must end with a code.
func (s shell) fails(code int, says string, args ...string) {
	s.t.Helper()
	stdout, stderr, got := s.run("", args...)
	require.Equal(s.t, code, got, "%v: %s%s", args, stdout, stderr)
	require.Contains(s.t, stdout+stderr, says)
}
