package stage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/examples/opendb"
	"github.com/quartz-cluster/quartz/schema"
)

// Tables are the four tables of one performance, and where they are.
type Tables struct {
	DB     *gorm.DB
	Prefix string // nobody else's

	dsn    string
	folder string // temporary, if there is one
}

// openTables opens the database, or makes one in a temporary folder, and creates
// the tables in it.
func (p Program) openTables(ctx context.Context, dsn string) (t *Tables, err error) {
	t = &Tables{dsn: dsn, Prefix: p.Prefix + rand.Text()[:5] + "_"}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.close(ctx))
		}
	}()
	if t.dsn == "" {
		if t.folder, err = os.MkdirTemp("", "quartz-"+p.Name+"-"); err != nil {
			return t, err
		}
		t.dsn = filepath.Join(t.folder, "quartz.db")
	}
	if t.DB, err = opendb.Open(t.dsn); err != nil {
		return t, err
	}
	return t, schema.Migrate(ctx, t.DB, schema.Options{TablePrefix: t.Prefix, Logger: slog.New(slog.DiscardHandler)})
}

// close leaves the database as it was found.
func (t *Tables) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	var errs []error
	if t.DB != nil {
		for _, name := range []string{"EXECUTE", "JOB", "NODE", "APP"} {
			errs = append(errs, t.drop(ctx, t.Prefix+name))
		}
		errs = append(errs, opendb.Close(t.DB))
	}
	if t.folder != "" {
		errs = append(errs, os.RemoveAll(t.folder))
	}
	return errors.Join(errs...)
}

// drop drops a table, if it is there.
func (t *Tables) drop(ctx context.Context, table string) error {
	ifExists := "IF EXISTS "
	if t.DB.Name() == "oracle" { // which knows these words from release 23 on
		ifExists = ""
	}
	err := t.DB.WithContext(ctx).Exec("DROP TABLE " + ifExists + table).Error
	if err == nil || strings.Contains(err.Error(), "ORA-00942") { // there is no such table
		return nil
	}
	return fmt.Errorf("drop table %s: %w", table, err)
}
