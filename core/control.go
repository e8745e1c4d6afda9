package core

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/internal/sqldb"
)

// controlStore looks at the connections and returns what goes over
// [Config.ControlDB], or over those of db where there is none.
func controlStore(ctx context.Context, db *gorm.DB, cfg Config, s *store.Store) (*store.Store, error) {
	if cfg.ControlDB == nil {
		return s, look(ctx, cfg, s, store.Everything)
	}
	control, err := store.New(cfg.ControlDB, sqldb.Config{Prefix: cfg.TablePrefix, Schema: cfg.DatabaseSchema}, cfg.App, cfg.CallTimeout)
	if err != nil {
		return nil, fmt.Errorf("quartz: ControlDB: %w", err)
	}
	control.Beside(s)
	if own, other := db.Name(), cfg.ControlDB.Name(); own != other {
		return nil, &ConfigError{"ControlDB", other, "must be a pool on the same database as db, which is " + own}
	}
	mine, err := db.DB()
	if err == nil {
		if theirs, err := cfg.ControlDB.DB(); err == nil && mine == theirs {
			return nil, &ConfigError{Field: "ControlDB", Reason: "must have connections of its own: open the database a second time"}
		}
	}
	if err := look(ctx, cfg, s, store.Claims); err != nil {
		return nil, err
	}
	return control, look(ctx, cfg, control, store.Control)
}

// look refuses connections that cannot carry their duty.
func look(ctx context.Context, cfg Config, s *store.Store, duty store.Duty) error {
	lack, advice, err := s.Lacks(ctx, duty)
	switch {
	case err != nil:
		return fmt.Errorf("quartz: look at the connection: %w", err)
	case lack != "":
		return fmt.Errorf("quartz: %s", lack)
	case advice != "":
		cfg.Logger.WarnContext(ctx, advice)
	}
	return nil
}
