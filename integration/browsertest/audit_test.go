package browsertest

import (
	"context"
	"os"
	"path/filepath"
	"sync"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// look looks at a page as people with other eyes and devices do: in both themes
// and in a narrow window, with axe-core in each, and takes a picture of each.
func (p *tab) look(name string) {
	p.t.Helper()
	for _, theme := range []string{"light", "dark"} {
		p.theme(theme)
		p.picture(name + "-" + theme)
		require.Empty(p.t, p.flaws(), "of %s, %s, to axe-core", name, theme)
	}
	p.theme("light")
	p.window(narrow, high)
	p.picture(name + "-narrow")
	require.Empty(p.t, p.flaws(), "of %s, narrow, to axe-core", name)
	require.Empty(p.t, p.beyond(), "%s scrolls sideways at %d px", name, narrow)
	p.window(wide, high)
}

// axe is the source of axe-core.
var axe = sync.OnceValues(func() (string, error) {
	path := os.Getenv("QUARTZ_TEST_AXE")
	if path == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		path = filepath.Join(cache, "quartz-test", "axe.min.js")
	}
	source, err := os.ReadFile(path)
	return string(source), err
})

// flaws returns what axe-core calls serious or critical.
func (p *tab) flaws() []string {
	p.t.Helper()
	source, err := axe()
	require.NoError(p.t, err, "scripts/provision fetches axe-core; QUARTZ_TEST_AXE names another")
	if !ask[bool](p, `() => "axe" in window`) {
		ctx, cancel := context.WithTimeout(p.ctx, patience)
		defer cancel()
		require.NoError(p.t, chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](source+"\n;undefined")))
	}
	return ask[[]string](p, `async () => {
		const { violations } = await axe.run(document, { resultTypes: ["violations"] });
		return violations
			.filter(({ impact }) => impact === "serious" || impact === "critical")
			.flatMap(({ id, nodes }) => nodes.map((node) => id + ": " + node.html + " " + node.failureSummary));
	}`)
}

// beyond returns what sticks out of the window sideways.
func (p *tab) beyond() []string {
	p.t.Helper()
	return ask[[]string](p, `() => {
		const root = document.documentElement;
		if (root.scrollWidth <= root.clientWidth) return [];
		const out = [...document.querySelectorAll("body *")].filter((it) => it.getBoundingClientRect().right > root.clientWidth + 0.5);
		return ["the page is " + root.scrollWidth + " px wide", ...out.slice(0, 5).map((it) => it.outerHTML.slice(0, 120))];
	}`)
}

// picture writes what can be seen to a file, in a window as high as the page is.
func (p *tab) picture(name string) {
	p.t.Helper()
	size := ask[struct{ W, H int64 }](p, `() => (scrollTo(0, 0), { W: innerWidth, H: document.documentElement.scrollHeight })`)
	p.window(size.W, max(size.H, high))
	fast := true
	shot := call(p, page.CaptureScreenshot, page.CaptureScreenshotParams{OptimizeForSpeed: &fast})
	p.window(size.W, high)
	dir := os.Getenv("QUARTZ_SCREENSHOTS")
	if dir == "" {
		dir = "screenshots"
	}
	require.NoError(p.t, os.MkdirAll(dir, 0o755))
	require.NoError(p.t, os.WriteFile(filepath.Join(dir, name+".png"), shot.Data, 0o644))
}
