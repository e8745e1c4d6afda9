package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
)

type executeCall func(c *client.Client, ctx context.Context, id client.ID) (*client.ExecuteInfo, error)

// executesSwitch is a verb that changes the state of executes, and of many at once
// where all is given.
func (p *Program) executesSwitch(name, short string, call executeCall, all executesCall) *cobra.Command {
	one := func(ctx context.Context, s *session, id client.ID) error {
		info, err := call(s.Client, ctx, id)
		if err != nil {
			return err
		}
		return s.out.Say(info, "execute %s is %s", id, info.State)
	}
	if all == nil {
		return p.onExecutes(name, short, one)
	}
	return p.onExecutesOrAll(name, name+"d", short, one, all)
}

func (p *Program) executesDelete() *cobra.Command {
	one := func(ctx context.Context, s *session, id client.ID) error {
		if err := s.DeleteExecute(ctx, id); err != nil {
			return err
		}
		return s.out.Say(deleted{client.KindExecute, id.String()}, "execute %s was deleted", id)
	}
	return p.onExecutesOrAll("delete", "deleted", "Delete executes, in whatever state", one, (*client.Client).DeleteExecutes)
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
		return s.sayAsked(fires)
	})
	content.bind(cmd, "data of this run alone")
	return cmd
}

func (p *Program) executesRetry() *cobra.Command {
	return p.onExecutes("retry", "Run the last fires of executes again, if they failed, timed out, were cancelled or lost",
		func(ctx context.Context, s *session, id client.ID) error {
			fires, err := s.RetryFire(ctx, id)
			if err != nil {
				return err
			}
			return s.sayAsked(fires)
		})
}

func (s *session) sayAsked(fires []client.FireID) error {
	lines := make([]string, len(fires))
	for i, fire := range fires {
		lines[i] = fmt.Sprintf("fire %s was asked for", fire)
	}
	return s.out.Lines(fires, lines)
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
