package ledger

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

const extension = ".ledger"

// File is the ledger of one process. It is safe for concurrent use.
type File struct {
	file *os.File
	seq  atomic.Int64
}

// Create makes the ledger of a process in the test's folder.
func Create(dir, process string) (*File, error) {
	file, err := os.OpenFile(filepath.Join(dir, process+extension), os.O_CREATE|os.O_EXCL|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	return &File{file: file}, nil
}

// Begin writes that a run has begun. What the run does comes after it.
func (f *File) Begin(run Run) (seq int64, err error) {
	seq = f.seq.Add(1)
	return seq, f.write(line{Seq: seq, Begin: &run})
}

// Mark writes that the database has acknowledged a checkpoint of the run with that
// number.
func (f *File) Mark(seq int64, mark int) error { return f.write(line{Seq: seq, Mark: mark}) }

// End writes how the run with that number ended.
func (f *File) End(seq int64, at time.Time, result error) error {
	e := end{Time: at}
	if result != nil {
		e.Error = result.Error()
	}
	return f.write(line{Seq: seq, End: &e})
}

// Call writes a call of a client.
func (f *File) Call(call Call) error { return f.write(line{Call: &call}) }

// Close closes the file.
func (f *File) Close() error { return f.file.Close() }

// write appends the line with one system call: lines of several goroutines do
// not mix, and nothing is held back in this process.
func (f *File) write(l line) error {
	text, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	if _, err := f.file.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

// Read reads the files of all processes of a test.
func Read(dir string) (*Ledger, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*"+extension))
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	var all Ledger
	for _, path := range paths {
		if err := all.read(path); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(all.Runs, func(a, b Run) int { return a.Start.Compare(b.Start) })
	slices.SortStableFunc(all.Calls, func(a, b Call) int { return a.Acked.Compare(b.Acked) })
	return &all, nil
}

func (l *Ledger) read(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	defer func() { _ = file.Close() }()
	process := strings.TrimSuffix(filepath.Base(path), extension)
	place := map[int64]int{} // of the run with that number
	for lines, number := bufio.NewReader(file), 1; ; number++ {
		text, err := lines.ReadBytes('\n')
		switch {
		case errors.Is(err, io.EOF):
			return nil // an unfinished line is none: its process died in the write
		case err != nil:
			return fmt.Errorf("ledger: %w", err)
		}
		if err := l.add(process, text, place); err != nil {
			return fmt.Errorf("ledger: %s, line %d: %w", path, number, err)
		}
	}
}

func (l *Ledger) add(process string, text []byte, place map[int64]int) error {
	var in line
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	switch {
	case in.Begin != nil:
		in.Begin.Process = process
		place[in.Seq] = len(l.Runs)
		l.Runs = append(l.Runs, *in.Begin)
	case in.End != nil:
		at, ok := place[in.Seq]
		if !ok {
			return fmt.Errorf("run %d ends without having begun", in.Seq)
		}
		l.Runs[at].End, l.Runs[at].Error = in.End.Time, in.End.Error
	case in.Mark != 0:
		at, ok := place[in.Seq]
		if !ok {
			return fmt.Errorf("run %d has a checkpoint without having begun", in.Seq)
		}
		l.Runs[at].Mark = in.Mark
	case in.Call != nil:
		l.Calls = append(l.Calls, *in.Call)
	default:
		return errors.New("neither a run nor a call")
	}
	return nil
}
