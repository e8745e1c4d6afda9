package console

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNewNeedsToKnowWhoAsks(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	anybody := func(*http.Request) (Actor, error) { return Actor{"x", Operator}, nil }
	for want, config := range map[string]Config{
		"Authenticate":   {},
		"Timeout":        {Authenticate: anybody, Timeout: -1},
		"Requests":       {Authenticate: anybody, Requests: -1},
		"MaxDocument":    {Authenticate: anybody, MaxDocument: -1},
		"TrustedOrigins": {Authenticate: anybody, TrustedOrigins: []string{"office.example.com"}},
	} {
		_, err := New(o.client, config)
		require.ErrorContains(t, err, want)
	}
	_, err := New(nil, Config{InsecureLoopback: true})
	require.ErrorContains(t, err, "client")
	_, err = New(o.client, Config{InsecureLoopback: true})
	require.NoError(t, err)
}

func TestWhoIsUnknownSeesNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(c *Config) {
		c.Authenticate = func(*http.Request) (Actor, error) { return Actor{"mallory", Operator}, errors.New("the secret reason") }
	})
	for _, path := range []string{"", "/", "/assets/x/app.js", "/api/me", "/api/nonsense", "/nonsense"} {
		r := request(http.MethodGet, "/", nil)
		r.URL.Path = path
		a := o.send(r)
		o.refused(a, http.StatusUnauthorized, codeUnauthenticated)
		require.NotContains(t, a.text, "secret")
	}
	for _, r := range (&console{}).table() {
		o.refused(o.call(r.method, r.path, object{}), http.StatusUnauthorized, codeUnauthenticated)
	}
}

func TestAnActorNeedsANameAndARole(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, o.actor = range []Actor{{}, {"alice", ""}, {"", Operator}, {"alice", "root"}} {
		o.refused(o.call(http.MethodGet, "/api/me", nil), http.StatusForbidden, codeForbidden)
	}
	o.actor = Actor{strings.Repeat("x", 101), Operator}
	o.wrong(o.call(http.MethodPost, "/api/app/pause", object{"app": "billing"}), "actor")
}

func TestWhoMayOnlyReadChangesNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.actor.Role = ReadOnly
	var reading []string
	for _, r := range (&console{}).table() {
		a := o.call(r.method, r.path, object{})
		switch {
		case r.method == http.MethodGet:
			require.NotEqual(t, http.StatusForbidden, a.status, r.path)
		case a.status == http.StatusForbidden:
			o.refused(a, http.StatusForbidden, codeForbidden)
		default:
			reading = append(reading, r.path)
		}
	}
	require.Equal(t, []string{"/api/document/diff"}, reading)
	require.Equal(t, "read-only", o.get("/api/me")["role"])
}

func TestOtherSitesChangeNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(c *Config) { c.TrustedOrigins = []string{"https://desk.example.com"} })
	send := func(path string, header ...string) answer {
		r := request(http.MethodPost, path, object{})
		r.Header.Del("Sec-Fetch-Site")
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		return o.send(r)
	}
	for _, r := range (&console{}).table() {
		if r.method != http.MethodPost {
			continue
		}
		for _, header := range [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
			{"Origin", "https://evil.example.com"}, {"Origin", "null"},
			{"Origin", "https://evil.example.com", "Content-Type", "text/plain"},
		} {
			o.refused(send(r.path, header...), http.StatusForbidden, codeCrossOrigin)
		}
		for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "application/jsonp"} {
			o.refused(send(r.path, "Content-Type", kind), http.StatusUnsupportedMediaType, codeMediaType)
		}
		for _, header := range [][]string{
			{"Sec-Fetch-Site", "same-origin"}, {"Origin", "http://office.example.com"}, {"Origin", "https://desk.example.com"}, {},
			{"Content-Type", "application/json; charset=utf-8"},
		} {
			require.NotContains(t, []int{http.StatusForbidden, http.StatusUnsupportedMediaType}, send(r.path, header...).status, r.path)
		}
	}
}

func TestLoopbackServesThisHostAlone(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(c *Config) { c.Authenticate, c.InsecureLoopback = nil, true })
	send := func(remote, host string, header ...string) answer {
		r := request(http.MethodGet, "/api/me", nil)
		r.RemoteAddr, r.Host = remote, host
		for _, name := range header {
			r.Header.Set(name, "192.0.2.1")
		}
		return o.send(r)
	}
	const here = "127.0.0.1:40000"
	for _, host := range []string{"localhost", "localhost:8080", "LocalHost", "127.0.0.1:8080", "[::1]:8080", "[::1]", "127.0.0.1"} {
		require.Equal(t, "loopback", parse(t, send(here, host).text)["actor"], host)
	}
	require.Equal(t, http.StatusOK, send("[::1]:40000", "localhost").status)
	for _, host := range []string{"evil.example.com", "localhost.example.com", "127.0.0.1.example.com", "", "192.0.2.1", "[::2]", "0.0.0.0", "::1:80"} {
		o.refused(send(here, host), http.StatusForbidden, codeForbidden)
	}
	for _, remote := range []string{"192.0.2.1:40000", "[2001:db8::1]:40000", "", "@", "localhost:1", "127.0.0.1"} {
		o.refused(send(remote, "localhost"), http.StatusForbidden, codeForbidden)
	}
	for _, proxied := range []string{"Forwarded", "X-Forwarded-For", "X-Real-IP"} {
		o.refused(send(here, "localhost", proxied), http.StatusForbidden, codeForbidden)
	}
	page := request(http.MethodGet, "/", nil)
	page.RemoteAddr = here
	o.refused(o.send(page), http.StatusForbidden, codeForbidden)
}

