package browsertest

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client/console"
)

// Everything can be done without a mouse, and what has the focus is seen.
func TestAKeyboardIsEnough(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.enter("olga", console.Operator)

	p.tabTo("#skip", 99)
	p.press(kb.Enter)
	p.focus("#main")

	p.press("?")
	p.reads(test("keys"), "Search in the list")
	p.press(kb.Escape)
	p.miss("dialog")

	p.press("gj")
	p.reads(test("title"), "Jobs")
	p.press("/")
	p.focus("filter-text")
	p.press("film")
	p.reads(test("empty"), "No such job")
	until[bool](p, "the filter is in the address", `() => location.hash.includes("text=film")`)
	p.press(kb.Escape)

	p.press(kb.Tab, chromedp.ModifierShift)
	p.tabBackTo("add-job", 5)
	p.press(kb.Enter)
	p.reads(test("title"), "Add job")
	p.tabTo("class", 40)
	p.press(quick)
	p.press(kb.Tab)
	p.focus("name")
	p.press("by keys")
	p.press(kb.Enter) // sends the form
	p.reads(test("title"), "by keys")
	p.focus("#main")

	p.tabTo("job-menu", 40)
	p.press(kb.Enter)
	p.see(test("copy-job"))
	p.press(kb.Escape)
	p.miss(test("copy-job"))
	p.focus("job-menu")
	p.press(" ")
	p.tabTo("delete-job", 10)
	p.press(kb.Enter)
	p.reads(test("confirm"), "Delete by keys?")
	require.Equal(t, "dialog-close", p.focused(), "what cannot be taken back is not what Enter does first")
	p.tabTo("dialog-submit", 3)
	p.press(kb.Enter)
	p.reads(test("title"), "Jobs")
	p.see(test("empty"))
}

// focus waits until something has the focus.
func (p *tab) focus(name string) {
	p.t.Helper()
	p.wait("the focus is on "+name, func() bool { return p.focused() == name }, nil)
}

// tabTo presses Tab until something has the focus, which is then to be seen, at
// most so many times.
func (p *tab) tabTo(name string, most int) {
	p.t.Helper()
	p.tabBy(name, most)
}

func (p *tab) tabBackTo(name string, most int) {
	p.t.Helper()
	p.tabBy(name, most, chromedp.ModifierShift)
}

func (p *tab) tabBy(name string, most int, modifiers ...chromedp.Modifier) {
	p.t.Helper()
	seen := []string{p.focused()}
	for ; seen[len(seen)-1] != name; seen = append(seen, p.focused()) {
		require.LessOrEqual(p.t, len(seen), most, "presses of Tab on the way to %s: %q", name, seen)
		p.press(kb.Tab, modifiers...)
	}
	ring := ask[string](p, `() => { const it = getComputedStyle(document.activeElement); return it.outlineStyle + " " + it.outlineWidth; }`)
	require.Regexp(p.t, `^(solid|auto) [1-9]`, ring, "of what has the focus: %s", name)
}
