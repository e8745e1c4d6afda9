package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// prefix begins the path of every module of ours.
const prefix = "github.com/quartz-cluster/quartz"

// published are the folders of the modules that users get, by their order of
// dependence. What only tests the others is not published.
var published = []string{
	".", "schema", "core", "client", "client/console", "core/otel", "client/otel", "pgnotify", "client/cmd/quartzctl", "examples", "examples/observability",
}

// publish packs the modules into the layout of a module proxy.
func publish(ctx context.Context, root, proxy, version string) error {
	files, err := tracked(ctx, root)
	if err != nil {
		return err
	}
	for _, dir := range published {
		path, err := publishModule(root, dir, files, proxy, version)
		if err != nil {
			return fmt.Errorf("publish %s: %w", dir, err)
		}
		fmt.Printf("published %s@%s\n", path, version)
	}
	return nil
}

func publishModule(root, dir string, files []string, proxy, version string) (string, error) {
	path, text, err := releaseMod(filepath.Join(root, dir, "go.mod"), version)
	if err != nil {
		return "", err
	}
	escaped, err := module.EscapePath(path)
	if err != nil {
		return "", err
	}
	at := filepath.Join(proxy, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(at, 0o750); err != nil {
		return "", err
	}
	info, err := json.Marshal(map[string]any{"Version": version, "Time": time.Now().UTC()})
	if err != nil {
		return "", err
	}
	for name, content := range map[string][]byte{
		"list":            []byte(version + "\n"),
		version + ".info": info,
		version + ".mod":  text,
	} {
		if err := os.WriteFile(filepath.Join(at, name), content, 0o600); err != nil {
			return "", err
		}
	}
	out, err := os.Create(filepath.Join(at, version+".zip"))
	if err != nil {
		return "", err
	}
	if err := zip.Create(out, module.Version{Path: path, Version: version}, contents(root, dir, files, text)); err != nil {
		_ = out.Close()
		return "", err
	}
	return path, out.Close()
}

// writeRelease writes into the checkout each go.mod as it is to be published: go install
// refuses a program whose go.mod has replace lines.
func writeRelease(_ context.Context, root, version string) error {
	for _, dir := range published {
		file := filepath.Join(root, dir, "go.mod")
		_, text, err := releaseMod(file, version)
		if err != nil {
			return err
		}
		if err := os.WriteFile(file, text, 0o600); err != nil { // it keeps its mode
			return err
		}
	}
	for _, dir := range published {
		fmt.Println(path.Join(dir, version)) // of a nested module Go expects its folder before it
	}
	return nil
}

// releaseMod reads a go.mod and makes of it the one to publish, of the module path.
func releaseMod(file, version string) (path string, text []byte, err error) {
	text, err = os.ReadFile(file)
	if err != nil {
		return "", nil, err
	}
	mod, err := modfile.Parse(file, text, nil)
	if err != nil {
		return "", nil, err
	}
	for _, replace := range slices.Clone(mod.Replace) {
		if !strings.HasPrefix(replace.Old.Path, prefix) {
			return "", nil, fmt.Errorf("%s replaces %s: users do not get that", file, replace.Old.Path)
		}
		if err := mod.DropReplace(replace.Old.Path, replace.Old.Version); err != nil {
			return "", nil, err
		}
	}
	for _, require := range slices.Clone(mod.Require) {
		if strings.HasPrefix(require.Mod.Path, prefix) {
			if err := mod.AddRequire(require.Mod.Path, version); err != nil {
				return "", nil, err
			}
		}
	}
	mod.Cleanup()
	text, err = mod.Format()
	return mod.Module.Mod.Path, text, err
}

// tracked lists the files that a commit of the checkout as it is would hold.
func tracked(ctx context.Context, root string) ([]string, error) {
	list := exec.CommandContext(ctx, "git", "-c", "safe.directory="+root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir, list.Stderr = root, os.Stderr
	output, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files in %s: %w", root, err)
	}
	files := strings.Split(strings.TrimSuffix(string(output), "\x00"), "\x00")
	return slices.DeleteFunc(files, func(name string) bool {
		_, err := os.Lstat(filepath.Join(root, filepath.FromSlash(name)))
		return err != nil // removed, but not yet from git
	}), nil
}
