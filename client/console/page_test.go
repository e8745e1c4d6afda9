package console

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// serve mounts a handler below a prefix on a real server.
func serve(t *testing.T, prefix string, h http.Handler) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(prefix+"/", http.StripPrefix(prefix, h))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL + prefix
}

func fetch(t *testing.T, url string) (text string, status int, header http.Header) {
	t.Helper()
	r, err := http.Get(url)
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Body.Close()) }()
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return string(body), r.StatusCode, r.Header
}

var asset = regexp.MustCompile(`(?:src|href)="(assets/[^"]+)"`)

func TestAnyPrefixWillDo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, prefix := range []string{"", "/console", "/a/b.c/d"} {
		at := serve(t, prefix, o.served)
		page, _, header := fetch(t, at+"/")
		require.Equal(t, "text/html; charset=utf-8", header.Get("Content-Type"))
		require.NotRegexp(t, `(src|href)="(/|https?:)`, page, "all URLs are relative")
		for _, found := range asset.FindAllStringSubmatch(page, -1) {
			_, status, header := fetch(t, at+"/"+found[1])
			require.Equal(t, http.StatusOK, status, found[1])
			require.Contains(t, header.Get("Cache-Control"), "immutable")
		}
		text, status, _ := fetch(t, at+"/api/me")
		require.Equal(t, http.StatusOK, status, text)
		_, status, _ = fetch(t, at+"/nothing")
		require.Equal(t, http.StatusNotFound, status)
	}
}

func TestAFolderEndsWithASlash(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for uri, want := range map[string]string{
		"/console": "./console/", "/a/b/console?x=1": "./console/?x=1", "/console#": "./console#/", "": ".//",
		"/javascript:alert(1)": "./javascript:alert(1)/", "//evil.example.com": "./evil.example.com/",
	} {
		r := request(http.MethodGet, "/", nil)
		r.URL.Path, r.RequestURI = "", uri
		a := o.send(r)
		require.Equal(t, http.StatusTemporaryRedirect, a.status)
		require.Equal(t, want, a.header.Get("Location"))
	}
	// As a router does it that has no redirect of its own.
	mux := http.NewServeMux()
	mux.Handle("/office/console", http.StripPrefix("/office/console", o.served))
	mux.Handle("/office/console/", http.StripPrefix("/office/console", o.served))
	server := httptest.NewServer(mux)
	defer server.Close()
	page, _, _ := fetch(t, server.URL+"/office/console")
	require.Contains(t, page, "<html")
}

func TestTwoReplicasServeOneBrowser(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	second, err := New(o.client, Config{Authenticate: func(*http.Request) (Actor, error) { return o.actor, nil }})
	require.NoError(t, err)
	replicas, turn := []http.Handler{o.served, second}, 0
	o.served = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		turn++
		replicas[turn%2].ServeHTTP(w, r)
	})
	page := o.send(request(http.MethodGet, "/", nil))
	again := request(http.MethodGet, "/", nil)
	again.Header.Set("If-None-Match", page.header.Get("ETag"))
	require.Equal(t, http.StatusNotModified, o.send(again).status)
	for _, found := range asset.FindAllStringSubmatch(page.text, -1) {
		for range replicas {
			require.Equal(t, http.StatusOK, o.send(request(http.MethodGet, "/"+found[1], nil)).status, found[1])
		}
	}
	for range 2 {
		var ids []any
		for range 3 {
			ids = append(ids, o.addJob(object{"class": "x"}))
		}
		first := o.get("/api/jobs", "app", "billing", "limit", "2")
		rest := o.get("/api/jobs", "app", "billing", "cursor", first["next"].(string))
		require.Equal(t, ids, append(names(first, "id"), names(rest, "id")...))
		edited := o.post("/api/job/edit", object{"id": ids[0], "version": 0, "description": "d"})
		o.refused(o.call(http.MethodPost, "/api/job/edit", object{"id": ids[0], "version": 0, "description": "e"}), http.StatusConflict, codeVersion)
		o.post("/api/job/edit", object{"id": ids[0], "version": edited["version"], "description": "e"})
		o.post("/api/jobs/delete", object{"app": "billing"})
	}
}

func TestVersionsOfAssetsDoNotMix(t *testing.T) {
	t.Parallel()
	files := func(script string) fstest.MapFS {
		return fstest.MapFS{
			"index.html": {Data: []byte(`<script type="module" src="assets/app.js"></script><link href="assets/css/a.css">`)},
			"app.js":     {Data: []byte(script)}, "css/a.css": {Data: []byte("a{}")},
		}
	}
	old, err := loadAssets(files("1"))
	require.NoError(t, err)
	same, err := loadAssets(files("1"))
	require.NoError(t, err)
	other, err := loadAssets(files("2"))
	require.NoError(t, err)
	require.Equal(t, old.hash, same.hash)
	require.NotEqual(t, old.hash, other.hash)
	require.Contains(t, string(old.page), `src="assets/`+old.hash+`/app.js"`)
	require.Contains(t, string(old.page), `href="assets/`+old.hash+`/css/a.css"`)

	get := func(a *assets, hash, path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.SetPathValue("hash", hash)
		r.SetPathValue("path", path)
		w := httptest.NewRecorder()
		a.serveFile(w, r)
		return w
	}
	require.Equal(t, "1", get(old, old.hash, "app.js").Body.String())
	require.Equal(t, "text/javascript; charset=utf-8", get(old, old.hash, "app.js").Header().Get("Content-Type"))
	for _, path := range []string{"app.js", "index.html", "../assets.go", "none.js", ""} {
		require.Equal(t, http.StatusNotFound, get(old, other.hash, path).Code)
	}
	require.Equal(t, http.StatusNotFound, get(old, old.hash, "index.html").Code, "the page has one place")

	_, err = loadAssets(fstest.MapFS{"index.html": {}, "a.exe": {}})
	require.ErrorContains(t, err, "a.exe")
}

func TestPagesAreRead(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	require.Equal(t, http.StatusOK, o.send(request(http.MethodHead, "/", nil)).status)
	require.Equal(t, http.StatusOK, o.send(request(http.MethodHead, "/api/me", nil)).status)
	require.Equal(t, http.StatusMethodNotAllowed, o.send(request(http.MethodPost, "/", nil)).status)
	a := o.send(request(http.MethodDelete, "/api/me", nil))
	o.refused(a, http.StatusMethodNotAllowed, codeMethod)
	require.Equal(t, "GET", a.header.Get("Allow"))
	o.refused(o.send(request(http.MethodGet, "/api/", nil)), http.StatusNotFound, codeNotFound)
	o.refused(o.send(request(http.MethodGet, "/api/"+strings.Repeat("x", 5000), nil)), http.StatusNotFound, codeNotFound)
}
