package retry

import (
	"errors"
	"math/rand/v2"
	"time"
)

// What holds where the execute does not say.
const (
	DefaultDelay = time.Second
	DefaultCap   = time.Hour
)

// Policy is the RETRY policy of an execute.
type Policy struct {
	Max   int           // retries that a fire may use
	Delay time.Duration // before the first one; doubled before each other
	Cap   time.Duration // the longest
}

// Next returns how long to wait before the next attempt of a fire that has used
// some retries and failed with err, and whether there is one. A wait is up to a
// fifth shorter than the policy says, so that what failed together does not come
// back together.
func (p Policy) Next(used int, err error) (time.Duration, bool) {
	var never *NeverError
	if used >= p.Max || errors.As(err, &never) {
		return 0, false
	}
	var after *AfterError
	if errors.As(err, &after) {
		return max(after.Wait, 0), true
	}
	wait, limit := p.Delay, p.Cap
	if wait <= 0 {
		wait = DefaultDelay
	}
	if limit <= 0 {
		limit = DefaultCap
	}
	for range used {
		if wait *= 2; wait >= limit {
			break
		}
	}
	return jitter(min(wait, limit)), true
}

func jitter(d time.Duration) time.Duration {
	const share = 5
	return d - time.Duration(rand.Int64N(int64(d/share)+1))
}

// NeverError is an error after which there is no retry.
type NeverError struct{ Err error }

func (e *NeverError) Error() string { return e.Err.Error() }

// Unwrap returns the error itself.
func (e *NeverError) Unwrap() error { return e.Err }

// AfterError is an error that says itself when to try again.
type AfterError struct {
	Err  error
	Wait time.Duration
}

func (e *AfterError) Error() string { return e.Err.Error() }

// Unwrap returns the error itself.
func (e *AfterError) Unwrap() error { return e.Err }
