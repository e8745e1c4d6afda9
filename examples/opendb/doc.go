// Package opendb opens whatever database a DSN names, for programs that are to
// run on any of them. A program that knows its database needs one driver and one
// line: gorm.Open(postgres.Open(dsn), &gorm.Config{}).
package opendb
