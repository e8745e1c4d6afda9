package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/cmd/quartzctl/internal/database"
	"github.com/quartz-cluster/quartz/client/cmd/quartzctl/internal/output"
	"github.com/quartz-cluster/quartz/pgnotify"
)

// session is a command at work.
type session struct {
	*client.Client

	program *Program
	cmd     *cobra.Command
	db      *gorm.DB
	actor   string
	out     *output.Printer
}

// withSession opens the database for as long as fn takes.
func (p *Program) withSession(cmd *cobra.Command, create bool, fn func(ctx context.Context, s *session) error) (err error) {
	ctx := cmd.Context()
	dsn := p.flags.dsn
	if dsn == "" {
		dsn = p.Getenv(dsnVariable)
	}
	if dsn == "" {
		return usageError{cmd, "say which database: --dsn or " + dsnVariable + ", such as postgres://user:password@host/database"}
	}
	db, err := database.Open(ctx, dsn, database.Options{Create: create, Patience: p.flags.timeout})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close(db)) }()
	if p.Prepare != nil {
		if err := p.Prepare(db); err != nil {
			return err
		}
	}
	config := client.Config{TablePrefix: p.flags.prefix, DatabaseSchema: p.flags.schema, Actor: p.flags.actor, CallTimeout: p.flags.timeout}
	if config.Actor == "" {
		config.Actor = p.Actor
	}
	if db.Name() == "postgres" {
		config.Notifier = pgnotify.Notifier{}
	}
	c, err := client.New(db, config)
	if err != nil {
		return err
	}
	return fn(ctx, &session{Client: c, program: p, cmd: cmd, db: db, actor: config.Actor, out: p.printer()})
}

// each does fn with every argument. Where there are several, what goes wrong with
// one is said at once, and keeps none of the others from being done.
func (s *session) each(ctx context.Context, args []string, fn func(arg string) error) error {
	var first error
	for _, arg := range args {
		err := fn(arg)
		if err != nil && (len(args) == 1 || ctx.Err() != nil) {
			return err
		}
		if err == nil {
			continue
		}
		s.program.complain(err)
		if first == nil {
			first = saidError{err}
		}
	}
	return first
}

// wrong is a mistake in how the command was called.
func (s *session) wrong(format string, args ...any) error {
	return usageError{s.cmd, fmt.Sprintf(format, args...)}
}

// left says what could not be changed, and why.
func (s *session) left(conflicts []*client.StateConflictError) error {
	for _, conflict := range conflicts {
		s.program.complain(conflict)
	}
	if len(conflicts) == 0 {
		return nil
	}
	return saidError{conflicts[0]}
}
