package browsertest

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/quartz-cluster/quartz/client/console"
)

// Who closes a dialog while what it has sent is under way is told how that ended.
func TestAClosedDialogTellsItsEnd(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.enter("olga", console.Operator)
	p.mayRefuse(409)
	ask[bool](p, `() => {
		const { fetch } = window;
		window.fetch = async (...call) => {
			if (call[1].method === "POST") await new Promise((resolve) => (window.release = resolve));
			return fetch(...call);
		};
		return true;
	}`)
	for _, c := range []struct{ name, notice, words string }{
		{"lab", "notice-bad", "already"},
		{"archive", "notice-good", "App archive was added."},
	} {
		p.click(test("add-app"))
		p.write("dialog "+test("name"), c.name)
		p.click(test("dialog-submit"))
		until[bool](p, "it is under way", `() => Boolean(window.release)`)
		p.reads(test("dialog-close"), "Close") // and no more Cancel
		p.press(kb.Escape)
		p.miss("dialog")
		ask[bool](p, `() => { window.release(); delete window.release; return true; }`)
		p.reads(test(c.notice), c.words)
	}
	p.reads(test("title"), "archive")
}
