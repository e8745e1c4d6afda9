// Package alert tells a listener what goes wrong on a node, without a monitoring stack:
// once when it begins and once when it is over.
//
//	alerts, err := alert.New(alert.Config{Listener: func(ctx context.Context, a alert.Alert) { … }})
//	node, err := core.New(db, core.Config{App: "billing", Handlers: handlers, Observer: alerts})
//	err = node.Run(ctx)
//	_ = alerts.Wait(ctx) // for the listener
//
// It is for what a node knows best, or is the only one to know: that an execute fails
// time and again ([FailuresInARow]), that its own lease is lost ([LeaseLost]), that the
// database is away ([DatabaseAway]) and that its clock is wrong ([ClockSkewed], with
// core.Config.MaxSkew). What concerns the app as a whole, and what nobody is left to
// tell of, is told by package client/alert, from any program that reaches the database:
// that fires are overdue, that no live node has a handler, that there is no live node.
// docs/observability.md lists all of them, and when they begin and end.
//
// # Once
//
// Of each breach the listener is told exactly twice: when it begins, with Over zero, and
// when it is over, in this order. A breach that is back before the listener was told of
// its end has not ended. When the node stops, whatever is still wrong is told as over,
// as nobody watches any more.
//
// A node counts the failures of what it runs itself. An execute moves to other nodes when
// nodes come and go, so an alert about it is also over when none of its fires has ended
// on this node for [Quiet]; if it fails again, that is a new breach. An execute that runs
// about as often on several nodes is told by each of them, after as many failures there.
//
// # The listener
//
// It is called from a goroutine of its own, one alert after another: a listener that is
// slow delays the next alerts and nothing else. A panic in it is logged. It should look
// at its context, which ends after [Config.Timeout].
//
// # What it keeps
//
// At most [MaxFailing] executes that fail, and twice as many breaches. Of more executes, those
// that failed longest ago are forgotten first; more breaches are logged instead of told.
package alert
