package oracleh2

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"time"
)

// jarEnv names H2's jar where it is not at its usual place.
const jarEnv = "QUARTZ_TEST_H2_JAR"

// jars are where Debian's libh2-java and others put it.
var jars = []string{"/usr/share/java/h2.jar", "/usr/share/java/h2-*.jar", "/usr/local/share/java/h2*.jar"}

// Server starts H2 for this process, at the first call, and returns its address.
// It ends with the process, however that ends.
func Server() (addr string, err error) {
	s, err := launch()
	if err != nil {
		return "", err
	}
	return s.addr, nil
}

var launch = sync.OnceValues(start)

type server struct {
	addr  string
	alive *os.File // the other end of the guard's standard input
}

// guard runs H2 until its standard input closes, which the system does when the
// process that holds the other end is gone. Standard output is left to H2 alone,
// so that its end is seen.
const guard = `"$@" </dev/null & pid=$!; exec >&-; read -r _; kill "$pid"; wait "$pid"`

// startLimit is long, as the machine may be busy with other tests.
const startLimit = time.Minute

func start() (*server, error) {
	java, err := exec.LookPath("java")
	if err != nil {
		return nil, errors.New("H2, which stands in for Oracle, needs java: " +
			"install the packages default-jre-headless and libh2-java (`go test -short` does without)")
	}
	jar, err := findJar()
	if err != nil {
		return nil, err
	}
	stdin, alive, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, stdout, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	// No exec.CommandContext: it would keep a goroutine as long as H2 runs.
	cmd := exec.Command("sh", "-c", guard, "h2", //nolint:noctx // see above
		java, "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dh2.bindAddress=127.0.0.1",
		"-cp", jar, "org.h2.tools.Server", "-pg", "-pgPort", "0", "-ifNotExists")
	cmd.Stdin, cmd.Stdout = stdin, stdout
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start H2: %w", err)
	}
	_ = stdin.Close()
	_ = stdout.Close()
	addr, err := address(out)
	return &server{addr, alive}, err
}

func findJar() (string, error) {
	if jar := os.Getenv(jarEnv); jar != "" {
		if _, err := os.Stat(jar); err != nil {
			return "", fmt.Errorf("%s: %w", jarEnv, err)
		}
		return jar, nil
	}
	for _, pattern := range jars {
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			return found[0], nil
		}
	}
	return "", fmt.Errorf("H2, which stands in for Oracle, is not installed: "+
		"install the package libh2-java, or name its jar in %s (`go test -short` does without)", jarEnv)
}

var running = regexp.MustCompile(`pg://[^:]+:(\d+)`)

// address reads where H2 listens from what it prints, and waits until it answers.
func address(out *os.File) (string, error) {
	_ = out.SetReadDeadline(time.Now().Add(startLimit))
	line, err := bufio.NewReader(out).ReadString('\n')
	port := running.FindStringSubmatch(line)
	if port == nil {
		return "", fmt.Errorf("H2 did not start: it printed %q (%w)", line, err)
	}
	addr := "127.0.0.1:" + port[1]
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	conn, err := dial(ctx, addr, "mem:")
	if err != nil {
		return "", fmt.Errorf("H2 does not answer at %s: %w", addr, err)
	}
	return addr, conn.Close(ctx)
}
