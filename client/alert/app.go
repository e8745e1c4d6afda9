package alert

import (
	"context"
	"fmt"
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
	var wrong []Alert
	for _, ask := range []func() ([]Alert, error){
		func() ([]Alert, error) {
			if lives {
				return nil, nil
			}
			return w.noLiveNode(ctx, app.Name)
		},
		func() ([]Alert, error) { return w.overdue(ctx, app.Name) },
		func() ([]Alert, error) {
			if !lives || len(nodes) == 0 { // a standalone node has no row that says what it can run
				return nil, nil
			}
			return w.noHandler(ctx, app.Name, nodes)
		},
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
	next, err := some(1, func(o client.PageOptions) (*client.Page[client.ExecuteInfo], error) {
		return w.client.ListExecutes(ctx, client.ExecuteFilter{
			PageOptions: o, App: app, States: []schema.State{schema.Executing}, Sort: client.SortNextFire,
		})
	})
	if err != nil || len(next) == 0 {
		return nil, err
	}
	return []Alert{{Kind: NoLiveNode, App: app, Since: w.apps[app].at, Message: fmt.Sprintf(
		"app %s has no live node, and its next fire is at %s. Start a worker, or see why those that there are do not reach the database",
		app, next[0].NextFire.Format(time.RFC3339))}}, nil
}

// due returns the executes of an app that are overdue and do not run, oldest first.
func (w *Watcher) due(ctx context.Context, app string, after time.Duration) ([]*client.ExecuteInfo, error) {
	late, err := some(client.MaxLimit, func(o client.PageOptions) (*client.Page[client.ExecuteInfo], error) {
		return w.client.ListExecutes(ctx, client.ExecuteFilter{PageOptions: o, App: app, Overdue: after, Sort: client.SortNextFire})
	})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(late, func(e *client.ExecuteInfo) bool { return e.InFlight != nil }), nil
}

func (w *Watcher) overdue(ctx context.Context, app string) ([]Alert, error) {
	if w.cfg.OverdueAfter < 0 {
		return nil, nil
	}
	late, err := w.due(ctx, app, w.cfg.OverdueAfter)
	if err != nil || len(late) == 0 {
		return nil, err
	}
	return []Alert{{Kind: Overdue, App: app, Since: late[0].NextFire.Add(w.cfg.OverdueAfter), Message: fmt.Sprintf(
		"%s executes of app %s are overdue by more than %s, first %s, due since %s. See whether its nodes have slots free, "+
			"a handler for it, and a database that is fast enough",
		count(len(late)), app, w.cfg.OverdueAfter, label(late[0]), late[0].NextFire.Format(time.RFC3339))}}, nil
}

func count(n int) string {
	if n == client.MaxLimit {
		return fmt.Sprintf("%d or more", n)
	}
	return fmt.Sprint(n)
}

func label(e *client.ExecuteInfo) string {
	if e.Name == "" {
		return e.ID.String()
	}
	return fmt.Sprintf("%s (%s)", e.ID, e.Name)
}

// noHandler tells of classes that no live node has a handler for: what is due of them is
// never claimed, and so among what has been due for longest.
func (w *Watcher) noHandler(ctx context.Context, app string, nodes []*client.NodeInfo) ([]Alert, error) {
	late, err := w.due(ctx, app, client.OverdueAfter)
	if err != nil || len(late) == 0 {
		return nil, err
	}
	ids := make([]client.ID, len(late))
	for i, e := range late {
		ids[i] = e.JobID
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	found, err := all(func(o client.PageOptions) (*client.Page[client.JobInfo], error) {
		return w.client.ListJobs(ctx, client.JobFilter{PageOptions: o, App: app, IDs: ids})
	})
	if err != nil {
		return nil, err
	}
	jobs := make(map[client.ID]*client.JobInfo, len(found))
	for _, j := range found {
		jobs[j.ID] = j
	}
	settled := make(map[string]bool) // by class
	for _, n := range nodes {
		for _, class := range n.Handlers {
			settled[class] = true
		}
	}
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
