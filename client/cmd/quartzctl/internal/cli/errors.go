package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/cmd/quartzctl/internal/database"
	"github.com/quartz-cluster/quartz/client/cmd/quartzctl/internal/output"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// The exit codes.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNotFound    = 3
	exitConflict    = 4
	exitNoAnswer    = 5
	exitAway        = 6
	exitDiffers     = 7
	exitInterrupted = 130
)

var (
	// errDiffers ends a command whose output tells of differences.
	errDiffers     = saidError{errors.New("something differs")}
	errShort       = errors.New(`the tables fall short: "quartzctl migrate up" mends what it can`)
	errInterrupted = errors.New("interrupted: what was said to be done is done, and nothing else")
)

// usageError is a mistake in how a command was called.
type usageError struct {
	cmd  *cobra.Command
	text string
}

func (e usageError) Error() string {
	return fmt.Sprintf("%s (%s --help)", e.text, e.cmd.CommandPath())
}

// saidError is an error of which nothing is left to be said.
type saidError struct{ error }

func (e saidError) Unwrap() error { return e.error }

func exitCode(err error) int {
	var usage usageError
	var field *client.FieldError
	var state *client.StateConflictError
	var version *client.VersionConflictError
	var answer *client.NoAnswerError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	case errors.As(err, &usage), errors.As(err, &field), errors.Is(err, database.ErrDSN):
		return exitUsage
	case errors.Is(err, client.ErrNotFound):
		return exitNotFound
	case errors.As(err, &state), errors.As(err, &version), errors.Is(err, client.ErrAlreadyExists), errors.Is(err, client.ErrContended):
		return exitConflict
	case errors.As(err, &answer):
		return exitNoAnswer
	case away(err):
		return exitAway
	case errors.Is(err, errDiffers), errors.Is(err, errShort):
		return exitDiffers
	default:
		return exitFailed
	}
}

// away reports whether the database could not be reached, or not in time.
func away(err error) bool {
	var unreachable *database.AwayError
	return errors.As(err, &unreachable) || errors.Is(err, context.DeadlineExceeded)
}

// complain says on one line what went wrong, and what to do about it.
func (p *Program) complain(err error) {
	var said saidError
	var document *client.DocumentError
	switch {
	case err == nil, errors.As(err, &said):
		return
	case errors.As(err, &document): // a line for each place
		for _, mistake := range document.Mistakes {
			p.say(mistake.Error())
		}
		return
	}
	text := p.sentence(err)
	if advice := advise(err); advice != "" {
		text += ": " + advice
	}
	p.say(text)
}

func (p *Program) say(text string) {
	fmt.Fprintf(p.Err, "quartzctl: %s\n", output.Safe(strings.ReplaceAll(strings.TrimSpace(text), "\n", "; ")))
}

// sentence is what an error says, without what is of no use here.
func (p *Program) sentence(err error) string {
	var field *client.FieldError
	var state *client.StateConflictError
	var answer *client.NoAnswerError
	switch {
	case errors.As(err, &field): // the call is the command
		return (&client.FieldError{Field: p.flagOf(field.Field), Value: field.Value, Reason: field.Reason}).Error()
	case errors.As(err, &state) && schema.Switch(state.State).Valid(): // Y and N are the column's words
		return fmt.Sprintf("%s %s: %s", state.Kind, state.Key, state.Reason)
	case errors.As(err, &answer): // that the time was over has been said
		return strings.TrimSuffix(answer.Error(), ": "+answer.Err.Error())
	default:
		return err.Error()
	}
}

// advise says what to do next, where the error does not say it itself.
func advise(err error) string {
	var missing *client.NotFoundError
	var version *client.VersionConflictError
	var answer *client.NoAnswerError
	var verify *schema.VerifyError
	switch {
	case errors.Is(err, database.ErrDSN):
		return "write it as quartzctl --help shows"
	case errors.Is(err, database.ErrNoFile):
		return "quartzctl migrate up creates it"
	case errors.As(err, &missing):
		return `"quartzctl ` + string(missing.Kind) + `s list" shows what there is`
	case errors.Is(err, client.ErrAlreadyExists):
		return "choose another name, or edit what is there"
	case errors.As(err, &version):
		return "look at it with show, and decide again"
	case errors.As(err, &answer):
		return `"quartzctl nodes list" shows how long ago each was heard of; --timeout waits longer`
	case errors.As(err, &verify), sqldb.MissingTable(err):
		return `"quartzctl migrate up" creates and upgrades the tables`
	case away(err):
		return "see that it runs and that --dsn or " + dsnVariable + " leads to it, or wait longer with --timeout"
	}
	return ""
}
