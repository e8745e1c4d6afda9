package console

import (
	"context"
	"encoding/json"

	"github.com/quartz-cluster/quartz/client"
)

func (c *console) listFires(ctx context.Context, p *params) (any, error) {
	filter := client.RunningFilter{
		PageOptions: p.page(), App: p.text("app"), Job: p.id("job"), Execute: p.id("execute"), Node: p.id("node"),
	}
	if err := p.done(); err != nil {
		return nil, err
	}
	return c.client.Running(ctx, filter)
}

type runIn struct {
	idIn

	Data json.RawMessage `json:"data"`
}

func (c *console) run(ctx context.Context, in runIn) (any, error) {
	fires, err := c.client.RunNow(ctx, in.ID, client.RunWith(in.Data))
	return items[client.FireID]{fires}, err
}

func (c *console) retry(ctx context.Context, in idIn) (any, error) {
	fires, err := c.client.RetryFire(ctx, in.ID)
	return items[client.FireID]{fires}, err
}

func (c *console) cancel(ctx context.Context, in idIn) (any, error) {
	n, err := c.client.Cancel(ctx, in.ID)
	return done{Cancelled: n}, err
}

type fireIn client.FireID

func (in fireIn) subject() string { return client.FireID(in).String() }

func (c *console) cancelFire(ctx context.Context, in fireIn) (any, error) {
	return done{Cancelled: 1}, c.client.CancelFire(ctx, client.FireID(in))
}
