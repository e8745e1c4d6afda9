package prometheus

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// environment names the server where it is not in PATH; promtool is beside it.
const environment = "QUARTZ_TEST_PROMETHEUS"

// ErrNone is why nothing can be started.
var ErrNone = errors.New("there is no Prometheus: scripts/provision installs Debian's, " + environment + " names another")

// Find returns the path of the server.
func Find() (string, error) { return find("prometheus") }

// Promtool returns the path of the tool that checks rules.
func Promtool() (string, error) { return find("promtool") }

func find(program string) (string, error) {
	if named := os.Getenv(environment); named != "" {
		program = filepath.Join(filepath.Dir(named), program)
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNone, err)
	}
	return path, nil
}
