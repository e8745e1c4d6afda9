package browsertest

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// troubles is the account of what must not happen in a tab.
type troubles struct {
	origin    string
	ctx       context.Context
	answering sync.WaitGroup // dialogs

	mu      sync.Mutex
	told    []string
	refused []int // the statuses of answers that the test asks for
}

// mayRefuse says which answers other than success the test provokes: Chromium has
// an error on the console for each.
func (x *troubles) mayRefuse(statuses ...int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.refused = append(x.refused, statuses...)
}

func (x *troubles) all() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Clone(x.told)
}

// forget is for controls, which make trouble on purpose.
func (x *troubles) forget() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	told := x.told
	x.told = nil
	return told
}

func (x *troubles) tell(format string, args ...any) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.told = append(x.told, fmt.Sprintf(format, args...))
}

// listen gets every event of the tab, in order.
func (x *troubles) listen(event any) {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			x.tell("console.%s: %s", e.Type, words(e.Args))
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		x.tell("exception: %s", text)
	case *log.EventEntryAdded:
		if e.Entry.Level != log.EntryLevelInfo && e.Entry.Level != log.EntryLevelVerbose && !x.provoked(e.Entry) {
			x.tell("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	case *audits.EventIssueAdded:
		if d := e.Issue.Details.ContentSecurityPolicyIssueDetails; d != nil {
			x.tell("content security policy: %s %s", d.ContentSecurityPolicyViolationType, d.ViolatedDirective)
		}
	case *network.EventRequestWillBeSent:
		if url := e.Request.URL; !strings.HasPrefix(url, x.origin+"/") && !strings.HasPrefix(url, "data:") && !strings.HasPrefix(url, "blob:"+x.origin) {
			x.tell("request to another origin: %s", url)
		}
	case *network.EventWebSocketCreated:
		x.tell("web socket: %s", e.URL)
	case *page.EventJavascriptDialogOpening:
		x.tell("dialog: %s", e.Message)
		x.answering.Go(func() { // the listener itself must not send
			_, _ = chromedp.Call(x.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: false})
		})
	case *target.EventTargetCrashed:
		x.tell("the tab crashed")
	}
}

var statusOf = regexp.MustCompile(`status of (\d+)`)

func (x *troubles) provoked(entry *log.Entry) bool {
	match := statusOf.FindStringSubmatch(entry.Text)
	if entry.Source != log.EntrySourceNetwork || match == nil {
		return false
	}
	status, _ := strconv.Atoi(match[1])
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Contains(x.refused, status)
}

func words(args []*runtime.RemoteObject) string {
	var out []string
	for _, a := range args {
		if text := a.Description; text != "" {
			out = append(out, text)
		} else {
			out = append(out, string(a.Value))
		}
	}
	return strings.Join(out, " ")
}
