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

// checkControl fails where a registration that went over [Config.ControlDB] is not
// found over the node's own connections: it is another database, in which the node
// would live and claim nothing. Once one was found it asks no more. Where they cannot be
// asked, the claims will tell; one that is gone on both was removed.
func (n *Node) checkControl(ctx context.Context, reg store.Registration) error {
	if n.control == n.store || n.paired {
		return nil
	}
	var err error
	if n.paired, err = n.store.Stands(ctx, reg); err != nil || n.paired {
		return nil //nolint:nilerr // as said
	}
	if stands, err := n.control.Stands(ctx, reg); err != nil || !stands {
		return nil //nolint:nilerr // the next heartbeat tells
	}
	return &ConfigError{Field: "ControlDB", Reason: "must be a pool on the same database as db: what is written there is not found here"}
}
