package client

import (
	"context"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// Notifier tells the nodes of an app that a call has made something due, so that
// they look at once, and not with their next scan; Config.Listener of package core
// hears it. It tells them
//
//   - what was added, edited or is to run now, where its next fire comes within a
//     minute: what comes later every node scans for in time;
//   - that an execute or a job was resumed;
//   - that the app itself was changed: paused, resumed, in maintenance and so on.
type Notifier interface {
	// Notify tells a hint, a short text of ASCII, to the nodes of app. It is called
	// inside the transaction of the change: what is sent through tx is to be heard
	// when, and only when, that is committed. An error takes back what Notify itself
	// has written, and is not the call's: the change stands.
	Notify(ctx context.Context, tx *gorm.DB, app, hint string) error
}

// due returns the hint for an execute that was written, if the nodes are to be told.
// What runs on all nodes is run by its copies, which the nodes make and follow by
// themselves.
func (c *Client) due(row schema.Execute, now int64) schema.Hint {
	if c.config.Notifier == nil || row.State != schema.Executing || row.RunOn == schema.RunOnAll ||
		row.NextFireTime == 0 || row.NextFireTime > now+schema.MaxScanInterval.Milliseconds() {
		return 0
	}
	return schema.HintOf(row.Shard)
}

// tell tells the nodes of an app, when the transaction commits. What the notifier
// does goes on from a point of its own, which ends with that of the call.
func (c *Client) tell(ctx context.Context, tx store.Store, app string, hint schema.Hint) error {
	if c.config.Notifier == nil || hint == 0 {
		return nil
	}
	if err := tx.Savepoint(ctx, hintPoint); err != nil {
		return err
	}
	if c.config.Notifier.Notify(ctx, tx.Gorm().WithContext(ctx), app, hint.String()) != nil {
		return tx.RollbackToSavepoint(ctx, hintPoint)
	}
	return nil
}
