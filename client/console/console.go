package console

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"github.com/quartz-cluster/quartz/client"
)

type console struct {
	client *client.Client
	config Config
	assets *assets
	mux    *http.ServeMux
}

// New returns the console of what c manages, to be mounted below any prefix with
// http.StripPrefix.
func New(c *client.Client, config Config) (http.Handler, error) {
	if c == nil {
		return nil, errors.New("console: the client is nil")
	}
	if err := config.validate(); err != nil {
		return nil, err
	}
	files, err := fs.Sub(embedded, "assets")
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	out := &console{client: c, config: config.withDefaults(), mux: http.NewServeMux()}
	if out.assets, err = loadAssets(files); err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	out.mux.HandleFunc("GET /{$}", out.assets.servePage)
	out.mux.HandleFunc("GET /assets/{hash}/{path...}", out.assets.serveFile)
	return out, nil
}

// ServeHTTP serves a request whose path is below the console's prefix.
func (c *console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	setHeaders(w.Header())
	if r.URL.Path == "" {
		redirectToFolder(w, r)
		return
	}
	c.mux.ServeHTTP(w, r)
}

// policy is the content security policy: nothing but what this handler serves.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

func setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// redirectToFolder adds the slash that relative URLs need. The prefix was cut
// off, and proxies may have cut off more, so the location is relative too.
func redirectToFolder(w http.ResponseWriter, r *http.Request) {
	path, query, _ := strings.Cut(r.RequestURI, "?")
	to := "./" + path[strings.LastIndexByte(path, '/')+1:] + "/"
	if query != "" {
		to += "?" + query
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusTemporaryRedirect)
}
