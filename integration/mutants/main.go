package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// limit bounds one run of the tests: a mutant may well hang.
const limit = 3 * time.Minute

func main() {
	run := flag.String("run", ".", "the mutants to run, as a regular expression of their names")
	list := flag.Bool("list", false, "print the mutants and what they take out, and run none")
	parallel := flag.Int("parallel", 2, "how many to run at a time")
	flag.Parse()
	if err := do(*run, *list, *parallel); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func do(run string, list bool, parallel int) error {
	pattern, err := regexp.Compile(run)
	if err != nil {
		return fmt.Errorf("-run: %w", err)
	}
	chosen := slices.DeleteFunc(slices.Clone(mutants), func(m mutant) bool { return !pattern.MatchString(m.name) })
	if list {
		for _, m := range chosen {
			fmt.Fprintf(os.Stdout, "%-45s %s\n", m.name, m.by)
		}
		return nil
	}
	root, err := rootOf()
	if err != nil {
		return err
	}
	if err := healthy(root, chosen); err != nil {
		return err
	}
	results := make([]result, len(chosen))
	var work sync.WaitGroup
	slots := make(chan struct{}, max(parallel, 1))
	for i, m := range chosen {
		work.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			results[i] = m.run(root)
			fmt.Fprintf(os.Stdout, "mutant %-45s %s\n", m.name, results[i])
		})
	}
	work.Wait()
	bad := slices.DeleteFunc(results, func(r result) bool { return r.killer != "" })
	fmt.Fprintf(os.Stdout, "%d mutants, %d killed\n", len(chosen), len(chosen)-len(bad))
	if len(bad) > 0 {
		return fmt.Errorf("%d of %d mutants were not killed", len(bad), len(chosen))
	}
	return nil
}

// result is what became of a mutant.
type result struct {
	killer string // the test that noticed
	err    error
	output string
}

func (r result) String() string {
	switch {
	case r.err != nil:
		return "FAILED: " + r.err.Error() + "\n" + r.output
	case r.killer == "":
		return "SURVIVED"
	}
	return "killed by " + r.killer
}

var failed = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)

// run builds the mutant and runs its tests.
func (m mutant) run(root string) result {
	dir, err := os.MkdirTemp("", "mutant.")
	if err != nil {
		return result{err: err}
	}
	defer func() { _ = os.RemoveAll(dir) }()
	overlay, err := m.overlay(root, dir)
	if err != nil {
		return result{err: err}
	}
	output, err := test(root, m.by, "-overlay", overlay)
	switch {
	case err == nil:
		return result{}
	case failed.MatchString(output):
		return result{killer: deepest(output)}
	case strings.Contains(output, "panic: test timed out"), errors.Is(err, context.DeadlineExceeded):
		return result{killer: m.by.run + " (it hung)"}
	case strings.Contains(output, "panic:"):
		return result{killer: m.by.run + " (it panicked)"}
	}
	return result{err: err, output: output}
}

// deepest returns the first subtest that failed, or the test.
func deepest(output string) string {
	longest := ""
	for _, m := range failed.FindAllStringSubmatch(output, -1) {
		if longest == "" || strings.HasPrefix(m[1], longest+"/") {
			longest = m[1]
		}
	}
	return longest
}

// overlay writes the edited files and what tells the compiler of them.
func (m mutant) overlay(root, dir string) (string, error) {
	replace := map[string]string{}
	for i, e := range m.edits {
		path := filepath.Join(root, e.file)
		source := path
		if again, ok := replace[path]; ok {
			source = again
		}
		text, err := os.ReadFile(source)
		if err != nil {
			return "", err
		}
		if !bytes.Contains(text, []byte(e.old)) {
			return "", fmt.Errorf("%s has no %q any more: change the mutant", e.file, e.old)
		}
		edited := filepath.Join(dir, fmt.Sprintf("%d.go", i))
		if err := os.WriteFile(edited, bytes.ReplaceAll(text, []byte(e.old), []byte(e.new)), 0o600); err != nil {
			return "", err
		}
		replace[path] = edited
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}

// healthy runs all the tests without a mutant.
func healthy(root string, chosen []mutant) error {
	byPlace := map[tests][]string{}
	for _, m := range chosen {
		place := tests{pkg: m.by.pkg, kinds: m.by.kinds}
		if !slices.Contains(byPlace[place], m.by.run) {
			byPlace[place] = append(byPlace[place], m.by.run)
		}
	}
	for place, names := range byPlace {
		place.run = strings.Join(names, "|")
		if output, err := test(root, place); err != nil {
			return fmt.Errorf("without a mutant: %s: %w\n%s", place, err, output)
		}
	}
	return nil
}

func test(root string, by tests, options ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit+time.Minute)
	defer cancel()
	args := append([]string{"test", "-count", "1", "-failfast", "-timeout", limit.String(), "-run", "^(" + by.run + ")$"}, options...)
	command := exec.CommandContext(ctx, "go", append(args, by.pkg)...)
	command.Dir = root
	command.Env = append(os.Environ(), "QUARTZ_TEST_KINDS="+by.kinds)
	output, err := command.CombinedOutput()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err == nil && strings.Contains(string(output), "no tests to run") {
		err = fmt.Errorf("there is no test %s in %s", by.run, by.pkg)
	}
	return string(output), err
}

// rootOf returns the root of the repository.
func rootOf() (string, error) {
	output, err := exec.CommandContext(context.Background(), "go", "env", "GOWORK").Output()
	if err != nil {
		return "", err
	}
	return filepath.Dir(strings.TrimSpace(string(output))), nil
}
