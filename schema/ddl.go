package schema

import (
	"context"
	"embed"
	"fmt"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema/internal/catalog"
	"github.com/quartz-cluster/quartz/schema/internal/layout"
	"github.com/quartz-cluster/quartz/schema/internal/upgrade"
)

//go:embed ddl/*.sql
var ddlFiles embed.FS

// DDL returns the statements that create the four tables on postgres, mysql (and
// MariaDB), oracle or sqlite, with comments, for whoever creates them by hand.
func DDL(dialect string, opts Options) (string, error) {
	config, err := opts.config()
	if err != nil {
		return "", err
	}
	d, err := sqldb.ParseDialect(dialect)
	if err != nil {
		return "", err
	}
	file, err := ddlFile(d)
	if err != nil {
		return "", err
	}
	return layout.Names{Dialect: d, Config: config}.Apply(file), nil
}

// UpgradeDDL returns the statements by which Migrate would bring the tables in db
// up to date, for whoever runs them by hand; none where nothing is amiss. Rows
// are not among it: Migrate still has to take over those of the Java edition.
func UpgradeDDL(ctx context.Context, db *gorm.DB, opts Options) ([]string, error) {
	t, err := open(db, opts)
	if err != nil {
		return nil, err
	}
	state, err := t.compare(ctx, t.db)
	if err != nil {
		return nil, err
	}
	return state.statements, state.beyondUs()
}

func ddlFile(d sqldb.Dialect) (string, error) {
	file, err := ddlFiles.ReadFile("ddl/" + string(d) + ".sql")
	if err != nil {
		return "", fmt.Errorf("schema: %w", err)
	}
	return string(file), nil
}

// tables is the tables of one database, and what they should be.
type tables struct {
	db    *sqldb.DB
	names layout.Names
	want  *layout.Layout
	opts  Options
}

func open(db *gorm.DB, opts Options) (*tables, error) {
	config, err := opts.config()
	if err != nil {
		return nil, err
	}
	d, err := sqldb.New(db, config)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	file, err := ddlFile(d.Dialect())
	if err != nil {
		return nil, err
	}
	want, err := layout.Parse(file)
	if err != nil {
		return nil, err
	}
	return &tables{db: d, names: layout.Names{Dialect: d.Dialect(), Config: config}, want: want, opts: opts}, nil
}

// state is how far the tables of a database are from what they should be.
type state struct {
	problems   []upgrade.Problem
	statements []string
}

func (t *tables) compare(ctx context.Context, db *sqldb.DB) (state, error) {
	var s state
	for _, want := range t.want.Tables {
		have, err := catalog.Read(ctx, db, want.Name)
		if err != nil {
			return state{}, fmt.Errorf("schema: read the columns of table %s: %w", t.names.Config.Table(want.Name), err)
		}
		problems := upgrade.Compare(t.names, want, have)
		s.problems = append(s.problems, problems...)
		s.statements = append(s.statements, upgrade.Statements(t.names, want, problems)...)
	}
	return s, nil
}

// beyondUs is a *VerifyError of what no statement of ours mends, or nil.
func (s state) beyondUs() error {
	var e VerifyError
	for _, p := range s.problems {
		if !p.Mendable() {
			e.Problems = append(e.Problems, p.Text)
		}
	}
	if len(e.Problems) == 0 {
		return nil
	}
	return &e
}
