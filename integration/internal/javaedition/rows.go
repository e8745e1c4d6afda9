package javaedition

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
)

// Columns of v1.3 by table, the key first.
var Columns = map[string][]string{
	"QRTZ_APP":  {"APPLICATION", "STATE", "TIME_PRE", "TIME_NEXT", "TIME_INTERVAL"},
	"QRTZ_NODE": {"APPLICATION", "HOST_IP", "HOST_NAME", "STATE", "TIME_CHECK"},
	"QRTZ_JOB":  {"ID", "APPLICATION", "STATE", "JOB_CLASS", "JOB_DATA", "JOB_DESCRIPTION", "UPDATE_TIME"},
	"QRTZ_EXECUTE": {
		"ID", "PID", "JOB_TYPE", "STATE", "CRON", "ZONE_ID", "REPEAT_COUNT", "REPEAT_INTERVAL", "TIME_TRIGGERED",
		"PREV_FIRE_TIME", "NEXT_FIRE_TIME", "HOST_IP", "HOST_NAME", "START_TIME", "END_TIME",
	},
}

// Row is a row's values of v1.3 by column, null where it is.
type Row map[string]sql.NullString

// Rows reads a table, given by its name, in the order of its key.
func Rows(t testing.TB, db *gorm.DB, table string) []Row {
	t.Helper()
	columns := Columns[table]
	order := columns[0]
	if table == "QRTZ_NODE" {
		order += ", HOST_IP"
	}
	rows, err := db.Raw("SELECT " + strings.Join(columns, ", ") + " FROM " + table + " ORDER BY " + order).Rows()
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	var out []Row
	for rows.Next() {
		values := make([]sql.NullString, len(columns))
		dest := make([]any, len(columns))
		for i := range values {
			dest[i] = &values[i]
		}
		require.NoError(t, rows.Scan(dest...))
		row := Row{}
		for i, column := range columns {
			row[column] = values[i]
		}
		out = append(out, row)
	}
	require.NoError(t, rows.Err())
	return out
}

// All reads the four tables.
func All(t testing.TB, db *gorm.DB) map[string][]Row {
	t.Helper()
	out := map[string][]Row{}
	for table := range Columns {
		out[table] = Rows(t, db, table)
	}
	return out
}
