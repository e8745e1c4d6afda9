package core

import (
	"context"
	"errors"
	"time"

	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/schema"
)

// Listener hears what the Notifier of package client tells, so that the node looks
// at once for what a client has made due, and not with its next scan.
type Listener interface {
	// Listen calls hint with every text that is told to the nodes of app, and
	// first, as soon as it hears, with "": what was told before may have passed
	// it by. It returns when ctx ends; and when it can hear nothing any more,
	// with the reason. Then the node says so and calls it again. hint does not
	// block, and may be called from any goroutine.
	Listen(ctx context.Context, app string, hint func(hint string)) error
}

var errDeaf = errors.New("the listener ended")

// listen listens until ctx ends. The pause before another try begins anew once one
// has lasted, not once one has begun: a server may end every connection at once.
func (n *Node) listen(ctx context.Context) {
	const firstPause, maxPause = 100 * time.Millisecond, 5 * time.Second
	pause := firstPause
	for ctx.Err() == nil {
		began := time.Now()
		err := n.cfg.Listener.Listen(ctx, n.cfg.App, n.hinted)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = errDeaf
		}
		n.tell(observe.Event{Kind: observe.Trouble, Reason: "listen", Err: err})
		if time.Since(began) > maxPause {
			pause = firstPause
		}
		sleep(ctx, pause)
		pause = min(2*pause, maxPause)
	}
}

// hinted looks at what a client tells of. A node that is just registering looks at
// everything when it has.
func (n *Node) hinted(text string) {
	t := n.current()
	if t == nil {
		return
	}
	hint := schema.ParseHint(text)
	t.scan.Hint(hint)
	if hint&schema.HintApp != 0 {
		t.ms.Nudge()
	}
}
