package client

import (
	"context"
	"errors"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/internal/sqldb"
)

// call is the frame of every call: the mistakes of those who made the client or
// the context, the time limit, and the call's name on what does not say itself what it
// is about.
func (c *Client) call(ctx context.Context, name string, fn func(ctx context.Context) error) (err error) {
	ctx, end := c.begin(ctx, name)
	defer func() { end(err) }()
	if c.mistake != nil {
		return explained(name, c.mistake)
	}
	if err := checkActor(actorOf(ctx)); err != nil {
		return explained(name, err)
	}
	if c.config.CallTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.config.CallTimeout)
		defer cancel()
	}
	err = fn(ctx)
	if err == nil || told(err) {
		return err
	}
	return explained(name, err)
}

// get frames a call that returns one thing.
func get[T any](ctx context.Context, c *Client, name string, fn func(ctx context.Context) (T, error)) (T, error) {
	var out T
	err := c.call(ctx, name, func(ctx context.Context) (err error) {
		out, err = fn(ctx)
		return err
	})
	if err != nil {
		var none T
		return none, err
	}
	return out, nil
}

// The points in a transaction that a call, or what it tells the nodes, is taken
// back to. On MySQL and Oracle each name is for one point at a time.
const callPoint, hintPoint = "quartz_client", "quartz_hint"

// atomic runs fn in a transaction of its own, or as a part of the caller's that
// is taken back as a whole when it fails.
func (c *Client) atomic(ctx context.Context, fn func(tx store.Store) error) error {
	if !c.callers {
		return c.db.Tx(ctx, func(db *sqldb.DB) error { return fn(store.Store{DB: db}) })
	}
	if err := c.db.Savepoint(ctx, callPoint); err != nil {
		return err
	}
	if err := fn(c.db); err != nil {
		back := c.db.RollbackToSavepoint(ctx, callPoint)
		if sqldb.Retryable(err) {
			return err // a deadlock may have ended the transaction, and its savepoints with it
		}
		return errors.Join(err, back)
	}
	return c.db.ReleaseSavepoint(ctx, callPoint)
}

// ownOnly refuses a call that writes the row of an app in the caller's
// transaction.
func (c *Client) ownOnly() error {
	if c.callers && c.mistake == nil {
		return ErrInTransaction
	}
	return nil
}
