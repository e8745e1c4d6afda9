package console

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// route is one path of the API.
type route struct {
	method, path string
	// reads marks a POST that changes nothing, and is open to those who may only
	// read.
	reads bool
	limit int64 // of the body, in bytes
	// single marks what holds a whole app in memory: one at a time.
	single bool
	serve  func(ctx context.Context, r *http.Request, limit int64) (result any, subject string, err error)
}

func (r route) changes() bool { return r.method == http.MethodPost && !r.reads }

// raw is a result that is no JSON value.
type raw struct {
	contentType string
	text        []byte
}

// get is a route that reads what its parameters say.
func get(path string, list func(ctx context.Context, p *params) (any, error)) route {
	return route{method: http.MethodGet, path: path, serve: func(ctx context.Context, r *http.Request, _ int64) (any, string, error) {
		given, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			return nil, "", refuse(http.StatusBadRequest, codeRequest, "the parameters cannot be read: %v", err)
		}
		out, err := list(ctx, &params{given: given})
		return out, "", err
	}}
}

// subject is the body of a change, which names for the log what it is about.
type subject interface{ subject() string }

// post is a route that changes what its body names.
func post[In subject](path string, change func(ctx context.Context, in In) (any, error)) route {
	return route{method: http.MethodPost, path: path, limit: maxBody, serve: func(ctx context.Context, r *http.Request, limit int64) (any, string, error) {
		var in In
		if err := readBody(r, limit, &in); err != nil {
			return nil, "", err
		}
		out, err := change(ctx, in)
		return out, in.subject(), err
	}}
}

// reading is for a POST that changes nothing.
func (r route) reading() route {
	r.reads = true
	return r
}

// alone is for what reads all of an app, and a body of up to limit bytes.
func (r route) alone(limit int64) route {
	r.single, r.limit = true, limit
	return r
}

// serveAPI serves a request of the API of an actor who is known.
func (c *console) serveAPI(w http.ResponseWriter, r *http.Request, actor Actor) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	all := c.routes[r.URL.Path]
	route, found := all[method]
	switch {
	case all == nil:
		c.fail(w, r, refuse(http.StatusNotFound, codeNotFound, "there is no %q in the API", r.URL.Path))
		return
	case !found:
		for allowed := range all {
			w.Header().Add("Allow", allowed)
		}
		c.fail(w, r, refuse(http.StatusMethodNotAllowed, codeMethod, "%s does not go with %s", r.Method, r.URL.Path))
		return
	case route.changes() && actor.Role != Operator:
		c.fail(w, r, refuse(http.StatusForbidden, codeForbidden, "%s may look, but not change anything", actor.Name))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), c.config.Timeout)
	defer cancel()
	release, err := c.turn(ctx, route)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	defer release()
	// A body that trickles in must not keep the slot. Not every server can do it.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(c.config.Timeout))
	out, about, err := route.serve(ctx, r, route.limit)
	if part := new(partial); route.changes() && (err == nil || errors.As(err, &part)) {
		log := c.config.Logger
		if err != nil {
			log = log.With("changed", part.changed, "error", err)
		}
		log.InfoContext(ctx, "console: changed", "route", route.path, "subject", about, "actor", actor.Name)
	}
	if err != nil {
		c.fail(w, r.WithContext(ctx), err)
		return
	}
	c.answer(w, http.StatusOK, out)
}

// turn waits until there is room for one more request.
func (c *console) turn(ctx context.Context, r route) (release func(), err error) {
	slots := c.slots
	if r.single {
		slots = c.single
	}
	select {
	case slots <- struct{}{}:
		return func() { <-slots }, nil
	case <-ctx.Done():
		return nil, refuse(http.StatusServiceUnavailable, codeBusy, "too many requests wait for the database")
	}
}

func (c *console) answer(w http.ResponseWriter, status int, out any) {
	if text, is := out.(raw); is {
		write(w, text.contentType, text.text)
		return
	}
	text, err := json.Marshal(out)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error":{"code":"internal","message":"the answer has no JSON form"}}`)
		c.config.Logger.Error("console: an answer has no JSON form", "error", err)
	}
	w.Header().Set("Content-Type", jsonType)
	w.WriteHeader(status)
	_, _ = w.Write(text) // the browser may have gone
}

func (c *console) fail(w http.ResponseWriter, r *http.Request, err error) {
	out := c.failed(r.Context(), r.URL.Path, err)
	c.answer(w, out.status, map[string]*failure{"error": out})
}
