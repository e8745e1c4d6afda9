package console

import (
	"context"
	_ "embed"
	"runtime/debug"

	"github.com/quartz-cluster/quartz/client"
)

//go:embed openapi.yaml
var openapi []byte

const yamlType = "application/yaml"

func (c *console) openapi(_ context.Context, p *params) (any, error) {
	return raw{yamlType, openapi}, p.done()
}

func (c *console) me(ctx context.Context, p *params) (any, error) {
	if err := p.done(); err != nil {
		return nil, err
	}
	database, err := c.client.Database(ctx)
	if err != nil {
		return nil, err
	}
	actor, _ := ctx.Value(actorKey{}).(Actor)
	return struct {
		Actor    string               `json:"actor"`
		Role     Role                 `json:"role"`
		Version  string               `json:"version"`
		Assets   string               `json:"assets"`
		Database *client.DatabaseInfo `json:"database"`
	}{actor.Name, actor.Role, version(), c.assets.hash, database}, nil
}

// version is that of this module in the program that is running.
func version() string {
	const module, none = "github.com/quartz-cluster/quartz/client/console", "(devel)"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return none
	}
	for _, dep := range info.Deps {
		if dep.Path == module && dep.Replace == nil {
			return dep.Version
		}
	}
	return none
}

func (c *console) overview(ctx context.Context, p *params) (any, error) {
	app := p.text("app")
	if err := p.done(); err != nil {
		return nil, err
	}
	return c.client.Overview(ctx, app)
}
