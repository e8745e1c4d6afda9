package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
)

type executeCall func(c *client.Client, ctx context.Context, id client.ID) (*client.ExecuteInfo, error)

func (p *Program) executesSwitch(name, short string, call executeCall) *cobra.Command {
	return p.onExecutes(name, short, func(ctx context.Context, s *session, id client.ID) error {
		info, err := call(s.Client, ctx, id)
		if err != nil {
			return err
		}
		return s.out.Say(info, "execute %s is %s", id, info.State)
	})
}

func (p *Program) executesDelete() *cobra.Command {
	return p.onExecutes("delete", "Delete executes, in whatever state", func(ctx context.Context, s *session, id client.ID) error {
		if err := s.DeleteExecute(ctx, id); err != nil {
			return err
		}
		return s.out.Say(deleted{client.KindExecute, id.String()}, "execute %s was deleted", id)
	})
}

func (p *Program) executesRun() *cobra.Command {
	var content contentFlag
	cmd := p.onExecutes("run", "Fire executes once, now, beside their schedules", func(ctx context.Context, s *session, id client.ID) error {
		data, err := content.read(p)
		if err != nil {
			return err
		}
		fires, err := s.RunNow(ctx, id, client.RunWith(data))
		if err != nil {
			return err
		}
		lines := make([]string, len(fires))
		for i, fire := range fires {
			lines[i] = fmt.Sprintf("fire %s was asked for", fire)
		}
		return s.out.Lines(fires, lines)
	})
	content.bind(cmd, "data of this run alone")
	return cmd
}

func (p *Program) executesCancel() *cobra.Command {
	var at string
	var attempt int
	cmd := p.onExecutes("cancel", "End what runs or waits of executes; their schedules go on", func(ctx context.Context, s *session, id client.ID) error {
		if at == "" {
			n, err := s.Cancel(ctx, id)
			if err != nil {
				return err
			}
			return s.out.Say(cancelled{id, n}, "execute %s: %s to end", id, counted(n, "fire is", "fires are"))
		}
		nominal, err := instant("fire", at)
		if err != nil {
			return err
		}
		fire := client.FireID{ExecuteID: id, Time: nominal, Attempt: attempt}
		if err := s.CancelFire(ctx, fire); err != nil {
			return err
		}
		return s.out.Say(cancelled{id, 1}, "fire %s is to end", fire)
	})
	cmd.Flags().StringVar(&at, "fire", "", "only the fire with this nominal time")
	cmd.Flags().IntVar(&attempt, "attempt", 0, "only if it is this attempt of --fire (default whichever)")
	return cmd
}

// cancelled is what cancel did, for programs.
type cancelled struct {
	Execute client.ID `json:"executeId"`
	Fires   int       `json:"cancelled"`
}
