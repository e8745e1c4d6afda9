package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/cmd/quartzctl/internal/output"
	"github.com/quartz-cluster/quartz/schema"
)

// onApp is a verb on one app, with what else it takes.
func (p *Program) onApp(use, short string, do action) *cobra.Command {
	cmd := p.verb(use, short, do)
	cmd.ValidArgsFunction = p.completed(findNodes)
	return cmd
}

func (p *Program) appsMaintenance() *cobra.Command {
	return group("maintenance", "Hold an app until every live node is idle", p.maintenanceBegin(), p.maintenanceWait(), p.maintenanceEnd())
}

func (p *Program) maintenanceBegin() *cobra.Command {
	var wait bool
	cmd := p.onApp("begin APP", "Let the nodes of an app claim nothing more; what runs goes on", func(ctx context.Context, s *session, args []string) error {
		info, err := s.BeginMaintenance(ctx, args[0])
		if err != nil {
			return err
		}
		if wait {
			if err := s.waitMaintenance(ctx, info.Name); err != nil {
				return err
			}
		}
		return s.sayMaintenance(info, wait)
	})
	cmd.Flags().BoolVar(&wait, "wait", false, "wait until every live node is idle, at most --timeout")
	return cmd
}

func (p *Program) maintenanceWait() *cobra.Command {
	return p.onApp("wait APP", "Wait until every live node of an app in maintenance is idle, at most --timeout",
		func(ctx context.Context, s *session, args []string) error {
			if err := s.waitMaintenance(ctx, args[0]); err != nil {
				return err
			}
			info, err := s.GetApp(ctx, args[0])
			if err != nil {
				return err
			}
			return s.sayMaintenance(info, true)
		})
}

func (p *Program) maintenanceEnd() *cobra.Command {
	return p.onApp("end APP", "Let the nodes of an app claim again", func(ctx context.Context, s *session, args []string) error {
		info, err := s.EndMaintenance(ctx, args[0])
		if err != nil {
			return err
		}
		return s.sayMaintenance(info, false)
	})
}

// waitMaintenance waits as long as a call may take: the client itself would wait
// for ever.
func (s *session) waitMaintenance(ctx context.Context, app string) error {
	ctx, cancel := context.WithTimeout(ctx, s.program.flags.timeout)
	defer cancel()
	return s.WaitMaintenance(ctx, app)
}

func (s *session) sayMaintenance(info *client.AppInfo, idle bool) error {
	text := appState(info)
	if idle {
		text += ", and its nodes are idle"
	}
	return s.out.Say(info, "app %s is %s", info.Name, text)
}

func (p *Program) appsMode() *cobra.Command {
	modes := wordsOf([]schema.Mode{schema.Any, schema.MasterOnly})
	cmd := p.onApp("mode APP MODE", "Say where executes run that do not say it themselves: "+strings.Join(modes, " or "),
		func(ctx context.Context, s *session, args []string) error {
			info, err := s.SetMode(ctx, args[0], schema.Mode(strings.ToUpper(args[1])))
			if err != nil {
				return err
			}
			return s.out.Say(info, "app %s has mode %s", info.Name, info.Mode)
		})
	cmd.ValidArgsFunction = p.completed(func(ctx context.Context, s *session, args []string, typed string) ([]string, error) {
		if len(args) == 0 {
			return findApps(ctx, s, args, typed)
		}
		return modes, nil
	})
	return cmd
}

func (p *Program) appsPrefer() *cobra.Command {
	return p.onApp("prefer APP [NODE]", "Prefer a node as master of an app; without one, nobody", func(ctx context.Context, s *session, args []string) error {
		key := ""
		if len(args) > 1 {
			key = args[1]
		}
		info, err := s.PreferMaster(ctx, args[0], key)
		if err != nil {
			return err
		}
		if key == "" {
			return s.out.Say(info, "app %s prefers nobody as master", info.Name)
		}
		return s.out.Say(info, "app %s prefers node %s as master", info.Name, key)
	})
}

var eventColumns = []output.Column[client.AppEvent]{
	{Head: "AT", Cell: func(e client.AppEvent) string { return formatTime(e.At) }},
	{Head: "EVENT", Cell: func(e client.AppEvent) string { return e.Kind }},
	{Head: "NODE", Cell: func(e client.AppEvent) string { return e.Node }},
	{Head: "BY", Cell: func(e client.AppEvent) string { return e.By }},
	{Head: "TEXT", Cell: func(e client.AppEvent) string { return e.Text }},
}

func (p *Program) appsEvents() *cobra.Command {
	return p.onApp("events APP", "List what happened to an app in the last 24 hours, oldest first", func(ctx context.Context, s *session, args []string) error {
		events, err := s.Events(ctx, args[0])
		if err != nil {
			return err
		}
		return output.List(s.out, events, events, eventColumns)
	})
}