func TestLoopbackAsksWhoItIsWhereItCan(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(c *Config) { c.InsecureLoopback = true })
	r := request(http.MethodGet, "/api/me", nil)
	o.refused(o.send(r), http.StatusForbidden, codeForbidden)
	r.RemoteAddr, r.Host = "127.0.0.1:1", "localhost"
	require.Equal(t, "alice", parse(t, o.send(r).text)["actor"])
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for path, cache := range map[string]string{
		"/": "no-cache", "/api/me": "no-store", "/api/nonsense": "no-store", "/nonsense": "no-store", "/api/openapi.yaml": "no-store", "/assets/x/y": "no-store",
	} {
		h := o.send(request(http.MethodGet, path, nil)).header
		require.Equal(t, cache, h.Get("Cache-Control"), path)
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), path)
		require.Equal(t, "no-referrer", h.Get("Referrer-Policy"), path)
		require.Equal(t, "same-origin", h.Get("Cross-Origin-Resource-Policy"), path)
		require.Equal(t, "same-origin", h.Get("Cross-Origin-Opener-Policy"), path)
		require.Equal(t, "DENY", h.Get("X-Frame-Options"), path)
		csp := h.Get("Content-Security-Policy")
		for _, directive := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} {
			require.Contains(t, csp, directive, path)
		}
		require.NotContains(t, csp, "unsafe", path)
		require.NotContains(t, csp, "data:", path)
		require.NotEmpty(t, h.Get("Content-Type"), path)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(c *Config) { c.MaxDocument = maxBody + 1000 })
	long := strings.Repeat("x", maxBody)
	o.refused(o.call(http.MethodPost, "/api/job/add", object{"app": "billing", "class": long}), http.StatusRequestEntityTooLarge, codeTooLarge)
	o.wrong(o.call(http.MethodPost, "/api/document/diff", object{"document": "[" + long}), "document")
	o.refused(o.call(http.MethodPost, "/api/document/diff", object{"document": long + long}), http.StatusRequestEntityTooLarge, codeTooLarge)

	for _, body := range []string{
		"", "{", "[]", `"x"`, `{"app":"billing"} {}`, `{"app":"billing"}]`, `{"app":"billing","by":"me"}`, "{\"app\":\"\xff\"}", `{"APP ":"billing"}`,
	} {
		a := o.call(http.MethodPost, "/api/app/pause", body)
		require.Contains(t, []int{http.StatusBadRequest, http.StatusUnprocessableEntity}, a.status, body)
	}
	o.wrong(o.call(http.MethodPost, "/api/app/pause", `{"app":7}`), "app")
	for body, field := range map[string]string{
		`{"job":"x"}`: "id", `{"job":"1","policies":{"retryMax":"x"}}`: "retryMax", `{"job":"1","policies":{"deadlineNs":1.5}}`: "deadline",
		`{"job":"1","schedule":{"start":"soon"}}`: "start", `{"job":"1","schedule":{"interval":"often"}}`: "interval", `{"job":"1","paused":1}`: "paused",
	} {
		o.wrong(o.call(http.MethodPost, "/api/execute/add", body), field, body)
	}
	require.Equal(t, false, o.get("/api/app", "app", "billing")["paused"])
	r := request(http.MethodPost, "/api/app/pause", nil)
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"app":"bill`), failingReader{}))
	o.refused(o.send(r), http.StatusBadRequest, codeRequest)
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("the browser has gone") }

func TestOnlySoManyRequestsAtATime(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		requests    int
		slow, other string
	}{
		"any":       {1, "/api/app/pause", "/api/app/pause"},
		"documents": {0, "/api/document/diff", "/api/document/apply"},
	} {
		o := newOffice(t, func(config *Config) { config.Requests, config.Timeout = c.requests, 200*time.Millisecond })
		body, finish := io.Pipe()
		first := make(chan int)
		go func() {
			w := httptest.NewRecorder()
			r := request(http.MethodPost, c.slow, nil)
			r.Body = body
			o.served.ServeHTTP(w, r)
			first <- w.Code
		}()
		_, err := finish.Write([]byte(`{"app":`)) // is read by one who has the only slot
		require.NoError(t, err)
		o.refused(o.call(http.MethodPost, c.other, object{"app": "billing"}), http.StatusServiceUnavailable, codeBusy)
		require.NoError(t, finish.CloseWithError(io.ErrUnexpectedEOF))
		require.Equal(t, http.StatusBadRequest, <-first, name)
		require.NotEqual(t, http.StatusServiceUnavailable, o.call(http.MethodPost, c.other, object{"app": "billing"}).status, name)
	}
}
