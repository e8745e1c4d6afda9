package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/cmd/quartzctl/internal/output"
	"github.com/quartz-cluster/quartz/schema"
)

func (p *Program) jobs() *cobra.Command {
	cmd := group("jobs", "Jobs: what to run, a handler and its data",
		p.jobsList(), p.jobsShow(), p.jobsAdd(), p.jobsEdit(),
		p.jobsSwitch("pause", "Let no execute of jobs be claimed; their states stay", pauseJobs),
		p.jobsSwitch("resume", "Let the executes of jobs be claimed again", resumeJobs),
		p.jobsDelete(), p.jobsCopy())
	cmd.Aliases = []string{"job"}
	return cmd
}

var jobColumns = []output.Column[*client.JobInfo]{
	{Head: "JOB", Cell: func(j *client.JobInfo) string { return j.ID.String() }},
	{Head: "APP", Cell: func(j *client.JobInfo) string { return j.App }},
	{Head: "NAME", Cell: func(j *client.JobInfo) string { return j.Name }},
	{Head: "CLASS", Cell: func(j *client.JobInfo) string { return j.Class }},
	{Head: "STATE", Cell: func(j *client.JobInfo) string { return string(j.State) }},
	{Head: "UPDATED", Cell: func(j *client.JobInfo) string { return formatTime(j.UpdatedAt) }},
	{Head: "BY", Cell: func(j *client.JobInfo) string { return j.UpdatedBy }},
	{Head: "DESCRIPTION", Cell: func(j *client.JobInfo) string { return j.Description }},
}

// jobSelection is the flags that say which jobs are meant.
type jobSelection struct {
	client.JobFilter
	confirmation

	states []string
}

// jobNarrowing are those of them that make no sense beside names.
var jobNarrowing = []string{"state", "class", "name-prefix", "text"}

func (o *jobSelection) bind(p *Program, cmd *cobra.Command) {
	p.appFlag(cmd, &o.App, "those of this app")
	f := cmd.Flags()
	f.StringSliceVar(&o.states, "state", nil, "those in one of these states")
	f.StringVar(&o.Class, "class", "", "those of this class")
	f.StringVar(&o.NamePrefix, "name-prefix", "", "those whose name begins so")
	f.StringVar(&o.Text, "text", "", "those that have this in name, class or description")
	withWords(cmd, "state", wordsOf(schema.States)...)
}

func (o *jobSelection) filter(part client.PageOptions) client.JobFilter {
	filter := o.JobFilter
	filter.PageOptions, filter.States = part, states(o.states)
	return filter
}

func (p *Program) jobsList() *cobra.Command {
	var which jobSelection
	var part paging
	cmd := p.verb("list", "List jobs in the order in which they were added", func(ctx context.Context, s *session, _ []string) error {
		page, err := pages(part, func(part client.PageOptions) (*client.Page[client.JobInfo], error) {
			return s.ListJobs(ctx, which.filter(part))
		})
		if err != nil {
			return err
		}
		return list(s, page, jobColumns)
	})
	which.bind(p, cmd)
	part.bind(cmd)
	return cmd
}

// onJobs is a verb on each of some jobs.
func (p *Program) onJobs(use, short string, do func(ctx context.Context, s *session, id client.ID) error) *cobra.Command {
	var in scope
	cmd := p.verb(use+" JOB...", short, func(ctx context.Context, s *session, args []string) error {
		return s.eachJob(ctx, args, in.app, do)
	})
	p.jobScope(cmd, &in)
	return cmd
}

func (s *session) eachJob(ctx context.Context, args []string, app string, do func(ctx context.Context, s *session, id client.ID) error) error {
	return s.each(ctx, args, func(given string) error {
		id, err := s.jobOf(ctx, given, app)
		if err != nil {
			return err
		}
		return do(ctx, s, id)
	})
}

// jobDetail is a job with its executes.
type jobDetail struct {
	*client.JobInfo

	Executes []*client.ExecuteInfo `json:"executes"`
}

func (p *Program) jobsShow() *cobra.Command {
	more := slices.Concat(jobColumns, []output.Column[*client.JobInfo]{
		{Head: "DATA", Cell: func(j *client.JobInfo) string { return string(j.Data) }},
		{Head: "VERSION", Cell: func(j *client.JobInfo) string { return number(j.Version) }},
	})
	return p.onJobs("show", "Show jobs and their executes", func(ctx context.Context, s *session, id client.ID) error {
		job, executes, err := s.GetJobWithExecutes(ctx, id)
		if err != nil {
			return err
		}
		if s.out.Format != output.Table {
			return output.Show(s.out, jobDetail{job, append([]*client.ExecuteInfo{}, executes...)}, nil)
		}
		if err := output.Show(s.out, job, more); err != nil || len(executes) == 0 {
			return err
		}
		if err := s.out.Lines(nil, []string{""}); err != nil {
			return err
		}
		return output.List(s.out, executes, executes, executeColumns)
	})
}

func (p *Program) jobsAdd() *cobra.Command {
	var job client.Job
	var content contentFlag
	cmd := p.verb("add", "Add a job; it runs nothing until executes are added below it", func(ctx context.Context, s *session, _ []string) error {
		var err error
		if job.Data, err = content.read(p); err != nil {
			return err
		}
		info, err := s.AddJob(ctx, job)
		if err != nil {
			return err
		}
		return s.out.Say(info, "job %s was added", info.ID)
	})
	p.appFlag(cmd, &job.App, "app whose nodes run it")
	f := cmd.Flags()
	f.StringVar(&job.Class, "class", "", "name of the handler")
	f.StringVar(&job.Name, "name", "", "handle, unique in the app")
	f.StringVar(&job.Description, "description", "", "for people to read")
	f.BoolVar(&job.Paused, "paused", false, "add it paused")
	content.bind(cmd, "what the handler gets")
	mustHave(cmd, "app", "class")
	return cmd
}

func (p *Program) jobsEdit() *cobra.Command {
	var in scope
	var name, class, text string
	var content contentFlag
	var version int64
	cmd := p.verb("edit JOB", "Change what the flags name of a job", func(ctx context.Context, s *session, args []string) error {
		id, err := s.jobOf(ctx, args[0], in.app)
		if err != nil {
			return err
		}
		var edits []client.JobEdit
		given := s.cmd.Flags().Changed
		if given("name") {
			edits = append(edits, client.SetName(name))
		}
		if given("class") {
			edits = append(edits, client.SetClass(class))
		}
		if given("description") {
			edits = append(edits, client.SetDescription(text))
		}
		if given("data") {
			data, err := content.read(p)
			if err != nil {
				return err
			}
			edits = append(edits, client.SetData(data))
		}
		if len(edits) == 0 {
			return s.wrong("say what to change")
		}
		if !given("if-version") {
			job, err := s.GetJob(ctx, id)
			if err != nil {
				return err
			}
			version = job.Version
		}
		info, err := s.UpdateJob(ctx, id, version, edits...)
		if err != nil {
			return err
		}
		return s.out.Say(info, "job %s was changed", info.ID)
	})
	p.jobScope(cmd, &in)
	f := cmd.Flags()
	f.StringVar(&name, "name", "", "handle, unique in the app; empty: none")
	f.StringVar(&class, "class", "", "name of the handler")
	f.StringVar(&text, "description", "", "for people to read")
	content.bind(cmd, "what the handler gets")
	versionFlag(cmd, &version)
	return cmd
}
