package store

import (
	"context"
	"database/sql"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// javaInterval is what the Java edition's readers expect in TIME_INTERVAL.
const javaInterval = 15_000

var (
	appColumns = sqldb.Columns[schema.App]("")
	selectApp  = "SELECT " + appColumns + " FROM QRTZ_APP"
	seeApp     = "SELECT " + sqldb.Columns[schema.App]("A") + `, (SELECT MAX(N.HOST_IP) FROM QRTZ_NODE N
		WHERE N.APPLICATION = A.APPLICATION AND N.NODE_ID = A.MASTER) FROM QRTZ_APP A`
)

// AppSeen is an app as people look at it.
type AppSeen struct {
	schema.App
	MasterKey string // of the node that is master
}

func (s Store) seeApps(ctx context.Context, query string, args ...any) ([]AppSeen, error) {
	var out []AppSeen
	err := s.Each(ctx, func(rows *sql.Rows) error {
		var a AppSeen
		if err := rows.Scan(append(sqldb.Dest(&a.App), sqldb.Null(&a.MasterKey))...); err != nil {
			return err
		}
		out = append(out, a)
		return nil
	}, query, args...)
	return out, err
}

// App returns an app.
func (s Store) App(ctx context.Context, name string) (schema.App, bool, error) {
	return first[schema.App](ctx, s, selectApp+" WHERE APPLICATION = ?", name)
}

// SeeApp returns an app with the key of its master.
func (s Store) SeeApp(ctx context.Context, name string) (AppSeen, bool, error) {
	rows, err := s.seeApps(ctx, seeApp+" WHERE APPLICATION = ?", name)
	if err != nil || len(rows) == 0 {
		return AppSeen{}, false, err
	}
	return rows[0], true, nil
}

// AppNow returns an app together with the database's clock, locked if that is
// asked for: for the length of a short transaction, since every node needs the
// row.
func (s Store) AppNow(ctx context.Context, name string, locked bool) (row schema.App, now int64, found bool, err error) {
	query := "SELECT " + appColumns + ", {now} FROM QRTZ_APP WHERE APPLICATION = ?"
	if locked {
		query += " {for update}"
	}
	found, err = s.One(ctx, append(sqldb.Dest(&row), sqldb.Null(&now)), query, name)
	return row, now, found, err
}

// InsertApp adds an app; now is the database's clock.
func (s Store) InsertApp(ctx context.Context, name string, state schema.Switch, now int64) error {
	return sqldb.Insert(ctx, s.DB, "QRTZ_APP", schema.App{
		Application: name, State: state, TimePre: -1, TimeNext: now, TimeInterval: javaInterval,
	})
}

// EditApp writes what an operator may change of an app that is locked, with the
// event that says so. It finds another version only on SQLite, over connections
// that do not lock when a transaction begins.
func (s Store) EditApp(ctx context.Context, read, row schema.App, now int64, event schema.AppEvent) (int64, error) {
	event.At = now
	return s.Exec(ctx, `UPDATE QRTZ_APP SET STATE = ?, {MODE} = ?, MASTER_PREFER = ?, MAINTENANCE = ?, EVENTS = ?, VERSION = VERSION + 1
		WHERE APPLICATION = ? AND STATE = ? AND VERSION = ?`,
		string(row.State), null(string(row.Mode)), null(row.MasterPrefer), null(string(row.Maintenance)), schema.AddEvents(read.Events, now, event),
		read.Application, string(read.State), read.Version)
}

// AddEvent adds to what happened to an app that is locked, which is no edit of
// it: the old text is no value that every database compares.
func (s Store) AddEvent(ctx context.Context, read schema.App, now int64, event schema.AppEvent) (int64, error) {
	event.At = now
	return s.Exec(ctx, "UPDATE QRTZ_APP SET EVENTS = ? WHERE APPLICATION = ?", schema.AddEvents(read.Events, now, event), read.Application)
}

// DeleteApp removes the row of an app.
func (s Store) DeleteApp(ctx context.Context, name string) (int64, error) {
	return s.Exec(ctx, "DELETE FROM QRTZ_APP WHERE APPLICATION = ?", name)
}

// AppFilter narrows a list of apps.
type AppFilter struct {
	Prefix string
	Text   string
	State  schema.Switch
	After  string // the last name already seen
}

// Apps lists apps by name.
func (s Store) Apps(ctx context.Context, f AppFilter, span Span) ([]AppSeen, error) {
	past, direction := span.order()
	var w where
	w.prefix("APPLICATION", f.Prefix)
	w.text(f.Text, "APPLICATION")
	w.equal("STATE", string(f.State))
	if f.After != "" {
		w.add("APPLICATION"+past, f.After)
	}
	return s.seeApps(ctx, seeApp+w.String()+" ORDER BY APPLICATION"+direction+" {limit}", append(w.args, span.Limit)...)
}
