package console

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// Config says who may do what.
type Config struct {
	// Authenticate says who sends a request, by the back office's own session,
	// header or certificate; an error refuses it with 401. It is asked for every
	// request, also for the page itself. Required, unless InsecureLoopback is set.
	Authenticate func(r *http.Request) (Actor, error)
	// InsecureLoopback serves requests from this host alone, to "localhost",
	// 127.0.0.1 or [::1] and through no proxy, which is checked of each; without
	// Authenticate, each is an Operator's. Every user of this host can send them.
	// Defaults to false.
	InsecureLoopback bool
	// TrustedOrigins are origins such as https://office.example.com whose pages may
	// send changes, where they are not the Host of the requests: behind a proxy that
	// rewrites that, for browsers without Sec-Fetch-Site. Defaults to none.
	TrustedOrigins []string
	// Timeout bounds a request, also one that waits for a node's answer.
	// Defaults to 30 s.
	Timeout time.Duration
	// Requests is how many requests of the API are worked on at a time; others
	// wait. It bounds what the console needs of memory, and of the database. Of those
	// that export, compare or apply a document there is one at a time besides. The
	// largest page takes some 25 MB while it is made, a usual one less than a hundredth.
	// Defaults to 8.
	Requests int
	// MaxDocument is how long the body may be that carries a document, in bytes.
	// Defaults to 4 MiB.
	MaxDocument int64
	// Logger gets what went wrong and who changed what. Defaults to slog.Default().
	Logger *slog.Logger
}

// loopbackName is the actor where nobody is asked who it is.
const loopbackName = "loopback"

func (c Config) withDefaults() Config {
	if c.Authenticate == nil {
		c.Authenticate = func(*http.Request) (Actor, error) { return Actor{Name: loopbackName, Role: Operator}, nil }
	}
	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}
	if c.Requests == 0 {
		c.Requests = 8
	}
	if c.MaxDocument == 0 {
		c.MaxDocument = 4 << 20
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

func (c Config) validate() error {
	switch {
	case c.Authenticate == nil && !c.InsecureLoopback:
		return errors.New("console: Authenticate is missing: without it everybody could change everything")
	case c.Timeout < 0:
		return fmt.Errorf("console: Timeout %s must not be negative", c.Timeout)
	case c.Requests < 0:
		return fmt.Errorf("console: Requests %d must not be negative", c.Requests)
	case c.MaxDocument < 0:
		return fmt.Errorf("console: MaxDocument %d must not be negative", c.MaxDocument)
	}
	return nil
}
