package pgnotify_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/pgnotify"
)

func TestAListenerRefusesWhatItCannotUse(t *testing.T) {
	t.Parallel()
	for field, config := range map[string]pgnotify.Config{
		"DSN is required": {},
		"DSN: ":           {DSN: "postgres://localhost:port/db"},
		"Check is 1ms":    {DSN: "postgres://localhost/db", Check: time.Millisecond},
		"Check is -1s":    {DSN: "postgres://localhost/db", Check: -time.Second},
		"Check is 2h0m0s": {DSN: "postgres://localhost/db", Check: 2 * time.Hour},
	} {
		_, err := pgnotify.NewListener(config)
		require.ErrorContains(t, err, "pgnotify: "+field)
	}
	_, err := pgnotify.NewListener(pgnotify.Config{DSN: "postgres://localhost/db"})
	require.NoError(t, err)
}
