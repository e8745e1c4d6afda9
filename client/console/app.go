package console

import (
	"context"
	"errors"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// items is a list that has no pages.
type items[T any] struct {
	Items []T `json:"items"`
}

// done is what a change returns that leaves nothing to show.
type done struct {
	Deleted   int `json:"deleted,omitempty"`
	Cancelled int `json:"cancelled,omitempty"`
}

// appIn names an app.
type appIn struct {
	App string `json:"app"`
}

func (in appIn) subject() string { return in.App }

func (c *console) listApps(ctx context.Context, p *params) (any, error) {
	filter := client.AppFilter{PageOptions: p.page(), NamePrefix: p.text("namePrefix"), Text: p.text("text"), Paused: p.choice("paused")}
	if err := p.done(); err != nil {
		return nil, err
	}
	return c.client.ListApps(ctx, filter)
}

func (c *console) getApp(ctx context.Context, p *params) (any, error) {
	app := p.text("app")
	if err := p.done(); err != nil {
		return nil, err
	}
	return c.client.GetApp(ctx, app)
}

func (c *console) listEvents(ctx context.Context, p *params) (any, error) {
	app := p.text("app")
	if err := p.done(); err != nil {
		return nil, err
	}
	events, err := c.client.Events(ctx, app)
	return items[client.AppEvent]{events}, err
}

// maintenanceWait is how long an answer waits for nodes that are not idle yet.
const maintenanceWait = time.Second

func (c *console) getMaintenance(ctx context.Context, p *params) (any, error) {
	app := p.text("app")
	if err := p.done(); err != nil {
		return nil, err
	}
	wait, cancel := context.WithTimeout(ctx, maintenanceWait)
	defer cancel()
	err := c.client.WaitMaintenance(wait, app)
	out := struct {
		Idle bool     `json:"idle"`
		Busy []string `json:"busy,omitempty"`
	}{Idle: err == nil}
	var busy *client.NoAnswerError
	if errors.As(err, &busy) && len(busy.Nodes) > 0 {
		out.Busy, err = busy.Nodes, nil
	}
	return out, err
}

type addAppIn struct {
	appIn

	Paused bool `json:"paused"`
}

func (c *console) addApp(ctx context.Context, in addAppIn) (any, error) {
	return c.client.AddApp(ctx, client.App{Name: in.App, Paused: in.Paused})
}

func (c *console) deleteApp(ctx context.Context, in appIn) (any, error) {
	return done{}, c.client.DeleteApp(ctx, in.App)
}

// byApp is a change of an app that needs nothing but its name.
func byApp(change func(ctx context.Context, app string) (*client.AppInfo, error)) func(context.Context, appIn) (any, error) {
	return func(ctx context.Context, in appIn) (any, error) { return change(ctx, in.App) }
}

type withNodesIn struct {
	appIn

	WithNodes bool `json:"withNodes"`
}

func (c *console) pauseApp(ctx context.Context, in withNodesIn) (any, error) {
	if in.WithNodes {
		return c.client.PauseAppWithNodes(ctx, in.App)
	}
	return c.client.PauseApp(ctx, in.App)
}

func (c *console) resumeApp(ctx context.Context, in withNodesIn) (any, error) {
	if in.WithNodes {
		return c.client.ResumeAppWithNodes(ctx, in.App)
	}
	return c.client.ResumeApp(ctx, in.App)
}

type modeIn struct {
	appIn

	Mode schema.Mode `json:"mode"`
}

func (c *console) setMode(ctx context.Context, in modeIn) (any, error) {
	return c.client.SetMode(ctx, in.App, in.Mode)
}

func (c *console) preferMaster(ctx context.Context, in nodeIn) (any, error) {
	return c.client.PreferMaster(ctx, in.App, in.Key)
}
