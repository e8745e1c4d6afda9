package client

import (
	"net"
	"os"
	"strings"

	"github.com/quartz-cluster/quartz/schema"
)

// host is what HOST_IP and HOST_NAME say of whoever wrote a row.
type host struct{ ip, name string }

func thisHost() host {
	name, err := os.Hostname()
	if err != nil || name == "" {
		name = "localhost"
	}
	return host{ip: address(), name: strings.ToValidUTF8(name[:min(len(name), schema.MaxHostName)], "")}
}

// address returns the first IPv4 address that others can reach, if there is one.
func address() string {
	const loopback = "127.0.0.1"
	all, err := net.InterfaceAddrs()
	if err != nil {
		return loopback
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			return n.IP.String()
		}
	}
	return loopback
}
