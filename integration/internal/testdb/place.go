package testdb

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// adminTimeout bounds what creates and removes a place, which waits for others'
// disk writes on a busy server.
const adminTimeout = time.Minute

// placeName returns a name that no other test of any process has, below the 30
// characters of the narrowest database, so that leftovers of a killed run are
// recognised by its first words.
func placeName() string {
	return "quartz_test_" + strings.ToLower(rand.Text()[:16])
}

// admin runs statements one after the other on a connection of its own.
func admin(kind Kind, dsn string, statements ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), adminTimeout)
	defer cancel()
	db, err := OpenDSN(kind, dsn)
	if err != nil {
		return err
	}
	pool, err := db.DB()
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }()
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	for _, statement := range statements {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// withURLParams sets query parameters on a DSN in the form of a URL.
func withURLParams(dsn string, params map[string]string) (string, error) {
	u, err := parseURL(dsn)
	if err != nil {
		return "", err
	}
	query := u.Query()
	for name, value := range params {
		query.Set(name, value)
	}
	u.RawQuery = query.Encode()
	return u.String(), nil
}

func parseURL(dsn string) (*url.URL, error) {
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme == "" {
		return nil, fmt.Errorf("DSN %q is not in the form scheme://user:password@host:port/name", dsn)
	}
	return u, nil
}
