//go:build !linux

package oracleh2

import (
	"context"
	"net"
)

// dialQuick connects.
func dialQuick(ctx context.Context, network, addr string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, addr)
}
