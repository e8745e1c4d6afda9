package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// targets are where the modules must build besides this machine.
var targets = []string{"windows/amd64", "darwin/arm64"}

// crossBuilt are the packages that must build there.
var crossBuilt = []string{
	prefix + "/schema/...", prefix + "/core/...", prefix + "/client/...", prefix + "/client/console/...", prefix + "/pgnotify/...",
	prefix + "/core/otel/...", prefix + "/client/otel/...", prefix + "/client/cmd/quartzctl/...",
	prefix + "/examples/quickstart",
}

// user is somebody with Go and an empty module, who has never seen the checkout.
type user struct {
	root string // the checkout, to read the README and the pinned versions
	dir  string // the empty module
	env  []string
	pins map[string]string // versions of others' modules, as the examples require them
	sums []byte            // and their checksums
}

func newUser(ctx context.Context, root, dir, proxy string) (*user, error) {
	output, err := exec.CommandContext(ctx, "go", "env", "GOMODCACHE", "GOPROXY", "GONOSUMDB").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	settings := strings.Split(string(output), "\n")
	cache, proxies, noSum := settings[0], settings[1], settings[2]
	if noSum != "" {
		noSum += ","
	}

	u := &user{root: root, dir: dir, pins: map[string]string{}}
	u.env = append(os.Environ(),
		"GOWORK=off",
		"GOFLAGS=-modcacherw",
		// A cache of its own: a version that will be published for real must not
		// stay in the one of this machine, which serves the modules of others.
		"GOMODCACHE="+dir+".modcache",
		"GOPROXY="+fileURL(proxy)+","+fileURL(filepath.Join(cache, "cache", "download"))+","+proxies,
		"GONOSUMDB="+noSum+prefix,
	)
	text, err := os.ReadFile(filepath.Join(root, "examples", "go.mod"))
	if err != nil {
		return nil, err
	}
	mod, err := modfile.Parse("examples/go.mod", text, nil)
	if err != nil {
		return nil, err
	}
	for _, require := range mod.Require {
		u.pins[require.Mod.Path] = require.Mod.Version
	}
	u.sums, err = os.ReadFile(filepath.Join(root, "examples", "go.sum"))
	return u, err
}

// buildPrograms builds each program of the README in a module that has nothing
// else in it, the way its author is told to: go get, then go build.
func (u *user) buildPrograms(ctx context.Context, version string) error {
	readme, err := os.ReadFile(filepath.Join(u.root, "README.md"))
	if err != nil {
		return err
	}
	found, err := readmePrograms(string(readme))
	if err != nil {
		return err
	}
	for _, p := range found {
		paths, err := p.imports()
		if err != nil {
			return err
		}
		var wanted []string
		for _, path := range paths {
			module, err := u.versioned(path, version)
			if err != nil {
				return fmt.Errorf("README.md: %s: %w", p.name, err)
			}
			wanted = append(wanted, module)
		}
		dir, err := u.emptyModule(p.name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(p.source), 0o600); err != nil {
			return err
		}
		if err := u.run(ctx, dir, nil, append([]string{"get"}, wanted...)...); err != nil {
			return err
		}
		if err := u.run(ctx, dir, nil, "vet", "."); err != nil {
			return err
		}
		if err := u.run(ctx, dir, nil, "build", "-o", os.DevNull, "."); err != nil {
			return err
		}
		fmt.Printf("built the README's %s\n", p.name)
	}
	return nil
}

// install installs quartzctl as its users are told to; what it leaves is removed with the
// rest of the user.
func (u *user) install(ctx context.Context, version string) error {
	env := []string{"GOBIN=" + filepath.Join(u.dir, "bin")}
	if err := u.run(ctx, u.dir, env, "install", prefix+"/client/cmd/quartzctl@"+version); err != nil {
		return err
	}
	fmt.Println("installed quartzctl")
	return nil
}

// crossBuild builds the published packages for other systems, without cgo.
func (u *user) crossBuild(ctx context.Context, version string) error {
	dir, err := u.emptyModule("cross")
	if err != nil {
		return err
	}
	get := []string{"get"}
	for _, path := range crossBuilt {
		get = append(get, path+"@"+version)
	}
	if err := u.run(ctx, dir, nil, get...); err != nil {
		return err
	}
	for _, target := range targets {
		system, arch, _ := strings.Cut(target, "/")
		env := []string{"GOOS=" + system, "GOARCH=" + arch, "CGO_ENABLED=0"}
		if err := u.run(ctx, dir, env, append([]string{"build"}, crossBuilt...)...); err != nil {
			return fmt.Errorf("%s: %w", target, err)
		}
		fmt.Printf("built for %s\n", target)
	}
	return nil
}

// emptyModule makes one. Its go.sum starts from what the examples recorded, so
// that what comes from the machine's cache is checked as well.
func (u *user) emptyModule(name string) (string, error) {
	dir := filepath.Join(u.dir, name)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/"+name+"\n\ngo 1.25.0\n"), 0o600); err != nil {
		return "", err
	}
	return dir, os.WriteFile(filepath.Join(dir, "go.sum"), u.sums, 0o600)
}

// versioned returns what to get for an imported package: the package itself, at
// our version or at the one that the examples pin.
func (u *user) versioned(path, version string) (string, error) {
	if path == prefix || strings.HasPrefix(path, prefix+"/") {
		return path + "@" + version, nil
	}
	for module := path; module != "."; module = filepath.ToSlash(filepath.Dir(module)) {
		if pin, ok := u.pins[module]; ok {
			return path + "@" + pin, nil
		}
	}
	return "", fmt.Errorf("import %q: examples/go.mod requires no module that has it", path)
}

func (u *user) run(ctx context.Context, dir string, env []string, args ...string) error {
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir, command.Env = dir, slices.Concat(u.env, env)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, output)
	}
	return nil
}

func fileURL(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return "file://" + path
}
