package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client/console"
)

const (
	readHeaderTimeout = 10 * time.Second
	// endTimeout is how long an interrupted console waits for the answers that it
	// still owes.
	endTimeout = 5 * time.Second
)

func (p *Program) console() *cobra.Command {
	var listen string
	var readOnly bool
	cmd := p.verb("console", "Serve the web console to browsers on this host", func(ctx context.Context, s *session, _ []string) error {
		role := console.Operator
		if readOnly {
			role = console.ReadOnly
		}
		return s.serveConsole(ctx, listen, role)
	})
	cmd.Long = `Serve the web console to browsers on this host, until it is interrupted. Whoever
has an account on this host can use it, and acts as --actor: there is no signing in.
A console for others belongs into a back office, which knows its users.`
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "loopback address; port 0 takes one that is free")
	cmd.Flags().BoolVar(&readOnly, "read-only", false, "let nobody change anything")
	return cmd
}

// serveConsole serves it until ctx ends.
func (s *session) serveConsole(ctx context.Context, listen string, role console.Role) error {
	handler, err := console.New(s.Client, console.Config{
		InsecureLoopback: true,
		Authenticate:     func(*http.Request) (console.Actor, error) { return console.Actor{Name: s.actor, Role: role}, nil },
		Timeout:          s.program.flags.timeout,
		Logger:           slog.New(slog.NewTextHandler(s.program.Err, nil)),
	})
	if err != nil {
		return err
	}
	listener, err := s.listen(ctx, listen)
	if err != nil {
		return err
	}
	at := fmt.Sprintf("http://%s/", listener.Addr())
	if err := s.out.Say(map[string]string{"url": at}, "%s", at); err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: readHeaderTimeout}
	ended := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
		defer cancel()
		ended <- server.Shutdown(soon)
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		stop()
		return err
	}
	return <-ended
}

// listen takes the address, if nobody but this host can reach it.
func (s *session) listen(ctx context.Context, address string) (net.Listener, error) {
	tcp, err := net.ResolveTCPAddr("tcp", address)
	switch {
	case err != nil:
		return nil, s.wrong("--listen %q is no address such as 127.0.0.1:8080", address)
	case !tcp.IP.IsLoopback():
		return nil, s.wrong("--listen %q must be a loopback address: any user of the network could change jobs", address)
	}
	var config net.ListenConfig
	return config.Listen(ctx, "tcp", tcp.String())
}
