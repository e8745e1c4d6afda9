package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
	"github.com/quartz-cluster/quartz/schema/schedule"
)

func (p *Program) migrate() *cobra.Command {
	return group("migrate", "The four tables", p.migrateUp(), p.migrateVerify(), p.migratePrint())
}

// tables says where they are.
func (p *Program) tables() schema.Options {
	return schema.Options{TablePrefix: p.flags.prefix, DatabaseSchema: p.flags.schema, Logger: slog.New(slog.NewTextHandler(p.Err, nil))}
}

// tablesState is what is known of the tables.
type tablesState struct {
	Ready    bool     `json:"ready"`
	Problems []string `json:"problems,omitempty"`
}

func (p *Program) migrateUp() *cobra.Command {
	var zone string
	cmd := &cobra.Command{Use: "up", Short: "Create the tables, or bring them up to date; all rows are kept", Args: cobra.NoArgs}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if _, err := schedule.LoadZone(zone); err != nil {
			return usageError{cmd, "--" + err.Error()}
		}
		return p.withSession(cmd, true, func(ctx context.Context, s *session) error {
			options := p.tables()
			options.DefaultZone = zone
			if err := schema.Migrate(ctx, s.db, options); err != nil {
				return err
			}
			return s.out.Say(tablesState{Ready: true}, "the tables are up to date")
		})
	}
	cmd.Flags().StringVar(&zone, "zone", "", "IANA time zone for cron rows of the Java edition, which have none (default: they are left so, and run in UTC)")
	return cmd
}

func (p *Program) migrateVerify() *cobra.Command {
	return p.verb("verify", "Say whether the tables are as they should be; writes nothing", func(ctx context.Context, s *session, _ []string) error {
		err := schema.Verify(ctx, s.db, p.tables())
		var short *schema.VerifyError
		switch {
		case err == nil:
			return s.out.Say(tablesState{Ready: true}, "the tables are as they should be")
		case !errors.As(err, &short):
			return err
		}
		if err := s.out.Lines(tablesState{Problems: short.Problems}, short.Problems); err != nil {
			return err
		}
		return errShort
	})
}

// statements are what creates or upgrades the tables.
type statements struct {
	Statements []string `json:"statements"`
}

func (p *Program) migratePrint() *cobra.Command {
	dialects := wordsOf(sqldb.Dialects)
	var dialect string
	cmd := &cobra.Command{Use: "print", Short: "Print the statements that up would run, for whoever runs them by hand", Args: cobra.NoArgs}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if dialect == "" {
			return p.withSession(cmd, false, func(ctx context.Context, s *session) error {
				upgrade, err := schema.UpgradeDDL(ctx, s.db, p.tables())
				if err != nil {
					return err
				}
				return s.out.Lines(statements{upgrade}, terminated(upgrade))
			})
		}
		if !slices.Contains(dialects, dialect) {
			return usageError{cmd, fmt.Sprintf("--dialect %q is none of %s", dialect, strings.Join(dialects, ", "))}
		}
		ddl, err := schema.DDL(dialect, p.tables())
		if err != nil { // the options alone can be wrong
			return usageError{cmd, err.Error()}
		}
		return p.printer().Lines(statements{[]string{ddl}}, strings.Split(strings.TrimSuffix(ddl, "\n"), "\n"))
	}
	cmd.Flags().StringVar(&dialect, "dialect", "", "print what creates all tables on "+strings.Join(dialects, ", ")+"; asks no database")
	withWords(cmd, "dialect", dialects...)
	return cmd
}

// terminated ends each statement, and breaks it into its lines.
func terminated(statements []string) []string {
	var lines []string
	for _, statement := range statements {
		lines = append(lines, strings.Split(statement+";", "\n")...)
	}
	return lines
}
