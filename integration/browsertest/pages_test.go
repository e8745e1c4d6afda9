package browsertest

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client/console"
)

// Every page is looked at: see look.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	e := o.fill()
	p := o.enter("olga", console.Operator)
	for _, c := range []struct{ name, place, words string }{
		{"overview", "", "premiere"},
		{"app", "apps/lab", "elected"},
		{"nodes", "nodes", "south"},
		{"jobs", "jobs", "reports"},
		{"job", "jobs/" + e.reports.String(), "workdays"},
		{"job-add", "jobs/add", "What to run"},
		{"job-edit", "jobs/" + e.reports.String() + "/edit", "What to run"},
		{"executes", "executes", "dunning"},
		{"execute-running", "executes/" + id(e.running), "Running now"},
		{"execute-succeeded", "executes/" + id(e.succeeded), "SUCCEEDED"},
		{"execute-failed", "executes/" + id(e.failed), "no such invoice"},
		{"execute-add", "jobs/" + e.reports.String() + "/add", "Policies"},
		{"execute-edit", "executes/" + id(e.running) + "/edit", "Policies"},
		{"running", "running", "premiere"},
		{"document", "document", "Import"},
		{"nothing", "elsewhere", "There is no such page"},
	} {
		p.goes(c.place)
		p.reads("main", c.words)
		p.look(c.name)
	}
}

// So is what comes up on them.
func TestEveryDialog(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	e := o.fill()
	p := o.enter("olga", console.Operator)
	p.mayRefuse(404, 422)
	for _, c := range []struct{ name, place, open, seen string }{
		{"dialog-keys", "", test("help"), test("keys")},
		{"dialog-app-add", "", test("add-app"), "dialog"},
		{"menu-app", "apps/lab", test("app-menu"), test("delete-app")},
		{"dialog-node-add", "nodes", test("add-node"), "dialog"},
		{"menu-node", "nodes", node("north") + " " + test("node-menu"), test("delete-node")},
		{"selection", "jobs", test("choose-all"), test("selection")},
		{"dialog-job-delete", "jobs/" + e.reports.String(), test("job-menu") + "|" + test("delete-job"), test("confirm")},
		{"dialog-job-copy", "jobs/" + e.reports.String(), test("job-menu") + "|" + test("copy-job"), "dialog"},
		{"dialog-run", "executes/" + id(e.succeeded), test("run-now"), test("run-dialog")},
		{"form-wrong", "jobs/add", test("submit"), test("error-class")},
	} {
		p.goes(c.place)
		for thing := range strings.SplitSeq(c.open, "|") {
			p.click(thing)
		}
		p.see(c.seen)
		p.look(c.name)
		p.press(kb.Escape)
		p.miss("dialog")
		p.goes("elsewhere")
		p.see(test("empty"))
	}
	p.goes("jobs/1")
	p.reads("main", "There is no such thing")
	p.look("gone")
}

// So is a console of nothing, to whoever may do less, and in the theme that was
// chosen, which lasts.
func TestAnEmptyConsole(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.enter("rita", console.ReadOnly)
	for _, c := range []struct{ name, place, words string }{
		{"empty-overview", "", "Nothing is to come"},
		{"empty-nodes", "nodes", "No such node"},
		{"empty-jobs", "jobs", "There is no job yet"},
		{"empty-executes", "executes", "There is no execute yet"},
		{"empty-running", "running", "Nothing runs"},
	} {
		p.goes(c.place)
		p.reads("main", c.words)
		p.look(c.name)
	}
	p.theme("light")
	light := ask[string](p, background)
	p.click(test("theme-dark"))
	dark := until[string](p, "another background", `(light) => { const it = (`+background+`)(); return it !== light && it; }`, light)
	p.visit(prefix + "/")
	p.see(test("title"))
	require.Equal(t, dark, ask[string](p, background), "after a reload")

	p.mayRefuse(401)
	call(p, network.ClearBrowserCookies, cdp.Empty{})
	p.reads(test("outage"), "You are not signed in any more.")
	p.look("signed-out")
}

const background = `() => getComputedStyle(document.body).backgroundColor`
