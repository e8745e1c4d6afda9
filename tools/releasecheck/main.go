// Releasecheck builds the modules of this repository as a user would get them.
//
// The checkout works through a workspace and replace lines, which no user has.
// So each module is packed as it would be published, without its replace lines
// and with a version set, and served by a module proxy made of files:
//
//	checkout ──publish──▶ <tmp>/proxy/github.com/quartz-cluster/quartz/…/@v/
//	                          ▲
//	README's programs ──▶ go get, go build   in an empty module, with a module
//	every package     ──▶ go build           cache of its own, no workspace
//
// The programs of the README are its Go code blocks below the comments
// <!-- worker --> and <!-- backoffice -->. Modules of others come from this
// machine's module cache first and from its proxies after that, at the versions
// that the examples pin. Nothing is left behind in the module cache.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

func main() {
	root := flag.String("root", ".", "folder of the checkout")
	version := flag.String("version", "v0.1.0", "version the modules are published at")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := check(ctx, *root, *version); err != nil {
		fmt.Fprintln(os.Stderr, "release-check:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has been called
	}
}

func check(ctx context.Context, root, version string) (err error) {
	root, err = filepath.Abs(root)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "quartz-release-")
	if err != nil {
		return err
	}
	defer func() {
		if removeErr := os.RemoveAll(temp); err == nil {
			err = removeErr
		}
	}()

	proxy := filepath.Join(temp, "proxy")
	if err := publish(ctx, root, proxy, version); err != nil {
		return err
	}
	user, err := newUser(ctx, root, filepath.Join(temp, "user"), proxy)
	if err != nil {
		return err
	}
	if err := user.buildPrograms(ctx, version); err != nil {
		return err
	}
	return user.crossBuild(ctx, version)
}
