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
	write := flag.Bool("write", false, "write each go.mod as it is to be published, and print the tags to set")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	do := check
	if *write {
		do = writeRelease
	}
	if err := do(ctx, *root, *version); err != nil {
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
	if err := user.install(ctx, version); err != nil {
		return err
	}
	return user.crossBuild(ctx, version)
}
