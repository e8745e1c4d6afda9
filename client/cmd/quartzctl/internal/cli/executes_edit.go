package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/quartz-cluster/quartz/client"
)

func (p *Program) executesAdd() *cobra.Command {
	var in scope
	var e client.Execute
	var when scheduleFlags
	var policies policyFlags
	var content contentFlag
	cmd := p.verb("add", "Add an execute to a job", func(ctx context.Context, s *session, _ []string) error {
		job, err := s.jobOf(ctx, in.job, in.app)
		if err != nil {
			return err
		}
		if _, kind := when.given(s.cmd); !kind {
			return s.wrong("say when: --cron, --every, --at or --now")
		}
		if e.Schedule, err = when.over(s.cmd, client.Schedule{}); err != nil {
			return err
		}
		e.Policies, _ = policies.over(s.cmd, client.Policies{})
		if e.Data, err = content.read(p); err != nil {
			return err
		}
		info, err := s.AddExecute(ctx, job, e.Schedule, func(to *client.Execute) { *to = e })
		if err != nil {
			return err
		}
		return s.out.Say(info, "execute %s was added, and first fires at %s", info.ID, formatTime(info.NextFire))
	})
	p.executeScope(cmd, &in)
	f := cmd.Flags()
	f.StringVar(&e.Name, "name", "", "handle, unique in the job")
	f.BoolVar(&e.Paused, "paused", false, "add it paused")
	content.bind(cmd, "data that overrides the job's")
	when.bind(cmd)
	policies.bind(cmd)
	mustHave(cmd, "job")
	return cmd
}

func (p *Program) executesEdit() *cobra.Command {
	var in scope
	var name string
	var when scheduleFlags
	var policies policyFlags
	var content contentFlag
	var version int64
	cmd := p.verb("edit EXECUTE", "Change what the flags name of an execute", func(ctx context.Context, s *session, args []string) error {
		id, err := s.executeOf(ctx, args[0], in)
		if err != nil {
			return err
		}
		was, err := s.GetExecute(ctx, id)
		if err != nil {
			return err
		}
		edits, err := p.executeEdits(s.cmd, was, name, when, policies, content)
		if err != nil {
			return err
		}
		if len(edits) == 0 {
			return s.wrong("say what to change")
		}
		if !s.cmd.Flags().Changed("if-version") {
			version = was.Version
		}
		info, err := s.UpdateExecute(ctx, id, version, edits...)
		if err != nil {
			return err
		}
		return s.out.Say(info, "execute %s was changed, and next fires at %s", info.ID, formatTime(info.NextFire))
	})
	p.executeScope(cmd, &in)
	cmd.Flags().StringVar(&name, "name", "", "handle, unique in the job; empty: none")
	content.bind(cmd, "data that overrides the job's")
	when.bind(cmd)
	policies.bind(cmd)
	cmd.Flags().VisitAll(func(f *pflag.Flag) { f.Usage, _, _ = strings.Cut(f.Usage, " (default ") }) // what is not named stays as it is
	versionFlag(cmd, &version)
	return cmd
}

// executeEdits are what the flags change of an execute.
func (p *Program) executeEdits(
	cmd *cobra.Command, was *client.ExecuteInfo, name string, when scheduleFlags, policies policyFlags, content contentFlag,
) ([]client.ExecuteEdit, error) {
	var edits []client.ExecuteEdit
	if given, _ := when.given(cmd); given {
		schedule, err := when.over(cmd, was.Schedule)
		if err != nil {
			return nil, err
		}
		edits = append(edits, client.SetSchedule(schedule))
	}
	if to, given := policies.over(cmd, was.Policies); given {
		edits = append(edits, client.SetPolicies(to))
	}
	if cmd.Flags().Changed("name") {
		edits = append(edits, client.SetName(name))
	}
	if cmd.Flags().Changed("data") {
		data, err := content.read(p)
		if err != nil {
			return nil, err
		}
		edits = append(edits, client.SetData(data))
	}
	return edits, nil
}

// versionFlag lets an edit fail where somebody was faster.
func versionFlag(cmd *cobra.Command, version *int64) {
	cmd.Flags().Int64Var(version, "if-version", 0, "only if it still has this version (default whichever it has)")
}
