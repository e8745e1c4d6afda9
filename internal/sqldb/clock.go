package sqldb

import (
	"strconv"

	"gorm.io/gorm"
)

// Clock stands in for the database's clock in every statement sent over the
// gorm connections that it is used on, in epoch milliseconds. Tests plug it in
// with db.Use, before schema, core or client see db.
type Clock func() int64

const clockName = "quartz:clock"

// Name implements gorm.Plugin.
func (Clock) Name() string { return clockName }

// Initialize implements gorm.Plugin.
func (Clock) Initialize(*gorm.DB) error { return nil }

func clockOf(db *gorm.DB) Clock {
	clock, _ := db.Plugins[clockName].(Clock)
	return clock
}

// Simulated reports whether a clock stands in for the database's: in a test.
func (d *DB) Simulated() bool { return d.clock != nil }

func (d *DB) now() string {
	if d.clock != nil {
		return strconv.FormatInt(d.clock(), 10)
	}
	return d.dialect.now()
}
