package testdb

import (
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// createPostgres makes a database and not only a schema: advisory locks,
// notifications and statistics of parallel tests stay apart as well.
func createPostgres(server string) (string, func() error, error) {
	u, err := parseURL(server)
	if err != nil {
		return "", nil, err
	}
	name := placeName()
	// template0 has no sessions of others, which would fail the copy.
	if err := admin(Postgres, server, "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		return "", nil, err
	}
	u.Path = "/" + name
	drop := func() error {
		// FORCE, as a process the test killed may not have been noticed yet.
		return admin(Postgres, server, "DROP DATABASE "+name+" WITH (FORCE)")
	}
	return u.String(), drop, nil
}

func openPostgres(dsn string) gorm.Dialector { return postgres.Open(dsn) }
