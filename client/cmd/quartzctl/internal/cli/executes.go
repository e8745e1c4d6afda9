package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/cmd/quartzctl/internal/output"
	"github.com/quartz-cluster/quartz/schema"
)

func (p *Program) executes() *cobra.Command {
	cmd := group("executes", "Executes: when jobs run, a schedule and its fires",
		p.executesList(), p.executesShow(), p.executesAdd(), p.executesEdit(),
		p.executesSwitch("pause", "Pause executes; running fires continue", (*client.Client).PauseExecute, (*client.Client).PauseExecutes),
		p.executesSwitch("resume", "Let executes be claimed again", (*client.Client).ResumeExecute, (*client.Client).ResumeExecutes),
		p.executesSwitch("suspend", "Pause executes and end what runs of them, to go on from its checkpoint", (*client.Client).SuspendExecute, nil),
		p.executesSwitch("reset", "Let executes begin anew that are COMPLETE or in ERROR", (*client.Client).ResetExecute, nil),
		p.executesDelete(), p.executesRun(), p.executesRetry(), p.executesCancel())
	cmd.Aliases = []string{"execute"}
	return cmd
}

var executeColumns = []output.Column[*client.ExecuteInfo]{
	{Head: "EXECUTE", Cell: func(e *client.ExecuteInfo) string { return e.ID.String() }},
	{Head: "JOB", Cell: func(e *client.ExecuteInfo) string { return e.JobID.String() }},
	{Head: "APP", Cell: func(e *client.ExecuteInfo) string { return e.App }},
	{Head: "NAME", Cell: func(e *client.ExecuteInfo) string { return e.Name }},
	{Head: "STATE", Cell: func(e *client.ExecuteInfo) string { return string(e.State) }},
	{Head: "SCHEDULE", Cell: func(e *client.ExecuteInfo) string { return scheduleWords(e.Schedule) }},
	{Head: "NEXT FIRE", Cell: func(e *client.ExecuteInfo) string { return formatTime(e.NextFire) }},
	{Head: "LAST", Cell: func(e *client.ExecuteInfo) string {
		if e.Last == nil {
			return ""
		}
		return string(e.Last.Outcome)
	}},
	{Head: "FAILED", Cell: func(e *client.ExecuteInfo) string { return fmt.Sprintf("%d of %d", e.Counts.Failed, e.Counts.Fires) }},
	{Head: "LAST ERROR", Cell: func(e *client.ExecuteInfo) string { return e.LastError }},
}

// executeDetail is what show adds to them.
var executeDetail = []output.Column[*client.ExecuteInfo]{
	{Head: "READING", Cell: func(e *client.ExecuteInfo) string { return reading(e.Schedule) }},
	{Head: "POLICIES", Cell: func(e *client.ExecuteInfo) string { return policyWords(e.Policies) }},
	{Head: "START", Cell: func(e *client.ExecuteInfo) string { return formatTime(e.Schedule.Start) }},
	{Head: "END", Cell: func(e *client.ExecuteInfo) string { return formatTime(e.Schedule.End) }},
	{Head: "DATA", Cell: func(e *client.ExecuteInfo) string { return string(e.Data) }},
	{Head: "PREVIOUS FIRE", Cell: func(e *client.ExecuteInfo) string { return formatTime(e.PrevFire) }},
	{Head: "IN FLIGHT", Cell: func(e *client.ExecuteInfo) string {
		f := e.InFlight
		if f == nil {
			return ""
		}
		return fmt.Sprintf("%s, attempt %d, on node %s since %s", formatTime(f.Time), f.Attempt, f.NodeID, formatTime(f.Claimed))
	}},
	{Head: "LAST ENDED", Cell: func(e *client.ExecuteInfo) string {
		if e.Last == nil {
			return ""
		}
		return fmt.Sprintf("%s, of %s", formatTime(e.Last.Ended), formatTime(e.Last.Time))
	}},
	{Head: "FAILED IN A ROW", Cell: func(e *client.ExecuteInfo) string { return number(e.Counts.FailStreak) }},
	{Head: "SKIPPED", Cell: func(e *client.ExecuteInfo) string { return number(e.Counts.Skipped) }},
	{Head: "LOST", Cell: func(e *client.ExecuteInfo) string { return number(e.Counts.Lost) }},
	{Head: "ORIGIN", Cell: func(e *client.ExecuteInfo) string { return spoken(" of ", string(e.Origin), known(e.OriginID)) }},
	{Head: "UPDATED", Cell: func(e *client.ExecuteInfo) string { return spoken(" by ", formatTime(e.UpdatedAt), e.UpdatedBy) }},
	{Head: "VERSION", Cell: func(e *client.ExecuteInfo) string { return number(e.Version) }},
}

// executeSelection is the flags that say which executes are meant.
type executeSelection struct {
	client.ExecuteFilter
	confirmation

	job    string
	states []string
}

// executeNarrowing are those of them that make no sense beside names.
var executeNarrowing = []string{"state", "class", "name-prefix", "text", "failing", "overdue"}

