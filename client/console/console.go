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
	origin *http.CrossOriginProtection
	pages  *http.ServeMux
	routes map[string]map[string]route // of the API, by path and method
	slots  chan struct{}               // holds one of each request of the API
	single chan struct{}               // or of that which works on a document
}

// New returns the console of what c manages, to be mounted below any prefix with
// http.StripPrefix. It fails where c is nil or a field of config has an invalid value, and
// names the field.
func New(c *client.Client, config Config) (http.Handler, error) {
	if c == nil {
		return nil, errors.New("console: the client is nil")
	}
	if err := config.validate(); err != nil {
		return nil, err
	}
	config = config.withDefaults()
	out := &console{
		client: c, config: config, origin: http.NewCrossOriginProtection(), pages: http.NewServeMux(),
		routes: map[string]map[string]route{}, slots: make(chan struct{}, config.Requests), single: make(chan struct{}, 1),
	}
	for _, origin := range config.TrustedOrigins {
		if err := out.origin.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("console: TrustedOrigins: %w", err)
		}
	}
	files, err := fs.Sub(embedded, "assets")
	if err == nil {
		out.assets, err = loadAssets(files)
	}
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	out.pages.HandleFunc("GET /{$}", out.assets.servePage)
	out.pages.HandleFunc("GET /assets/{hash}/{path...}", out.assets.serveFile)
	for _, r := range out.table() {
		if out.routes[r.path] == nil {
			out.routes[r.path] = map[string]route{}
		}
		out.routes[r.path][r.method] = r
	}
	return out, nil
}

// ServeHTTP serves a request whose path is below the console's prefix.
func (c *console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	setHeaders(w.Header())
	ctx, actor, err := c.authenticated(r)
	if err == nil && c.origin.Check(r) != nil {
		err = refuse(http.StatusForbidden, codeCrossOrigin, "a page of another origin sent this")
	}
	switch {
	case err != nil:
		c.fail(w, r, err)
	case r.URL.Path == "":
		redirectToFolder(w, r)
	case strings.HasPrefix(r.URL.Path, "/api/"):
		c.serveAPI(w, r.WithContext(ctx), actor)
	default:
		c.pages.ServeHTTP(w, r)
	}
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
	h.Set("Cache-Control", "no-store") // which the page and its files change
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
