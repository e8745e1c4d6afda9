package core

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/internal/wait"
	"github.com/quartz-cluster/quartz/schema"
)

// Listener hears what the Notifier of package client tells, so that the node looks
// at once for what a client has made due, and not with its next scan.
type Listener interface {
	// Listen calls hint with every text that is told to the nodes of app, and
	// first, as soon as it hears, with "": what was told before may have passed
	// it by. It returns when ctx ends; and when it can hear nothing any more,
	// with the reason. Then, as where it panics, the node says so and calls it
	// again. hint does not block, and may be called from any goroutine.
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
		err := n.listenOnce(ctx)
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
		wait.For(ctx, pause)
		pause = min(2*pause, maxPause)
	}
}

// listenOnce calls the listener, which is the user's code: what it does wrong must not
// end the process.
func (n *Node) listenOnce(ctx context.Context) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the listener panicked: %v", v)
		}
	}()
	return n.cfg.Listener.Listen(ctx, n.cfg.App, n.hinted)
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
