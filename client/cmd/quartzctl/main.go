package main

import (
	"context"
	"os"
	"os/signal"
	"os/user"
	"syscall"

	"golang.org/x/term"

	"github.com/quartz-cluster/quartz/client/cmd/quartzctl/internal/cli"
	"github.com/quartz-cluster/quartz/schema"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	program := &cli.Program{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv, Actor: actor(),
		Asks: term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stderr.Fd())),
	}
	if out := int(os.Stdout.Fd()); term.IsTerminal(out) {
		program.Screen = func() (width, height int) {
			width, height, err := term.GetSize(out)
			if err != nil {
				return 80, 24
			}
			return width, height
		}
	}
	code := program.Main(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// actor is user@host, as far as that is known and can be written down.
func actor() string {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	if u, err := user.Current(); err == nil {
		host = u.Username + "@" + host
	}
	return host[:min(len(host), schema.MaxActor)]
}
