package browsertest

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// patience bounds how long a test waits for what must come.
const patience = 60 * time.Second

// finder is the script that finds things in a page.
//
//go:embed finder.js
var finder string

// eval calls a function of JavaScript in the page, or in what will be the page.
func eval[T any](p *tab, function string, args ...any) (T, error) {
	list := make([]string, len(args))
	for i, arg := range args {
		text, err := json.Marshal(arg)
		require.NoError(p.t, err)
		list[i] = string(text)
	}
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	script := fmt.Sprintf("(() => {%s\nreturn (%s)(%s);})()", finder, function, strings.Join(list, ","))
	return chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

// ask is eval of what cannot fail.
func ask[T any](p *tab, function string, args ...any) T {
	p.t.Helper()
	out, err := eval[T](p, function, args...)
	require.NoError(p.t, err, function)
	return out
}

// until waits until a function of JavaScript returns something true, and returns
// that.
func until[T any](p *tab, what, function string, args ...any) T {
	p.t.Helper()
	var out T
	var last error
	p.wait(what, func() bool {
		raw, err := eval[json.RawMessage](p, function, args...)
		if last = err; err != nil {
			return false // the page may be on its way
		}
		switch string(raw) {
		case "", "null", "false", `""`, "0":
			return false
		}
		last = json.Unmarshal(raw, &out)
		return last == nil
	}, &last)
	return out
}

// wait polls until done.
func (p *tab) wait(what string, done func() bool, last *error) {
	p.t.Helper()
	deadline := time.Now().Add(patience)
	for !done() {
		if time.Now().After(deadline) {
			if last == nil {
				last = new(error)
			}
			require.FailNow(p.t, fmt.Sprintf("within %s it did not come about: %s %v", patience, what, errors.Join(*last)))
		}
		<-time.After(25 * time.Millisecond)
	}
}

// visit loads a URL below the tab's origin.
func (p *tab) visit(path string) {
	p.t.Helper()
	answer := call(p, page.Navigate, page.NavigateParams{URL: p.at + path})
	require.Empty(p.t, answer.ErrorText, path)
	until[bool](p, path+" is loaded", `() => document.readyState === "complete"`)
}

// A thing is found by a CSS selector, and among what that finds by its words:
// "button", "button >> Pause"; what cannot be seen is not found.

// see waits for a thing and returns its words.
func (p *tab) see(thing string) string {
	p.t.Helper()
	return until[string](p, "to see "+thing, `(thing) => { const it = find(thing)[0]; return it && (wordsOf(it) || " "); }`, thing)
}

// miss waits until there is no such thing.
func (p *tab) miss(thing string) {
	p.t.Helper()
	until[bool](p, "to miss "+thing, `(thing) => find(thing).length === 0`, thing)
}

// reads waits until a thing's words contain some.
func (p *tab) reads(thing, words string) {
	p.t.Helper()
	until[bool](p, fmt.Sprintf("%s reads %q", thing, words), `(thing, words) => find(thing).some((it) => wordsOf(it).includes(words))`, thing, words)
}

// click clicks the middle of a thing, which must be there to be clicked. Where the
// page has moved meanwhile, the click reaches nobody, and it clicks again.
func (p *tab) click(thing string) {
	p.t.Helper()
	p.wait("to click "+thing, func() bool {
		at := until[struct{ X, Y float64 }](p, "to click "+thing, `aimAt`, thing)
		for _, kind := range []input.DispatchMouseEventType{"mouseMoved", "mousePressed", "mouseReleased"} {
			params := input.DispatchMouseEventParams{Type: kind, X: at.X, Y: at.Y}
			if kind != "mouseMoved" {
				params.Button, params.ClickCount = "left", 1
			}
			call(p, input.DispatchMouseEvent, params)
		}
		hit, err := eval[bool](p, `hasHit`)
		return hit || err != nil // the page has gone elsewhere
	}, nil)
}

// write puts text into a field in the place of what stands there.
func (p *tab) write(field, text string) {
	p.t.Helper()
	p.click(field)
	until[bool](p, field+" has the focus", `(thing) => find(thing)[0] === document.activeElement`, field)
	ask[bool](p, `() => { document.activeElement.select?.(); return true; }`)
	if text == "" {
		p.press(kb.Delete)
		return
	}
	call(p, input.InsertText, input.InsertTextParams{Text: text})
}

// choose chooses from a list by the value.
func (p *tab) choose(field, value string) {
	p.t.Helper()
	until[bool](p, fmt.Sprintf("to choose %q in %s", value, field), `(thing, value) => {
		const it = find(thing)[0];
		if (!it || ![...it.options].some((o) => o.value === value)) return false;
		it.value = value;
		it.dispatchEvent(new Event("input", { bubbles: true }));
		it.dispatchEvent(new Event("change", { bubbles: true }));
		return true;
	}`, field, value)
}

// press presses keys one after the other. What a page does with a key in the place
// of its text keeps that from being written, as it does at a keyboard. The keys bear
// the times of a quick hand, however long the page takes over each.
func (p *tab) press(keys string, modifiers ...chromedp.Modifier) {
	p.t.Helper()
	var held int64
	for _, m := range modifiers {
		held |= int64(m)
	}
	at := time.Now()
	for _, r := range keys {
		at = at.Add(10 * time.Millisecond)
		k := kb.Keys[r]
		require.NotNil(p.t, k, "the key of %q", r)
		params := input.DispatchKeyEventParams{
			Type: "keyDown", Key: k.Key, Code: k.Code, Text: k.Text, UnmodifiedText: k.Unmodified,
			NativeVirtualKeyCode: k.Native, WindowsVirtualKeyCode: k.Windows, Modifiers: held,
			Timestamp: input.TimeSinceEpoch(float64(at.UnixMicro()) / 1e6),
		}
		if k.Shift {
			params.Modifiers |= int64(chromedp.ModifierShift)
		}
		call(p, input.DispatchKeyEvent, params)
		params.Type, params.Text, params.UnmodifiedText = "keyUp", "", ""
		call(p, input.DispatchKeyEvent, params)
	}
}

// focused returns what has the focus: its data-test, its id, or its tag and words.
func (p *tab) focused() string {
	p.t.Helper()
	return ask[string](p, `() => {
		const it = document.activeElement;
		return it.dataset.test || (it.id && "#" + it.id) || it.tagName.toLowerCase() + " " + wordsOf(it);
	}`)
}

// describe is what a person would have seen, for a failure.
func (p *tab) describe() string {
	text, err := eval[string](p, `() => location.href + "\n" + document.body?.innerText`)
	if err != nil {
		return err.Error()
	}
	return text
}
