package alert

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// life is what a watcher has seen of an app's signs of life: on its own clock, so that a
// jump of the database's kills nobody.
type life struct {
	sign string
	at   time.Time
}

// askOf returns what is wrong with an app that has these nodes.
func (w *Watcher) askOf(ctx context.Context, app *client.AppInfo, nodes []*client.NodeInfo) ([]Alert, error) {
	lives := w.lives(app, nodes)
	if app.Paused || app.Maintenance {
		return nil, nil
	}
	var handled map[string]bool // classes; nil: not known, as of a standalone node, which has no row
	if lives && len(nodes) > 0 {
		handled = handledBy(nodes)
	}
	var wrong []Alert
	for _, ask := range []func() ([]Alert, error){
		func() ([]Alert, error) {
			if lives {
				return nil, nil
			}
			return w.noLiveNode(ctx, app.Name)
		},
		func() ([]Alert, error) { return w.overdue(ctx, app.Name, handled) },
		func() ([]Alert, error) { return w.noHandler(ctx, app.Name, handled) },
	} {
		found, err := ask()
		if err != nil {
			return nil, err
		}
		wrong = append(wrong, found...)
	}
	return wrong, nil
}

// lives reports whether the app has given a sign of life lately: a heartbeat of a node or
// a pass of the ClusterMisfireHandler.
func (w *Watcher) lives(app *client.AppInfo, nodes []*client.NodeInfo) bool {
	var sign strings.Builder
	fmt.Fprint(&sign, app.LastPass.UnixMilli())
	for _, n := range nodes {
		fmt.Fprint(&sign, " ", n.NodeID, "@", n.LastBeat.UnixMilli())
	}
	l := w.apps[app.Name]
	if l == nil {
		l = &life{}
		w.apps[app.Name] = l
	}
	if l.at.IsZero() || sign.String() != l.sign {
		l.sign, l.at = sign.String(), time.Now()
	}
	return w.cfg.NoNodeAfter < 0 || time.Since(l.at) < w.cfg.NoNodeAfter
}

func (w *Watcher) noLiveNode(ctx context.Context, app string) ([]Alert, error) {
	held := make(map[client.ID]bool)
	for j, err := range w.client.AllJobs(ctx, client.JobFilter{App: app, States: []schema.State{schema.Paused, schema.Init}}) {
		if err != nil {
			return nil, err
		}
		held[j.ID] = true
	}
	next, err := some(1, without(w.client.AllExecutes(ctx, client.ExecuteFilter{
		App: app, States: []schema.State{schema.Executing}, Sort: client.SortNextFire,
	}), func(e *client.ExecuteInfo) bool { return held[e.JobID] }))
	if err != nil {
		return nil, err
	}
	var missed string
	if len(next) > 0 {
		missed = "its next fire is at " + next[0].NextFire.Format(time.RFC3339)
	} else {
		running, err := some(1, without(w.client.AllRunning(ctx, client.RunningFilter{App: app}),
			func(r *client.RunningFire) bool { return held[r.JobID] }))
		if err != nil || len(running) == 0 {
			return nil, err
		}
		missed = fmt.Sprintf("a fire of execute %s that was claimed at %s waits to be taken up", running[0].ExecuteID, running[0].Claimed.Format(time.RFC3339))
	}
	return []Alert{{Kind: NoLiveNode, App: app, Since: w.apps[app].at, Message: fmt.Sprintf(
		"app %s has no live node, and %s. Start a worker, or see why those that there are do not reach the database", app, missed)}}, nil
}

// due returns the executes of an app that are overdue, oldest first: also those that run,
// where another fire may run beside that one.
func (w *Watcher) due(ctx context.Context, app string, after time.Duration) ([]*client.ExecuteInfo, error) {
	return some(client.MaxLimit, w.client.AllExecutes(ctx, client.ExecuteFilter{App: app, Overdue: after, Sort: client.SortNextFire}))
}

// jobsOf returns the jobs of executes, by id: those that were not deleted just now.
func (w *Watcher) jobsOf(ctx context.Context, app string, executes []*client.ExecuteInfo) (map[client.ID]*client.JobInfo, error) {
	jobs := make(map[client.ID]*client.JobInfo)
	if len(executes) == 0 {
		return jobs, nil
	}
	ids := make([]client.ID, len(executes))
	for i, e := range executes {
		ids[i] = e.JobID
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	for j, err := range w.client.AllJobs(ctx, client.JobFilter{App: app, IDs: ids}) {
		if err != nil {
			return nil, err
		}
		jobs[j.ID] = j
	}
	return jobs, nil
}

// handledBy returns the classes that nodes have handlers for.
func handledBy(nodes []*client.NodeInfo) map[string]bool {
	classes := make(map[string]bool)
	for _, n := range nodes {
		for _, class := range n.Handlers {
			classes[class] = true
		}
	}
	return classes
}

// overdue leaves out what noHandler tells of: as long as nobody can run that, no backlog
// of the rest would begin.
func (w *Watcher) overdue(ctx context.Context, app string, handled map[string]bool) ([]Alert, error) {
	if w.cfg.OverdueAfter < 0 {
		return nil, nil
	}
	late, err := w.due(ctx, app, w.cfg.OverdueAfter)
	if err != nil {
		return nil, err
	}
	more := ""
	if len(late) == client.MaxLimit {
		more = " or more"
	}
	if handled != nil {
		jobs, err := w.jobsOf(ctx, app, late)
		if err != nil {
			return nil, err
		}
		late = slices.DeleteFunc(late, func(e *client.ExecuteInfo) bool { return jobs[e.JobID] != nil && !handled[jobs[e.JobID].Class] })
	}
	if len(late) == 0 {
		return nil, nil
	}
	return []Alert{{Kind: Overdue, App: app, Since: late[0].NextFire.Add(w.cfg.OverdueAfter), Message: fmt.Sprintf(
		"%d%s executes of app %s are overdue by more than %s, first %s, due since %s. See whether its nodes have slots free, "+
			"runs that hang in the others, and a database that is fast enough",
		len(late), more, app, w.cfg.OverdueAfter, label(late[0]), late[0].NextFire.Format(time.RFC3339))}}, nil
}

func label(e *client.ExecuteInfo) string {
	if e.Name == "" {
		return e.ID.String()
	}
	return fmt.Sprintf("%s (%s)", e.ID, e.Name)
}

// noHandler tells of classes that no live node has a handler for: what is due of them is
// never claimed, and so among what has been due for longest.
func (w *Watcher) noHandler(ctx context.Context, app string, handled map[string]bool) ([]Alert, error) {
	if handled == nil {
		return nil, nil
	}
	late, err := w.due(ctx, app, client.OverdueAfter)
	if err != nil {
		return nil, err
	}
	jobs, err := w.jobsOf(ctx, app, late)
	if err != nil {
		return nil, err
	}
	settled := maps.Clone(handled)
	var wrong []Alert
	for _, e := range late {
		j := jobs[e.JobID]
		if j == nil || settled[j.Class] { // deleted just now
			continue
		}
		settled[j.Class] = true // by its oldest
		wrong = append(wrong, Alert{
			Kind: NoHandler, App: app, Class: j.Class, JobID: int64(j.ID), Job: j.Name, Since: e.NextFire,
			Message: fmt.Sprintf("no live node of app %s has a handler for class %s, and execute %s is due since %s. "+
				"Start a worker that has one, or pause what nobody is to run", app, j.Class, label(e), e.NextFire.Format(time.RFC3339)),
		})
	}
	return wrong, nil
}
