package host

import (
	"net"
	"os"
	"strings"
)

// Name returns the host's name, of which at most so many bytes are kept.
func Name(most int) string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		name = "localhost"
	}
	return cut(name, most)
}

// cut keeps runes whole, as a column holds text.
func cut(name string, most int) string {
	return strings.ToValidUTF8(name[:min(len(name), most)], "")
}

// Address returns the first IPv4 address that others can reach, empty if there is none.
func Address() string {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	return firstOf(all)
}

func firstOf(all []net.Addr) string {
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			return n.IP.String()
		}
	}
	return ""
}
