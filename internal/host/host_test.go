package host

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNameKeepsRunesWhole(t *testing.T) {
	t.Parallel()
	require.NotEmpty(t, Name(100))
	require.Len(t, Name(1), 1)
	require.Equal(t, "k", cut("küche", 2))
	require.Equal(t, "kü", cut("küche", 3))
}

func TestAddressIsOneThatOthersReach(t *testing.T) {
	t.Parallel()
	addr := func(cidr string) net.Addr {
		ip, n, err := net.ParseCIDR(cidr)
		require.NoError(t, err)
		n.IP = ip
		return n
	}
	unreachable := []net.Addr{addr("127.0.0.1/8"), addr("169.254.7.7/16"), addr("fe80::1/64"), addr("2001:db8::1/64")}
	require.Equal(t, "10.1.2.3", firstOf(append(unreachable, addr("10.1.2.3/24"))))
	require.Empty(t, firstOf(unreachable))
}
