package testdb

import (
	"net/url"

	driver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
)

// createMySQL makes a database on MySQL or MariaDB. Its DSN is what a user would
// write: parseTime and utf8mb4, and clientFoundRows left as it is, so that an
// UPDATE answers with the rows it changed and not those it matched.
func createMySQL(kind Kind, server string) (string, func() error, error) {
	config, err := driver.ParseDSN(server)
	if err != nil {
		return "", nil, err
	}
	name := placeName()
	if err := admin(kind, server, "CREATE DATABASE "+name+" CHARACTER SET utf8mb4"); err != nil {
		return "", nil, err
	}
	config.DBName = name
	config.ParseTime = true
	if err := config.Apply(driver.Charset("utf8mb4", "")); err != nil {
		return "", nil, err
	}
	drop := func() error {
		// A connection that a test left in a transaction would hold this up for
		// the server's default of up to a year.
		return admin(kind, server, "SET SESSION lock_wait_timeout = 30", "DROP DATABASE "+name)
	}
	return config.FormatDSN(), drop, nil
}

// withMySQLParams appends to the DSN, whose last word on a parameter counts; as
// made by createMySQL it has a query already.
func withMySQLParams(dsn string, params map[string]string) string {
	query := url.Values{}
	for name, value := range params {
		query.Set(name, value)
	}
	return dsn + "&" + query.Encode()
}

func openMySQL(dsn string) gorm.Dialector { return mysql.Open(dsn) }
