package browsertest

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// browser is one Chromium for all tests. Each tab is a profile of its own.
var browser struct {
	once sync.Once
	ctx  context.Context
	err  error
	dir  string
}

func startBrowser() (context.Context, error) {
	browser.once.Do(func() {
		if browser.dir, browser.err = os.MkdirTemp("", "quartz-chromium-"); browser.err != nil {
			return
		}
		options := append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.UserDataDir(browser.dir),
			chromedp.DisableGPU,
			chromedp.Flag("disable-quic", true),
			chromedp.Flag("disable-component-update", true),
			chromedp.Flag("lang", "en-GB"),
			chromedp.Env("TZ=America/New_York"), // the reader's zone, which is nobody else's
			chromedp.WSURLReadTimeout(patience),
		)
		if path := os.Getenv("QUARTZ_TEST_CHROMIUM"); path != "" {
			options = append(options, chromedp.ExecPath(path))
		}
		ctx, _ := chromedp.NewExecAllocator(context.Background(), options...)
		browser.ctx, _ = chromedp.NewContext(ctx) //nolint:fatcontext // it is made once
		browser.err = chromedp.Do(browser.ctx)
	})
	return browser.ctx, browser.err
}

func closeBrowser() {
	if browser.ctx != nil && browser.err == nil {
		_ = chromedp.Cancel(browser.ctx)
	}
	_ = os.RemoveAll(browser.dir)
}

// tab is a page of the browser, in the hands of one test.
type tab struct {
	*troubles

	t   testing.TB
	ctx context.Context
	at  string // the URL that everything is below
}

// The sizes of a window.
const (
	wide   = 1280
	narrow = 400
	high   = 900
)

// open opens a tab, to be used at one origin.
func open(t testing.TB, origin string) *tab {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	parent, err := startBrowser()
	require.NoError(t, err, "scripts/provision finds or installs Chromium; QUARTZ_TEST_CHROMIUM names another")
	p := &tab{t: t, at: origin, troubles: &troubles{origin: origin}}
	ctx, _ := chromedp.NewContext(parent, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.listen))
	p.ctx, p.troubles.ctx = ctx, ctx
	t.Cleanup(func() {
		if t.Failed() {
			p.picture("failed-" + strings.ReplaceAll(t.Name(), "/", "-"))
			t.Logf("the page at the end:\n%s", p.describe())
		}
		_ = chromedp.Cancel(ctx)
		p.answering.Wait()
		for _, trouble := range p.all() {
			t.Errorf("in the browser: %s", trouble)
		}
	})
	require.NoError(t, chromedp.Do(ctx), "opens the tab, which lives as long as this very context")
	call(p, audits.Enable, cdp.Empty{})
	call(p, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	p.window(wide, high)
	return p
}

// call sends a command of the DevTools protocol.
func call[P, R any](p *tab, command cdp.Command[P, R], params P) R {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	answer, err := chromedp.Call(ctx, command, params)
	require.NoError(p.t, err, command.Method)
	return answer
}

func (p *tab) window(width, height int64) {
	p.t.Helper()
	call(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1})
}

// theme is what the reader's system prefers: light or dark.
func (p *tab) theme(name string) {
	p.t.Helper()
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: name},
			{Name: "prefers-reduced-motion", Value: "reduce"},
		},
	})
}
