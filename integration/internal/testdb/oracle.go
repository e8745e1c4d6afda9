package testdb

import (
	"crypto/rand"
	"net/url"
	"strings"
	"time"

	oracle "github.com/godoes/gorm-oracle"
	"gorm.io/gorm"
)

// userConnected is Oracle's "cannot drop a user that is currently connected".
const userConnected = "ORA-01940"

// createOracle makes a user, whose schema is the place. The server's DSN needs
// an account that may create users, such as SYSTEM.
func createOracle(server string) (string, func() error, error) {
	u, err := parseURL(server)
	if err != nil {
		return "", nil, err
	}
	name, password := strings.ToUpper(placeName()), "Q"+rand.Text()[:20]
	err = admin(Oracle, server,
		"CREATE USER "+name+" IDENTIFIED BY "+password+" QUOTA UNLIMITED ON USERS DEFAULT TABLESPACE USERS",
		"GRANT CREATE SESSION, CREATE TABLE, CREATE SEQUENCE, CREATE PROCEDURE TO "+name,
		// What reading one's own execution plans and lock waits needs.
		"GRANT SELECT_CATALOG_ROLE TO "+name,
	)
	if err != nil {
		return "", nil, err
	}
	u.User = url.UserPassword(name, password)
	return u.String(), func() error { return dropOracle(server, name) }, nil
}

// dropOracle tries again while the server still counts a closed connection as a
// session of the user.
func dropOracle(server, name string) error {
	deadline := time.Now().Add(adminTimeout)
	for {
		err := admin(Oracle, server, "DROP USER "+name+" CASCADE")
		if err == nil || !strings.Contains(err.Error(), userConnected) || time.Now().After(deadline) {
			return err
		}
		<-time.After(100 * time.Millisecond)
	}
}

func openOracle(dsn string) gorm.Dialector { return oracle.Open(dsn) }
