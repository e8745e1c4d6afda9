package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
)

// shellPatience bounds how long a shell waits for what is completed.
const shellPatience = 2 * time.Second

// lookUp finds what an argument or a flag can be.
type lookUp func(ctx context.Context, s *session, args []string, typed string) ([]string, error)

// completed completes what is found in the database, and nothing where that is
// away.
func (p *Program) completed(find lookUp) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		var found []string
		p.flags.timeout = shellPatience
		err := p.withSession(cmd, false, func(ctx context.Context, s *session) (err error) {
			found, err = find(ctx, s, args, typed)
			return err
		})
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		return found, cobra.ShellCompDirectiveNoFileComp
	}
}

func findApps(ctx context.Context, s *session, _ []string, typed string) ([]string, error) {
	var names []string
	for app, err := range s.AllApps(ctx, client.AppFilter{NamePrefix: typed}) {
		if err != nil {
			return nil, err
		}
		names = append(names, app.Name)
	}
	return names, nil
}

// findNodes completes an app, and then its nodes.
func findNodes(ctx context.Context, s *session, args []string, typed string) ([]string, error) {
	if len(args) == 0 {
		return findApps(ctx, s, args, typed)
	}
	var keys []string
	for node, err := range s.AllNodes(ctx, client.NodeFilter{App: args[0]}) {
		if err != nil {
			return nil, err
		}
		keys = append(keys, node.Key)
	}
	return keys, nil
}

// appFlag adds the flag for an app.
func (p *Program) appFlag(cmd *cobra.Command, app *string, usage string) {
	cmd.Flags().StringVar(app, "app", "", usage)
	if err := cmd.RegisterFlagCompletionFunc("app", p.completed(findApps)); err != nil {
		panic(err) // the flag was added just now
	}
}

// withWords completes a flag by the values that it can have.
func withWords(cmd *cobra.Command, flag string, all ...string) {
	complete := cobra.FixedCompletions(all, cobra.ShellCompDirectiveNoFileComp)
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err) // there is no such flag
	}
}
