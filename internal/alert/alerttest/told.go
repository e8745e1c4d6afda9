// Package alerttest keeps what a listener was told, for tests of those who tell.
package alerttest

import (
	"context"
	"sync"

	"github.com/quartz-cluster/quartz/internal/alert"
)

// Told is what was told and not yet asked for.
type Told struct {
	mu     sync.Mutex
	alerts []alert.Alert
}

// Listen is an [alert.Listener].
func (t *Told) Listen(_ context.Context, a alert.Alert) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.alerts = append(t.alerts, a)
}

// Take returns what was told since it was last asked for, and of each "+" and its kind
// for a beginning, "-" for an end.
func (t *Told) Take() (signs []string, alerts []alert.Alert) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, a := range t.alerts {
		sign := "+"
		if !a.Over.IsZero() {
			sign = "-"
		}
		signs = append(signs, sign+string(a.Kind))
	}
	alerts, t.alerts = t.alerts, nil
	return signs, alerts
}
