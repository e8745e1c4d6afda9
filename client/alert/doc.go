// Package alert tells a listener what goes wrong with apps as a whole, without a
// monitoring stack: once when it begins and once when it is over. A cluster that is dead
// cannot tell of itself, so this is for a back office, or whatever else lives beside the
// workers:
//
//	watcher, err := alert.New(c, alert.Config{Listener: func(ctx context.Context, a alert.Alert) { … }})
//	err = watcher.Run(ctx) // until ctx ends
//
// It asks the database every 10 s: whether fires are overdue ([Overdue]), whether there
// is what no live node has a handler for ([NoHandler]), whether a node gives signs of
// life ([NoLiveNode]), and it tells if it gets no answer ([DatabaseAway]). What a node
// knows best, that an execute fails time and again or that its lease is lost, is told by
// package core/alert, on the node. docs/observability.md lists all of them, and when they
// begin and end.
//
// Nothing is told of apps, jobs and executes that an operator has paused, of apps in
// maintenance, nor of an execute that must not run beside another fire of its own; nor of
// retries that wait, which are in no list of an app.
//
// # Once
//
// Of each breach the listener is told exactly twice: when it begins, with Over zero, and
// when it is over, in this order. Each watcher tells by itself, so let one run: in one
// replica of the back office, or, without a back office, in the workers with [Config.While],
// where it is the master that watches:
//
//	While: func() bool { return node.Status().Master },
//
// Such a watcher never tells [DatabaseAway], nor anything else while the database is away:
// a node that does not reach it is master no longer. Let core/alert tell that, on each node.
//
// When the watch ends, or passes to another, whatever is still wrong is told as over. A
// breach that is over before the watcher asks again is not seen.
//
// # The listener
//
// It is called from a goroutine of its own, one alert after another: a listener that is
// slow delays the next alerts and nothing else. A panic in it is logged. It should look
// at its context, which ends after [Config.Timeout].
//
// # What it costs and keeps
//
// Each time it reads the rows of apps and nodes, and of each app the beginning of the
// index by which nodes find what is due, of what is overdue at most the 1,000 executes
// that have been for longest, so that nobody sees what is behind 1,000 that no node has
// a handler for. Of an app that has no live node it lists the jobs that are paused and
// what is to fire, up to the first that is not below one of them; where there is none it
// searches the executes for a fire in flight. At most 1,000 breaches are kept; more are
// logged instead of told.
package alert
