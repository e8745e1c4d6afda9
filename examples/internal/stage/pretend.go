package stage

import (
	"context"
	"time"
)

// Pretend is how long a run takes, in milliseconds.
type Pretend int64

// Work takes its time, and gives up when the run is cut off.
func (p Pretend) Work(ctx context.Context) error {
	timer := time.NewTimer(time.Duration(p) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
