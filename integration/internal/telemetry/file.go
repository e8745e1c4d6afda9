package telemetry

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	logs  = ".log"
	spans = ".spans"
)

// CreateLog makes the log of a process. What is written in one call stays together.
func CreateLog(dir, process string) (*os.File, error) { return create(dir, process, logs) }

func create(dir, process, extension string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, process+extension), os.O_CREATE|os.O_EXCL|os.O_APPEND|os.O_WRONLY, 0o600)
}

// read hands every line of the processes' files to one function. An unfinished line
// is none: it is being written.
func read(dir, extension string, each func(process string, line []byte) error) error {
	paths, err := filepath.Glob(filepath.Join(dir, "*"+extension))
	if err != nil {
		return err
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		process := strings.TrimSuffix(filepath.Base(path), extension)
		for line := range bytes.Lines(text) {
			if !bytes.HasSuffix(line, []byte("\n")) {
				break
			}
			if err := each(process, line); err != nil {
				return fmt.Errorf("%s: %w: %s", path, err, line)
			}
		}
	}
	return nil
}
