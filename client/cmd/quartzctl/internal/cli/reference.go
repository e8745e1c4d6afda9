package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
)

// scope is the flags within which a job or an execute goes by its name.
type scope struct{ app, job string }

// jobScope and executeScope add those of a command on jobs and on executes.
func (p *Program) jobScope(cmd *cobra.Command, in *scope) {
	p.appFlag(cmd, &in.app, "app of the job")
}

func (p *Program) executeScope(cmd *cobra.Command, in *scope) {
	p.jobScope(cmd, in)
	cmd.Flags().StringVar(&in.job, "job", "", "job of the execute: its id or, with --app, its name")
}

// jobOf returns the id of a job that is given by its id, or by its name in the
// app.
func (s *session) jobOf(ctx context.Context, given, app string) (client.ID, error) {
	if isID(given) {
		return client.ParseID(given)
	}
	if app == "" {
		return 0, s.wrong("job %q is no id, and names need --app", given)
	}
	job, err := s.GetJobByName(ctx, app, given)
	if err != nil {
		return 0, err
	}
	return job.ID, nil
}

// executeOf returns the id of an execute that is given by its id, or by its name
// in the job.
func (s *session) executeOf(ctx context.Context, given string, in scope) (client.ID, error) {
	if isID(given) {
		return client.ParseID(given)
	}
	if in.job == "" {
		return 0, s.wrong("execute %q is no id, and names need --job", given)
	}
	job, err := s.jobOf(ctx, in.job, in.app)
	if err != nil {
		return 0, err
	}
	execute, err := s.GetExecuteByName(ctx, job, given)
	if err != nil {
		return 0, err
	}
	return execute.ID, nil
}

func isID(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }
