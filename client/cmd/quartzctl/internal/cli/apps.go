package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/cmd/quartzctl/internal/output"
)

func (p *Program) apps() *cobra.Command {
	cmd := group("apps", "Apps: clusters of nodes that compete for the same executes",
		p.appsList(), p.appsShow(), p.appsAdd(),
		p.appsSwitch("pause", "Let the nodes of apps claim nothing more", (*client.Client).PauseApp, (*client.Client).PauseAppWithNodes),
		p.appsSwitch("resume", "Let the nodes of apps claim again", (*client.Client).ResumeApp, (*client.Client).ResumeAppWithNodes),
		p.appsDelete(), p.appsMaintenance(), p.appsMode(), p.appsPrefer(), p.appsEvents())
	cmd.Aliases = []string{"app"}
	return cmd
}

var appColumns = []output.Column[*client.AppInfo]{
	{Head: "APP", Cell: func(a *client.AppInfo) string { return a.Name }},
	{Head: "STATE", Cell: appState},
	{Head: "MODE", Cell: func(a *client.AppInfo) string { return string(a.Mode) }},
	{Head: "MASTER", Cell: func(a *client.AppInfo) string { return a.MasterKey }},
	{Head: "PREFERRED", Cell: func(a *client.AppInfo) string { return a.Preferred }},
	{Head: "LAST PASS", Cell: func(a *client.AppInfo) string { return formatTime(a.LastPass) }},
}

// appState is what keeps the nodes of an app from claiming.
func appState(a *client.AppInfo) string {
	paused, held := "", ""
	if a.Paused {
		paused = "paused"
	}
	if a.Maintenance {
		held = "in maintenance"
	}
	if text := spoken(", ", paused, held); text != "" {
		return text
	}
	return "active"
}

func (p *Program) appsList() *cobra.Command {
	var filter client.AppFilter
	var part paging
	var paused, active bool
	cmd := p.verb("list", "List apps by name", func(ctx context.Context, s *session, _ []string) error {
		filter.Paused = either(paused, active)
		page, err := pages(part, func(part client.PageOptions) (*client.Page[client.AppInfo], error) {
			filter.PageOptions = part
			return s.ListApps(ctx, filter)
		})
		if err != nil {
			return err
		}
		return list(s, page, appColumns)
	})
	cmd.Flags().StringVar(&filter.NamePrefix, "name-prefix", "", "what the name begins with")
	cmd.Flags().StringVar(&filter.Text, "text", "", "those that have this in the name")
	cmd.Flags().BoolVar(&paused, "paused", false, "only those that are paused")
	cmd.Flags().BoolVar(&active, "active", false, "only those that are not paused")
	cmd.MarkFlagsMutuallyExclusive("paused", "active")
	part.bind(cmd)
	return cmd
}

// either is a filter of two flags that exclude each other; nil lets both pass.
func either(is, isNot bool) *bool {
	if is || isNot {
		return &is
	}
	return nil
}

func (p *Program) appsShow() *cobra.Command {
	more := slices.Concat(appColumns, []output.Column[*client.AppInfo]{
		{Head: "MASTER ID", Cell: func(a *client.AppInfo) string { return known(a.Master) }},
		{Head: "MASTER EPOCH", Cell: func(a *client.AppInfo) string { return number(a.MasterEpoch) }},
		{Head: "STANDALONE", Cell: func(a *client.AppInfo) string { return yes(a.Standalone) }},
		{Head: "VERSION", Cell: func(a *client.AppInfo) string { return number(a.Version) }},
	})
	return p.onApps("show APP...", "Show apps", func(ctx context.Context, s *session, app string) error {
		info, err := s.GetApp(ctx, app)
		if err != nil {
			return err
		}
		return output.Show(s.out, info, more)
	})
}

// onApps is a verb on each of some apps.
func (p *Program) onApps(use, short string, do func(ctx context.Context, s *session, app string) error) *cobra.Command {
	cmd := p.verb(use, short, func(ctx context.Context, s *session, args []string) error {
		return s.each(ctx, args, func(app string) error { return do(ctx, s, app) })
	})
	cmd.ValidArgsFunction = p.completed(findApps)
	return cmd
}

func (p *Program) appsAdd() *cobra.Command {
	var app client.App
	cmd := p.onApps("add APP...", "Add apps before their first nodes register", func(ctx context.Context, s *session, name string) error {
		app.Name = name
		info, err := s.AddApp(ctx, app)
		if err != nil {
			return err
		}
		return s.out.Say(info, "app %s was added", name)
	})
	cmd.ValidArgsFunction = cobra.NoFileCompletions
	cmd.Flags().BoolVar(&app.Paused, "paused", false, "add it paused")
	return cmd
}

type appCall func(c *client.Client, ctx context.Context, app string) (*client.AppInfo, error)

func (p *Program) appsSwitch(name, short string, alone, withNodes appCall) *cobra.Command {
	var nodes bool
	cmd := p.onApps(name+" APP...", short, func(ctx context.Context, s *session, app string) error {
		call := alone
		if nodes {
			call = withNodes
		}
		info, err := call(s.Client, ctx, app)
		if err != nil {
			return err
		}
		return s.out.Say(info, "app %s is %s", app, appState(info))
	})
	cmd.Flags().BoolVar(&nodes, "with-nodes", false, name+" each of its nodes, too")
	return cmd
}

func (p *Program) appsDelete() *cobra.Command {
	return p.onApps("delete APP...", "Delete apps that have neither nodes nor jobs", func(ctx context.Context, s *session, app string) error {
		if err := s.DeleteApp(ctx, app); err != nil {
			return err
		}
		return s.out.Say(deleted{client.KindApp, app}, "app %s was deleted", app)
	})
}

// deleted is what is left to say of something, for programs.
type deleted struct {
	Kind client.Kind `json:"kind"`
	Key  string      `json:"deleted"`
}
