package lab

import (
	"flag"
	"strconv"
)

// ManyAtOnce lets more tests run beside each other than there are processors,
// unless -parallel says otherwise: they wait far more than they compute. It is
// for TestMain.
func ManyAtOnce() { AtOnce(8) }

// AtOnce is [ManyAtOnce] with the number.
func AtOnce(n int) {
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f != nil && f.Value.String() == f.DefValue {
		_ = f.Value.Set(strconv.Itoa(n))
	}
}
