package browsertest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/console"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/internal/sqldb"
)

// prefix is where the back office mounts the console.
const prefix = "/office/console"

// The classes that the nodes can run.
const (
	quick = "report.send"  // does nothing
	long  = "video.encode" // runs until it is cancelled, or the office closes
	bad   = "invoice.send" // fails
)

// office is a back office of two replicas, each with its own connections and
// client, and the nodes that it looks after.
type office struct {
	*lab.Lab

	t      testing.TB
	url    string
	served [2]atomic.Int64 // requests by replica
	end    *lab.Gate
	fault  error // what the class bad fails with
}

// newOffice opens a back office in front of an empty app.
func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{Lab: lab.New(t, testdb.Postgres), t: t, end: lab.NewGate(), fault: errors.New("no such invoice")}
	replicas := []http.Handler{o.replica(), o.replica()}
	var turn atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := turn.Add(1) % 2
		o.served[i].Add(1)
		replicas[i].ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	o.url = server.URL
	return o
}

// replica is one of the back office's processes: who signs in is who says so.
func (o *office) replica() http.Handler {
	c, err := client.New(testdb.New(o.t, o.DB.Kind).Gorm)
	require.NoError(o.t, err)
	h, err := console.New(c, console.Config{
		Authenticate: authenticate,
		Logger:       slog.New(slog.NewTextHandler(complaints{o.t}, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	require.NoError(o.t, err)
	mux := http.NewServeMux()
	mux.Handle(prefix+"/", http.StripPrefix(prefix, h))
	mux.HandleFunc("GET /office/enter", func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"user", "role"} {
			http.SetCookie(w, &http.Cookie{
				Name: name, Value: url.QueryEscape(r.FormValue(name)), Path: "/office", HttpOnly: true, SameSite: http.SameSiteStrictMode,
			})
		}
		http.Redirect(w, r, prefix, http.StatusSeeOther)
	})
	return mux
}

// complaints fails the test for what a console warns of, or worse.
type complaints struct{ t testing.TB }

func (c complaints) Write(line []byte) (int, error) {
	c.t.Errorf("the console says: %s", line)
	return len(line), nil
}

func authenticate(r *http.Request) (console.Actor, error) {
	user, err := r.Cookie("user")
	if err != nil {
		return console.Actor{}, err
	}
	role, err := r.Cookie("role")
	if err != nil {
		return console.Actor{}, err
	}
	name, err := url.QueryUnescape(user.Value)
	return console.Actor{Name: name, Role: console.Role(role.Value)}, err
}

// node starts a node that can run all classes.
func (o *office) node(key string, options ...lab.Option) *lab.Node {
	o.t.Helper()
	handlers := core.NewHandlers()
	handlers.Add(quick, o.Handler(nil))
	handlers.Add(long, o.Handler(o.end.Wait))
	handlers.Add(bad, o.Handler(func(context.Context, *core.Fire) error { return o.fault }))
	n := o.Start(append(options, lab.As(key), lab.Running(handlers))...)
	o.t.Cleanup(o.end.Open) // before the node is stopped, which would wait
	return n
}

// job adds a job.
func (o *office) job(class, name string) client.ID {
	o.t.Helper()
	return o.JobOf(client.Job{Class: class, Name: name})
}

// enter signs in, under any name, and opens the console.
func (o *office) enter(user string, role console.Role) *tab {
	o.t.Helper()
	p := open(o.t, o.url)
	p.visit("/office/enter?user=" + url.QueryEscape(user) + "&role=" + string(role))
	p.reads("[data-test=title]", "Overview")
	require.Equal(o.t, o.url+prefix+"/", ask[string](p, `() => location.href`))
	o.t.Cleanup(func() {
		for i := range o.served {
			require.Positive(o.t, o.served[i].Load(), "requests that replica %d served", i)
		}
	})
	return p
}

// goes goes to a place in the console, by its address.
func (p *tab) goes(place string) {
	p.t.Helper()
	ask[bool](p, `(place) => { location.hash = place; return true; }`, "#/"+place)
}

// test is a thing by its data-test.
func test(name string) string { return "[data-test='" + name + "']" }

func id(n int64) string { return strconv.FormatInt(n, 10) }

// rows reads a table of the app.
func rows[T any](o *office, table string) []T {
	o.t.Helper()
	out, err := sqldb.Select[T](context.Background(), o.SQL, "SELECT "+sqldb.Columns[T]("")+" FROM "+table+" ORDER BY ID")
	require.NoError(o.t, err)
	return out
}
