package oracleh2

import (
	"context"
	"net"
	"syscall"
)

// dialQuick connects to a server which sends an answer in several small parts and
// waits, as TCP has it, with each for the acknowledgement of the one before: it is
// acknowledged at once, and not after the usual 40 ms.
func dialQuick(ctx context.Context, network, addr string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return conn, nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return &quick{tcp, raw}, nil
}

type quick struct {
	net.Conn
	raw syscall.RawConn
}

// Read implements net.Conn. The system forgets the option after a while.
func (q *quick) Read(b []byte) (int, error) {
	err := q.raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	})
	if err != nil {
		return 0, err
	}
	return q.Conn.Read(b)
}
