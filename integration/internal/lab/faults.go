package lab

import "sync/atomic"

// Failures are a number of times that something is to fail.
type Failures struct{ left atomic.Int64 }

// Fail returns n failures.
func Fail(n int64) *Failures {
	f := &Failures{}
	f.left.Store(n)
	return f
}

// Next returns [ErrInjected] as often as there are failures left, and then nil.
func (f *Failures) Next() error {
	for {
		n := f.left.Load()
		if n == 0 {
			return nil
		}
		if f.left.CompareAndSwap(n, n-1) {
			return ErrInjected
		}
	}
}

// Left returns how many failures have not happened yet.
func (f *Failures) Left() int64 { return f.left.Load() }
