package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/cmd/quartzctl/internal/output"
	"github.com/quartz-cluster/quartz/internal/yamljson"
)

func (p *Program) export() *cobra.Command {
	cmd := p.onApp("export APP", "Print the jobs of an app and their executes as a document", func(ctx context.Context, s *session, args []string) error {
		doc, err := s.Export(ctx, args[0])
		if err != nil {
			return err
		}
		if s.out.Format == output.Table {
			s.out.Format = output.YAML
		}
		return s.out.Say(doc, "")
	})
	cmd.Long = `Print the jobs of an app and their executes as a document, to be kept under version
control, compared with diff and given to apply: YAML or, with -o json, JSON.`
	return cmd
}

// documentFlags say what is compared or applied.
type documentFlags struct {
	client.ApplyOptions

	file string
}

func (o *documentFlags) bind(p *Program, cmd *cobra.Command) {
	p.appFlag(cmd, &o.App, "app that it is for (default the one that it names)")
	cmd.Flags().StringVarP(&o.file, "file", "f", "", "document, YAML or JSON; - is what is piped in")
	cmd.Flags().BoolVar(&o.Prune, "prune", false, "delete the jobs and executes that it does not name")
	mustHave(cmd, "file")
}

func (o *documentFlags) read(p *Program) (*client.Document, error) {
	text, err := p.readFile(o.file)
	if err != nil {
		return nil, err
	}
	asJSON, err := yamljson.ToJSON(text)
	if err != nil && bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return client.ReadDocument(text) // it is meant to be JSON, and told so what is wrong
	}
	if err != nil {
		return nil, &client.FieldError{Field: "document", Value: o.file, Reason: err.Error()}
	}
	return client.ReadDocument(asJSON)
}

func (p *Program) diff() *cobra.Command {
	var from documentFlags
	cmd := p.verb("diff", "Show what apply would change; exits with 7 if that is anything", func(ctx context.Context, s *session, _ []string) error {
		doc, err := from.read(p)
		if err != nil {
			return err
		}
		diff, err := s.Diff(ctx, *doc, from.ApplyOptions)
		if err != nil {
			return err
		}
		if err := s.out.Lines(diff, diffLines(diff)); err != nil {
			return err
		}
		if !diff.Empty() {
			return errDiffers
		}
		return nil
	})
	from.bind(p, cmd)
	return cmd
}

func (p *Program) apply() *cobra.Command {
	var from documentFlags
	var yes confirmation
	cmd := p.verb("apply", "Make the jobs of an app and their executes what a document says", func(ctx context.Context, s *session, _ []string) error {
		doc, err := from.read(p)
		if err != nil {
			return err
		}
		if from.Prune {
			if err := s.confirmPrune(ctx, doc, from.ApplyOptions, yes); err != nil {
				return err
			}
		}
		done, err := s.Apply(ctx, *doc, from.ApplyOptions)
		if done != nil { // what was done before it failed, too
			err = errors.Join(err, s.out.Lines(done, diffLines(done)))
		}
		return err
	})
	cmd.Long = `Make the jobs of an app and their executes what a document says. What is so already
is not touched, so that it may be applied as often as one likes; what the document
does not name is left alone, unless --prune is given.`
	from.bind(p, cmd)
	yes.bind(cmd)
	return cmd
}

// confirmPrune asks before something is deleted.
func (s *session) confirmPrune(ctx context.Context, doc *client.Document, options client.ApplyOptions, yes confirmation) error {
	diff, err := s.Diff(ctx, *doc, options)
	if err != nil {
		return err
	}
	n := 0
	for _, c := range diff.Changes {
		if c.Change == client.Deleted {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return s.confirm(yes, "Delete %s of app %s that the document does not name", counted(n, "job or execute", "jobs and executes"), diff.App)
}

// signs of the changes, as diff has them.
var signs = map[client.Change]string{client.Created: "+", client.Updated: "~", client.Deleted: "-"}

// diffLines are the changes, a line each.
func diffLines(diff *client.Diff) []string {
	var lines []string
	for _, c := range diff.Changes {
		line := spoken(" ", signs[c.Change], string(c.Kind))
		switch c.Kind {
		case client.KindApp:
			line += " " + diff.App
		case client.KindExecute:
			line += fmt.Sprintf(" %s of job %s", c.Execute, c.Job)
		default:
			line += " " + c.Job
		}
		fields := make([]string, len(c.Fields))
		for i, f := range c.Fields {
			fields[i] = fmt.Sprintf("%s %q -> %q", f.Field, f.Old, f.New)
		}
		lines = append(lines, spoken(": ", line, strings.Join(fields, ", ")))
	}
	for _, place := range diff.Over {
		lines = append(lines, place+" has nothing left to fire, and is not added")
	}
	return append(lines, fmt.Sprintf("app %s: %s changed, %d as the document says", diff.App, counted(len(diff.Changes), "is", "are"), diff.Unchanged))
}
