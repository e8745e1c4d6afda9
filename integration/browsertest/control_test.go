package browsertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// serve serves one page, with the console's policy.
func serve(t *testing.T, body string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:")
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
				<link rel="icon" href="data:,"><title>Control</title><main><h1>Control</h1>%s</main></html>`, body)
		case "/dialog.js":
			fmt.Fprint(w, `alert("hello")`)
		case "/wrong.js":
			fmt.Fprint(w, `console.error("told"); fetch("/missing"); setTimeout(() => { throw new Error("thrown") })`)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// The tests of the console rely on that trouble is told. Each kind is made here.
func TestTroubleIsTold(t *testing.T) {
	t.Parallel()
	for body, wanted := range map[string][]string{
		`<script src="wrong.js"></script>`:                     {`console.error: "told"`, "exception: Uncaught Error: thrown", "status of 404"},
		`<script>console.log(1)</script>`:                      {"content security policy: kInlineViolation script-src-elem"},
		`<p style="color: red">red</p>`:                        {"content security policy: kInlineViolation style-src-attr"},
		`<img src="http://localhost:1/x.png" alt="elsewhere">`: {"content security policy: kURLViolation img-src"},
		`<script src="dialog.js"></script>`:                    {"dialog: hello"},
	} {
		p := open(t, serve(t, body))
		p.visit("/")
		for _, told := range wanted {
			p.wait(told, func() bool { return strings.Contains(strings.Join(p.all(), "\n"), told) }, nil)
		}
		p.forget()
	}
	p := open(t, serve(t, ""))
	p.visit("/")
	require.Empty(t, p.all(), "nothing is told of a page without fault")
	p.origin = "http://another.example"
	p.visit("/")
	require.Contains(t, strings.Join(p.forget(), "\n"), "request to another origin")
}

func TestFlawsAreFound(t *testing.T) {
	t.Parallel()
	p := open(t, serve(t, `<input><button></button>`))
	p.visit("/")
	flaws := strings.Join(p.flaws(), "\n")
	require.Contains(t, flaws, "label: <input>")
	require.Contains(t, flaws, "button-name: <button>")
	p = open(t, serve(t, `<pre>`+strings.Repeat("wide ", 200)+`</pre>`))
	p.visit("/")
	p.window(narrow, high)
	require.NotEmpty(t, p.beyond())
	p = open(t, serve(t, `<p>fine</p>`))
	p.visit("/")
	p.window(narrow, high)
	require.Empty(t, p.flaws())
	require.Empty(t, p.beyond())
}
