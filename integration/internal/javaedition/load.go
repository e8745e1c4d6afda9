package javaedition

import (
	"embed"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
)

//go:embed sql/*.sql
var files embed.FS

// Ids of rows that [Load] makes, by what is special about them.
const (
	JobInvoice  = 202311051430220001 // EXECUTING, with data
	JobPaused   = 202311051430220002
	JobComplete = 202311051430220003
	JobOdd      = 202311051430220004 // STATE is "ERROR,INIT"
	JobInit     = 202311051430220005 // of the paused app reports

	CronBerlin    = 202311051430220101 // last fired a day ago
	CronZoneless  = 202311051430220102 // every second; PREV_FIRE_TIME, TIME_TRIGGERED, END_TIME, ZONE_ID null
	CronUTC8      = 202311051430220103 // zone UTC+8
	FiveFromNow   = 202311051430220104 // 5 times every 2 s from now; NEXT_FIRE_TIME is now + 6 s
	OnceNow       = 202311051430220105 // once, now; NEXT_FIRE_TIME is now + 5 s
	ForEver       = 202311051430220106 // every second
	ThreeOfTen    = 202311051430220107 // every second, 7 fires left
	Finished      = 202311051430220108 // COMPLETE, END_TIME overwritten
	LongPaused    = 202311051430220109 // PAUSED, NEXT_FIRE_TIME ten days ago
	Broken        = 202311051430220110 // ERROR, a cron that is none
	OddState      = 202311051430220111 // STATE is "ERROR,INIT"
	LowerState    = 202311051430220112 // STATE is "paused"
	NotStarted    = 202311051430220113 // INIT, an interval of 24.8 days
	NextMissing   = 202311051430220114 // EXECUTING, NEXT_FIRE_TIME null
	LastToCome    = 202311051430220115 // every second until now + 3 s, inclusive
	WithoutJob    = 202311051430220116
	ExecutesTotal = 16
)

// Load makes the tables of the Java edition, under their own names in the
// connection's own schema, and rows as of now.
func Load(t testing.TB, db *gorm.DB, now time.Time) {
	t.Helper()
	Tables(t, db)
	ms := now.UnixMilli()
	Script(t, db, strings.NewReplacer(
		":now", strconv.FormatInt(ms, 10),
		":second", strconv.FormatInt(ms-ms%1000, 10),
	).Replace(read(t, "rows.sql")))
}

// Tables makes the tables of the Java edition, empty.
func Tables(t testing.TB, db *gorm.DB) {
	t.Helper()
	Script(t, db, read(t, "v13_"+db.Dialector.Name()+".sql"))
}

func read(t testing.TB, name string) string {
	t.Helper()
	text, err := files.ReadFile("sql/" + name)
	require.NoError(t, err)
	return string(text)
}

var comment = regexp.MustCompile(`(?m)--.*$`)

// Script sends statements that end with semicolons one by one.
func Script(t testing.TB, db *gorm.DB, sql string) {
	t.Helper()
	for statement := range strings.SplitSeq(comment.ReplaceAllString(sql, ""), ";") {
		if statement = strings.TrimSpace(statement); statement != "" {
			require.NoError(t, db.Exec(statement).Error, statement)
		}
	}
}
