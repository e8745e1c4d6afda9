package client

import (
	"cmp"

	"github.com/quartz-cluster/quartz/internal/host"
	"github.com/quartz-cluster/quartz/schema"
)

// origin is what HOST_IP and HOST_NAME say of whoever wrote a row.
type origin struct{ ip, name string }

func thisHost() origin {
	return origin{ip: cmp.Or(host.Address(), "127.0.0.1"), name: host.Name(schema.MaxHostName)}
}
