package database

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/glebarez/sqlite"
	driver "github.com/go-sql-driver/mysql"
	oracle "github.com/godoes/gorm-oracle"
	"gorm.io/driver/mysql"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// Forms describes the DSNs.
//
//nolint:gosec // no credentials
const Forms = `postgres://user:password@host:5432/database
mysql://user:password@host:3306/database   (MariaDB too; user:password@tcp(host:3306)/database as well)
oracle://user:password@host:1521/service
sqlite:path/to/file.db`

// ErrDSN says that a DSN names no database that could be opened.
var ErrDSN = errors.New("the DSN cannot be used")

// place is where a DSN leads to.
type place struct {
	driver, dsn string
	dialector   func(pool *sql.DB) gorm.Dialector
	file        string   // of SQLite
	secrets     []string // what no message may show
}

func newPostgres(pool *sql.DB) gorm.Dialector { return postgres.New(postgres.Config{Conn: pool}) }
func newMySQL(pool *sql.DB) gorm.Dialector    { return mysql.New(mysql.Config{Conn: pool}) }
func newOracle(pool *sql.DB) gorm.Dialector   { return oracle.New(oracle.Config{Conn: pool}) }
func newSQLite(pool *sql.DB) gorm.Dialector   { return &sqlite.Dialector{Conn: pool} }

// parse reads a DSN. Its errors hold nothing of it: what cannot be taken apart may
// have its password anywhere.
func parse(dsn string) (place, error) {
	scheme, rest, _ := strings.Cut(dsn, ":")
	switch {
	case dsn == "":
		return place{}, fmt.Errorf("%w: it is empty", ErrDSN)
	case strings.Contains(dsn, "@tcp(") || strings.Contains(dsn, "@unix("):
		return parseMySQL(dsn)
	case scheme == "sqlite":
		return parseSQLite(rest)
	case scheme != "postgres" && scheme != "postgresql" && scheme != "mysql" && scheme != "mariadb" && scheme != "oracle":
		return place{}, fmt.Errorf("%w: it does not begin with sqlite:, postgres://, mysql:// or oracle://", ErrDSN)
	}
	u, err := url.Parse(dsn)
	if err != nil || u.Host == "" {
		return place{}, fmt.Errorf("%w: it is no URL: escape what is special in the password, / as %%2F", ErrDSN)
	}
	if scheme == "mysql" || scheme == "mariadb" {
		return mysqlURL(u)
	}
	if scheme == "oracle" {
		return place{driver: "oracle", dsn: dsn, dialector: newOracle, secrets: secretsOf(u)}, nil
	}
	return place{driver: "pgx", dsn: dsn, dialector: newPostgres, secrets: secretsOf(u)}, nil
}

// secretsOf returns the passwords of a URL, as they are and as they are written.
func secretsOf(u *url.URL) []string {
	var out []string
	if password, ok := u.User.Password(); ok {
		_, written, _ := strings.Cut(u.User.String(), ":")
		out = append(out, password, written)
	}
	for name, values := range u.Query() {
		if strings.Contains(strings.ToLower(name), "password") {
			out = append(out, values...)
		}
	}
	return out
}

// mysqlURL writes a URL in the way of the driver, which has one of its own.
func mysqlURL(u *url.URL) (place, error) {
	config := driver.NewConfig()
	config.User, config.Net, config.Addr = u.User.Username(), "tcp", u.Host
	config.Passwd, _ = u.User.Password()
	config.DBName = strings.TrimPrefix(u.Path, "/")
	dsn := config.FormatDSN()
	if u.RawQuery != "" {
		separator := "?"
		if strings.Contains(dsn[strings.LastIndex(dsn, "/"):], "?") {
			separator = "&"
		}
		dsn += separator + u.RawQuery
	}
	return parseMySQL(dsn)
}

func parseMySQL(dsn string) (place, error) {
	config, err := driver.ParseDSN(dsn)
	if err != nil {
		return place{}, fmt.Errorf("%w: it is none of MySQL's: user:password@tcp(host:3306)/database?parameter=value", ErrDSN)
	}
	return place{driver: "mysql", dsn: dsn, dialector: newMySQL, secrets: []string{config.Passwd}}, nil
}

// parseSQLite adds to the path of a file what several processes on it need.
func parseSQLite(path string) (place, error) {
	path, query, _ := strings.Cut(strings.TrimPrefix(path, "//"), "?")
	if path == "" || strings.Contains(path, ":memory:") {
		return place{}, fmt.Errorf("%w: it names no file: a database in memory belongs to one process", ErrDSN)
	}
	params, err := url.ParseQuery(query)
	if err != nil {
		return place{}, fmt.Errorf("%w: what follows the ? is no list of parameters", ErrDSN)
	}
	// First the timeout, because the switch to WAL may find the file locked.
	params["_pragma"] = append([]string{"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(NORMAL)"}, params["_pragma"]...)
	// A transaction that reads before it writes would otherwise fail at its first
	// write, whatever the timeout, when another has written meanwhile.
	params.Set("_txlock", "immediate")
	return place{driver: sqlite.DriverName, dsn: path + "?" + params.Encode(), dialector: newSQLite, file: path}, nil
}

// exists reports whether the file is there, where the place is one.
func (p place) exists() bool {
	if p.file == "" {
		return true
	}
	_, err := os.Stat(p.file)
	return err == nil
}

// discreet takes the secrets out of an error.
func (p place) discreet(err error) error {
	text := err.Error()
	for _, secret := range p.secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "xxxxx")
		}
	}
	if text == err.Error() {
		return err
	}
	return errors.New(text)
}
