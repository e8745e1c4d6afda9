package main

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

// place is where the tables are.
type place struct {
	db     *gorm.DB
	dsn    string
	prefix string // of the tables: nobody else's
	folder string // temporary, if there is one
}

// openPlace opens the database, or makes one in a temporary folder, and creates
// the four tables in it.
func openPlace(ctx context.Context, dsn string) (p *place, err error) {
	p = &place{dsn: dsn, prefix: "QUICK_" + rand.Text()[:5] + "_"}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close(ctx))
		}
	}()
	if p.dsn == "" {
		if p.folder, err = os.MkdirTemp("", "quartz-quickstart-"); err != nil {
			return p, err
		}
		p.dsn = filepath.Join(p.folder, "quartz.db")
	}
	if p.db, err = opendb.Open(p.dsn); err != nil {
		return p, err
	}
	err = schema.Migrate(ctx, p.db, schema.Options{Prefix: p.prefix, Logger: slog.New(slog.DiscardHandler)})
	return p, err
}

// close leaves the database as it was found.
func (p *place) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	var errs []error
	if p.db != nil {
		for _, name := range []string{"EXECUTE", "JOB", "NODE", "APP"} {
			errs = append(errs, p.drop(ctx, p.prefix+name))
		}
		errs = append(errs, opendb.Close(p.db))
	}
	if p.folder != "" {
		errs = append(errs, os.RemoveAll(p.folder))
	}
	return errors.Join(errs...)
}

// drop drops a table, if it is there.
func (p *place) drop(ctx context.Context, table string) error {
	ifExists := "IF EXISTS "
	if p.db.Name() == "oracle" { // which knows these words from release 23 on
		ifExists = ""
	}
	err := p.db.WithContext(ctx).Exec("DROP TABLE " + ifExists + table).Error
	if err == nil || strings.Contains(err.Error(), "ORA-00942") { // there is no such table
		return nil
	}
	return fmt.Errorf("drop table %s: %w", table, err)
}