func (o *executeSelection) bind(p *Program, cmd *cobra.Command) {
	p.appFlag(cmd, &o.App, "those of this app")
	f := cmd.Flags()
	f.StringVar(&o.job, "job", "", "those of this job: its id or, with --app, its name")
	f.StringSliceVar(&o.states, "state", nil, "those in one of these states")
	f.StringVar(&o.Class, "class", "", "those whose job has this class")
	f.StringVar(&o.NamePrefix, "name-prefix", "", "those whose name begins so")
	f.StringVar(&o.Text, "text", "", "those that have this in name, cron expression or last error")
	f.BoolVar(&o.Failing, "failing", false, "those that failed when they last ran, or are in ERROR")
	f.DurationVar(&o.Overdue, "overdue", 0, "those that should have fired so long ago, and nobody holds them back")
	withWords(cmd, "state", wordsOf(schema.States)...)
}

func (o *executeSelection) filter(ctx context.Context, s *session) (client.ExecuteFilter, error) {
	filter := o.ExecuteFilter
	filter.States = states(o.states)
	var err error
	if o.job != "" {
		filter.Job, err = s.jobOf(ctx, o.job, o.App)
	}
	return filter, err
}

func (p *Program) executesList() *cobra.Command {
	var which executeSelection
	var part paging
	var dueBefore, origin, sort string
	cmd := p.verb("list", "List executes in the order in which they were added", func(ctx context.Context, s *session, _ []string) error {
		filter, err := which.filter(ctx, s)
		if err != nil {
			return err
		}
		if filter.Sort, err = sortOf(sort); err != nil {
			return err
		}
		if filter.DueBefore, err = instant("due-before", dueBefore); err != nil {
			return err
		}
		if origin != "" {
			if filter.Origin, err = client.ParseID(origin); err != nil {
				return err
			}
		}
		page, err := pages(part, func(part client.PageOptions) (*client.Page[client.ExecuteInfo], error) {
			filter.PageOptions = part
			return s.ListExecutes(ctx, filter)
		})
		if err != nil {
			return err
		}
		return list(s, page, executeColumns)
	})
	which.bind(p, cmd)
	cmd.Flags().StringVar(&dueBefore, "due-before", "", "those whose next fire lies before this time")
	cmd.Flags().StringVar(&sort, "sort", sortAdded, "order: "+sortAdded+", or "+string(client.SortNextFire)+", without those that have none")
	withWords(cmd, "sort", sortAdded, string(client.SortNextFire))
	cmd.Flags().StringVar(&origin, "origin", "", "the children of the execute with this id")
	part.bind(cmd)
	return cmd
}

// sortAdded is client.SortAdded as a flag says it.
const sortAdded = "added"

func sortOf(flag string) (client.Sort, error) {
	switch flag {
	case sortAdded:
		return client.SortAdded, nil
	case string(client.SortNextFire):
		return client.SortNextFire, nil
	}
	return "", &client.FieldError{Field: "sort", Value: flag, Reason: fmt.Sprintf("must be %s or %s", sortAdded, client.SortNextFire)}
}

// onExecutes is a verb on each of some executes.
func (p *Program) onExecutes(use, short string, do func(ctx context.Context, s *session, id client.ID) error) *cobra.Command {
	var in scope
	cmd := p.verb(use+" EXECUTE...", short, func(ctx context.Context, s *session, args []string) error {
		return s.eachExecute(ctx, args, in, do)
	})
	p.executeScope(cmd, &in)
	return cmd
}

func (s *session) eachExecute(ctx context.Context, args []string, in scope, do func(ctx context.Context, s *session, id client.ID) error) error {
	return s.each(ctx, args, func(given string) error {
		id, err := s.executeOf(ctx, given, in)
		if err != nil {
			return err
		}
		return do(ctx, s, id)
	})
}

type executesCall func(c *client.Client, ctx context.Context, filter client.ExecuteFilter) (*client.Bulk, error)

// onExecutesOrAll is a verb on each of some executes, or on all that flags select.
func (p *Program) onExecutesOrAll(
	verb, done, short string, do func(ctx context.Context, s *session, id client.ID) error, all executesCall,
) *cobra.Command {
	var which executeSelection
	cmd := p.verb(verb+" [EXECUTE...]", short, func(ctx context.Context, s *session, args []string) error {
		selected, err := s.selects(args, executeNarrowing)
		switch {
		case err != nil:
			return err
		case !selected:
			return s.eachExecute(ctx, args, scope{which.App, which.job}, do)
		}
		return s.executesInBulk(ctx, which, verb, done, func(ctx context.Context, filter client.ExecuteFilter) (*client.Bulk, error) {
			return all(s.Client, ctx, filter)
		})
	})
	cmd.Long = short + ": those that are named, or all that flags select."
	which.bind(p, cmd)
	which.confirmation.bind(cmd)
	return cmd
}

// executeShown is an execute with its next fires.
type executeShown struct {
	*client.ExecuteInfo

	NextFires []time.Time `json:"nextFires"`
}

func (p *Program) executesShow() *cobra.Command {
	var n int
	columns := slices.Concat(executeColumns, executeDetail)
	cmd := p.onExecutes("show", "Show executes and their next fires", func(ctx context.Context, s *session, id client.ID) error {
		info, err := s.GetExecute(ctx, id)
		if err != nil {
			return err
		}
		next := []time.Time{}
		if n != 0 {
			if next, err = s.Preview(ctx, id, n); err != nil {
				return err
			}
		}
		if s.out.Format != output.Table {
			return output.Show(s.out, executeShown{info, next}, nil)
		}
		if err := output.Show(s.out, info, columns); err != nil || len(next) == 0 {
			return err
		}
		return s.out.Lines(nil, append([]string{""}, fireLines(next)...))
	})
	cmd.Flags().IntVar(&n, "next", 5, "how many of its next fires to show")
	return cmd
}
