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

// tables are the four tables of one performance, and where they are.
type tables struct {
	db     *gorm.DB
	dsn    string
	prefix string // nobody else's
	folder string // temporary, if there is one
}

// openTables opens the database, or makes one in a temporary folder, and creates
// the tables in it.
func openTables(ctx context.Context, dsn string) (t *tables, err error) {
	t = &tables{dsn: dsn, prefix: "MASTER_" + rand.Text()[:5] + "_"}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.close(ctx))
		}
	}()
	if t.dsn == "" {
		if t.folder, err = os.MkdirTemp("", "quartz-master-"); err != nil {
			return t, err
		}
		t.dsn = filepath.Join(t.folder, "quartz.db")
	}
	if t.db, err = opendb.Open(t.dsn); err != nil {
		return t, err
	}
	return t, schema.Migrate(ctx, t.db, schema.Options{Prefix: t.prefix, Logger: slog.New(slog.DiscardHandler)})
}

// close leaves the database as it was found.
func (t *tables) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	var errs []error
	if t.db != nil {
		for _, name := range []string{"EXECUTE", "JOB", "NODE", "APP"} {
			err := t.db.WithContext(ctx).Exec("DROP TABLE " + t.prefix + name).Error
			if err != nil && !missing(err) {
				errs = append(errs, fmt.Errorf("drop table %s%s: %w", t.prefix, name, err))
			}
		}
		errs = append(errs, opendb.Close(t.db))
	}
	if t.folder != "" {
		errs = append(errs, os.RemoveAll(t.folder))
	}
	return errors.Join(errs...)
}

// missing reports whether a table was not there, in the words of any database.
func missing(err error) bool {
	text := strings.ToLower(err.Error())
	for _, words := range []string{"no such table", "does not exist", "unknown table", "ora-00942"} {
		if strings.Contains(text, words) {
			return true
		}
	}
	return false
}
