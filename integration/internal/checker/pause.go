package checker

import (
	"math"
	"time"

	"github.com/quartz-cluster/quartz/integration/internal/ledger"
)

const (
	// ahead is by how much a claim may come before its instant.
	ahead = 250 * time.Millisecond
	// effect is how long a claim that has begun may take to have its effect.
	// What is read of job and node may be as old as that.
	effect = 2 * time.Second
)

// pause is a time in which nothing may be claimed: instants later than from, in
// runs that began before until, were.
type pause struct{ from, until time.Time }

var never = time.UnixMicro(math.MaxInt64 / 1000)

// pauses pairs each pause with what ended it. slack is how much later than the
// acknowledgement an instant must be, that its claim cannot have begun before.
func pauses(calls []ledger.Call, begins, ends ledger.Kind, slack time.Duration, of func(ledger.Call) string) map[string][]pause {
	all := map[string][]pause{}
	for _, c := range calls {
		key, list := of(c), all[of(c)]
		open := len(list) > 0 && list[len(list)-1].until.Equal(never)
		switch {
		case c.Kind == begins && !open:
			all[key] = append(list, pause{c.Acked.Add(slack), never})
		case c.Kind == ends && open:
			list[len(list)-1].until = c.Begun
		}
	}
	return all
}

func during(run ledger.Run, all []pause) bool {
	for _, p := range all {
		if run.Nominal.After(p.from) && run.Start.Before(p.until) {
			return true
		}
	}
	return false
}

// again reports whether a later attempt of a fire was claimed in a pause.
func again(run ledger.Run, all []pause) bool {
	for _, p := range all {
		if run.Attempt > 1 && run.Start.After(p.from.Add(effect)) && run.Start.Before(p.until) {
			return true
		}
	}
	return false
}

// held checks that an execute stood still from the look after its pause to the
// look before it was resumed.
func (c *check) held(id int64, h *history) {
	var paused *ledger.Row
	for _, call := range h.calls {
		switch call.Kind {
		case ledger.Paused:
			paused = call.Row
		case ledger.Rescheduled:
			paused = nil // an edit moves it
		case ledger.Resumed:
			if paused != nil && (paused.Prev != call.Row.Prev || paused.Next != call.Row.Next || paused.Skipped != call.Row.Skipped) {
				c.report.add(PausedRun, id, "it moved from (previous %d, next %d, skipped %d) to (%d, %d, %d) while it was paused",
					paused.Prev, paused.Next, paused.Skipped, call.Row.Prev, call.Row.Next, call.Row.Skipped)
			}
			paused = nil
		}
	}
}
