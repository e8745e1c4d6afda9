package store

import (
	"context"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// javaInterval is what the Java edition's readers expect in TIME_INTERVAL.
const javaInterval = 15_000

var selectApp = "SELECT " + sqldb.Columns[schema.App]("") + " FROM QRTZ_APP"

// App returns an app.
func (s Store) App(ctx context.Context, name string) (schema.App, bool, error) {
	return first[schema.App](ctx, s, selectApp+" WHERE APPLICATION = ?", name)
}

// InsertApp adds an app; now is the database's clock.
func (s Store) InsertApp(ctx context.Context, name string, state schema.Switch, now int64) error {
	return sqldb.Insert(ctx, s.DB, "QRTZ_APP", schema.App{
		Application: name, State: state, TimePre: -1, TimeNext: now, TimeInterval: javaInterval,
	})
}

// SetAppState turns an app on or off.
func (s Store) SetAppState(ctx context.Context, read schema.App, to schema.Switch) (int64, error) {
	return s.Exec(ctx, `UPDATE QRTZ_APP SET STATE = ?, VERSION = VERSION + 1
		WHERE APPLICATION = ? AND STATE = ? AND VERSION = ?`,
		string(to), read.Application, string(read.State), read.Version)
}

// DeleteApp removes the row of an app.
func (s Store) DeleteApp(ctx context.Context, name string) (int64, error) {
	return s.Exec(ctx, "DELETE FROM QRTZ_APP WHERE APPLICATION = ?", name)
}

// AppFilter narrows a list of apps.
type AppFilter struct {
	Prefix string
	State  schema.Switch
	After  string // the last name already seen
}

// Apps lists apps by name.
func (s Store) Apps(ctx context.Context, f AppFilter, span Span) ([]schema.App, error) {
	past, direction := span.order()
	var w where
	w.prefix("APPLICATION", f.Prefix)
	w.equal("STATE", string(f.State))
	if f.After != "" {
		w.add("APPLICATION"+past, f.After)
	}
	return sqldb.Select[schema.App](ctx, s.DB, selectApp+w.String()+" ORDER BY APPLICATION"+direction+" {limit}",
		append(w.args, span.Limit)...)
}
