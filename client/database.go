package client

import (
	"context"
	"time"
)

// DatabaseInfo is what the client works on.
type DatabaseInfo struct {
	Dialect        string    `json:"dialect"` // postgres, mysql (MariaDB too), oracle or sqlite
	Version        string    `json:"version"` // as the product says it
	TablePrefix    string    `json:"tablePrefix"`
	DatabaseSchema string    `json:"databaseSchema,omitempty"`
	Now            time.Time `json:"now"` // the database's clock
	// ClockOffset is the database's clock minus this machine's, as good as half
	// of RoundTrip. Nothing depends on it.
	ClockOffset time.Duration `json:"clockOffsetNs"`
	RoundTrip   time.Duration `json:"roundTripNs"`
}

// Database asks the database who it is and what time it has.
func (c *Client) Database(ctx context.Context) (*DatabaseInfo, error) {
	return get(ctx, c, "database info", func(ctx context.Context) (*DatabaseInfo, error) {
		info := &DatabaseInfo{Dialect: string(c.db.Dialect()), TablePrefix: c.config.TablePrefix, DatabaseSchema: c.config.DatabaseSchema}
		var err error
		if info.Version, err = c.db.Version(ctx); err != nil {
			return nil, err
		}
		sent := time.Now()
		if info.Now, err = c.db.Now(ctx); err != nil {
			return nil, err
		}
		info.RoundTrip = time.Since(sent)
		info.ClockOffset = info.Now.Sub(sent.Add(info.RoundTrip / 2))
		return info, nil
	})
}
