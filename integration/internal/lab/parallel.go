package lab

import "flag"

// ManyAtOnce lets more tests run beside each other than there are processors,
// unless -parallel says otherwise: they wait far more than they compute. It is
// for TestMain.
func ManyAtOnce() {
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f != nil && f.Value.String() == f.DefValue {
		_ = f.Value.Set("8")
	}
}
