package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
)

// jobCalls are those of the client for one verb.
type jobCalls struct {
	alone        func(c *client.Client, ctx context.Context, id client.ID) (*client.JobInfo, error)
	withExecutes func(c *client.Client, ctx context.Context, id client.ID) (*client.Cascade, error)
	all          func(c *client.Client, ctx context.Context, filter client.JobFilter) (*client.Bulk, error)
}

var (
	pauseJobs  = jobCalls{(*client.Client).PauseJob, (*client.Client).PauseJobWithExecutes, (*client.Client).PauseJobs}
	resumeJobs = jobCalls{(*client.Client).ResumeJob, (*client.Client).ResumeJobWithExecutes, (*client.Client).ResumeJobs}
)

func (p *Program) jobsSwitch(name, short string, calls jobCalls) *cobra.Command {
	var which jobSelection
	var executes bool
	cmd := p.verb(name+" [JOB...]", short, func(ctx context.Context, s *session, args []string) error {
		selected, err := s.selects(args, jobNarrowing)
		switch {
		case err != nil:
			return err
		case selected && executes:
			return s.wrong("--with-executes is for jobs that are named")
		case selected:
			return s.jobsInBulk(ctx, which, name, name+"d", func(ctx context.Context, filter client.JobFilter) (*client.Bulk, error) {
				return calls.all(s.Client, ctx, filter)
			})
		}
		return s.eachJob(ctx, args, which.App, func(ctx context.Context, s *session, id client.ID) error {
			return s.switchJob(ctx, id, calls, executes)
		})
	})
	cmd.Long = short + ": those that are named, or all that flags select."
	which.bind(p, cmd)
	which.confirmation.bind(cmd)
	cmd.Flags().BoolVar(&executes, "with-executes", false, name+" the executes of those that are named, too")
	return cmd
}

func (s *session) switchJob(ctx context.Context, id client.ID, calls jobCalls, executes bool) error {
	if !executes {
		info, err := calls.alone(s.Client, ctx, id)
		if err != nil {
			return err
		}
		return s.out.Say(info, "job %s is %s", id, info.State)
	}
	done, err := calls.withExecutes(s.Client, ctx, id)
	if err != nil {
		return err
	}
	if err := s.out.Say(done, "job %s is %s, and %s changed", id, done.Job.State, counted(done.Changed, "execute was", "executes were")); err != nil {
		return err
	}
	return s.left(done.Left)
}

func (p *Program) jobsDelete() *cobra.Command {
	const short = "Delete jobs that have no executes"
	var which jobSelection
	var executes bool
	cmd := p.verb("delete [JOB...]", short, func(ctx context.Context, s *session, args []string) error {
		selected, err := s.selects(args, jobNarrowing)
		switch {
		case err != nil:
			return err
		case selected && !executes:
			return s.wrong("jobs that are selected are deleted with their executes: say --with-executes")
		case selected:
			return s.jobsInBulk(ctx, which, "delete", "deleted", s.DeleteJobs)
		}
		return s.eachJob(ctx, args, which.App, func(ctx context.Context, s *session, id client.ID) error {
			return s.deleteJob(ctx, id, executes)
		})
	})
	cmd.Long = short + ", or with them: those that are named, or all that flags select."
	which.bind(p, cmd)
	which.confirmation.bind(cmd)
	cmd.Flags().BoolVar(&executes, "with-executes", false, "delete the executes, too")
	return cmd
}

func (s *session) deleteJob(ctx context.Context, id client.ID, executes bool) error {
	gone := deleted{client.KindJob, id.String()}
	if executes {
		n, err := s.DeleteJobWithExecutes(ctx, id)
		if err != nil {
			return err
		}
		return s.out.Say(gone, "job %s was deleted with %s", id, counted(n, "execute", "executes"))
	}
	err := s.DeleteJob(ctx, id)
	var conflict *client.StateConflictError
	if errors.As(err, &conflict) {
		return fmt.Errorf("%w, here with --with-executes", err)
	}
	if err != nil {
		return err
	}
	return s.out.Say(gone, "job %s was deleted", id)
}

func (p *Program) jobsCopy() *cobra.Command {
	var in scope
	var to, name string
	var paused bool
	cmd := p.verb("copy JOB", "Copy a job and its executes to an app", func(ctx context.Context, s *session, args []string) error {
		id, err := s.jobOf(ctx, args[0], in.app)
		if err != nil {
			return err
		}
		var options []client.CopyOption
		if s.cmd.Flags().Changed("name") {
			options = append(options, client.CopyAs(name))
		}
		if paused {
			options = append(options, client.CopyPaused())
		}
		made, err := s.CopyJob(ctx, id, to, options...)
		if err != nil {
			return err
		}
		return s.out.Say(made, "job %s was added to app %s with %s", made.Job.ID, made.Job.App, counted(len(made.Executes), "execute", "executes"))
	})
	p.jobScope(cmd, &in)
	cmd.Flags().StringVar(&to, "to", "", "app that gets it, which may be its own")
	cmd.Flags().StringVar(&name, "name", "", "another name (default its own)")
	cmd.Flags().BoolVar(&paused, "paused", false, "add it paused")
	mustHave(cmd, "to")
	return cmd
}
