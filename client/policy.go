package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/quartz-cluster/quartz/schema"
)

// Policies say how the fires of an execute are treated, and where they run. The
// zero value is fine. Durations are whole milliseconds.
type Policies struct {
	// Misfire says what happens to instants that nobody claimed within the
	// misfire threshold of the nodes. Defaults to FIRE_ONCE.
	Misfire schema.Misfire `json:"misfire"`
	// CatchUp is how many missed instants FIRE_ALL runs at most; the older ones
	// are counted as skipped. Only with FIRE_ALL.
	// At most 10,000. Defaults to 0: 1,000.
	CatchUp int `json:"catchUp,omitempty"`
	// Deadline is how late a fire may start; one that would start later is
	// counted as skipped. Defaults to 0: however late.
	Deadline time.Duration `json:"deadlineNs,omitempty"`

	// Overlap says what happens to an instant that comes due while an earlier
	// fire of the execute runs, or waits to be retried or recovered.
	// Defaults to ALLOW.
	Overlap schema.Overlap `json:"overlap"`
	// OverlapMax is how many fires run at a time at most; what comes due beside
	// them waits. Only with ALLOW. Defaults to 0: no limit.
	OverlapMax int `json:"overlapMax,omitempty"`
	// Timeout is the longest run. What runs longer has its context ended, and
	// failed with the outcome TIMED_OUT. Defaults to 0: no limit.
	Timeout time.Duration `json:"timeoutNs,omitempty"`
	// Priority decides when there is more due than room: the higher goes first.
	// Defaults to 0; it may be negative.
	Priority int `json:"priority,omitempty"`

	// RetryMax is how often a fire that failed is tried again, at most 1,000.
	// Defaults to 0: never.
	RetryMax int `json:"retryMax,omitempty"`
	// RetryDelay is the time before the first retry; each further one waits
	// twice as long as the one before, and each up to a fifth less, so that what
	// failed together does not come back together. Defaults to 0: a second.
	RetryDelay time.Duration `json:"retryDelayNs,omitempty"`
	// RetryCap is the longest time before a retry, at least RetryDelay.
	// Defaults to 0: an hour.
	RetryCap time.Duration `json:"retryCapNs,omitempty"`
	// PauseAfter is how many fires in a row must fail, retries included, to stop
	// the execute: its state is ERROR, not PAUSED, so that it is seen that nobody
	// has paused it. Defaults to 0: none do.
	PauseAfter int `json:"pauseAfter,omitempty"`
	// Recover is how often a fire is run again after its node was lost, at most
	// 1,000. Defaults to 0: it is recorded as lost.
	Recover int `json:"recover,omitempty"`

	// RunOn says which nodes run the execute.
	// Defaults to "": what the app's mode says.
	RunOn schema.RunOn `json:"runOn,omitempty"`
	// Targets are the keys or labels of the nodes that may run the execute, at
	// most 1,000 bytes as JSON. With SOME, and only there.
	Targets []string `json:"targets,omitempty"`
}

// defaultRetryCap is what the nodes take where RETRY_CAP is empty.
const defaultRetryCap = time.Hour

// withDefaults fills in what an empty column means.
func (p Policies) withDefaults() Policies {
	if p.Misfire == "" {
		p.Misfire = schema.FireOnce
	}
	if p.Overlap == "" {
		p.Overlap = schema.Allow
	}
	return p
}

func (p Policies) check() error {
	for _, check := range []func() error{p.checkMisfire, p.checkRun, p.checkFailure, p.checkPlace} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (p Policies) checkMisfire() error {
	if !p.Misfire.Valid() {
		return invalid("misfire", p.Misfire, fmt.Sprintf("must be one of %v", schema.Misfires))
	}
	switch {
	case p.CatchUp < 0:
		return invalid("catchUp", p.CatchUp, "must be at least 1, or 0 for 1,000")
	case p.CatchUp > schema.MaxCatchUp:
		return invalid("catchUp", p.CatchUp, fmt.Sprintf("must be at most %d", schema.MaxCatchUp))
	case p.CatchUp > 0 && p.Misfire != schema.FireAll:
		return invalid("catchUp", p.CatchUp, "belongs to the misfire policy FIRE_ALL")
	}
	return checkDuration("deadline", p.Deadline)
}

func (p Policies) checkRun() error {
	if !p.Overlap.Valid() {
		return invalid("overlap", p.Overlap, fmt.Sprintf("must be one of %v", schema.Overlaps))
	}
	if err := checkNumber("overlapMax", p.OverlapMax, math.MaxInt32); err != nil {
		return err
	}
	if p.OverlapMax > 0 && p.Overlap != schema.Allow {
		return invalid("overlapMax", p.OverlapMax, "belongs to the overlap policy ALLOW")
	}
	if p.Priority < math.MinInt32 || p.Priority > math.MaxInt32 {
		return invalid("priority", p.Priority, fmt.Sprintf("must be from %d to %d", math.MinInt32, math.MaxInt32))
	}
	return checkDuration("timeout", p.Timeout)
}

func (p Policies) checkFailure() error {
	if err := checkNumber("retryMax", p.RetryMax, schema.MaxAttempts); err != nil {
		return err
	}
	if err := checkDuration("retryDelay", p.RetryDelay); err != nil {
		return err
	}
	if err := checkDuration("retryCap", p.RetryCap); err != nil {
		return err
	}
	switch {
	case p.RetryDelay > 0 && p.RetryMax == 0:
		return invalid("retryDelay", p.RetryDelay, "needs a number of retries")
	case p.RetryCap > 0 && p.RetryMax == 0:
		return invalid("retryCap", p.RetryCap, "needs a number of retries")
	case p.RetryCap > 0 && p.RetryCap < p.RetryDelay:
		return invalid("retryCap", p.RetryCap, fmt.Sprintf("must be at least the delay, %s", p.RetryDelay))
	case p.RetryCap == 0 && p.RetryDelay > defaultRetryCap:
		return invalid("retryCap", p.RetryCap, fmt.Sprintf("must be given, where the delay, %s, is longer than %s", p.RetryDelay, defaultRetryCap))
	}
	if err := checkNumber("pauseAfter", p.PauseAfter, math.MaxInt32); err != nil {
		return err
	}
	return checkNumber("recover", p.Recover, schema.MaxAttempts)
}

func (p Policies) checkPlace() error {
	if p.RunOn != "" && !p.RunOn.Valid() {
		return invalid("runOn", p.RunOn, fmt.Sprintf("must be one of %v, or empty for what the app's mode says", schema.RunOns))
	}
	if p.RunOn != schema.RunOnSome {
		if len(p.Targets) > 0 {
			return invalid("targets", p.Targets, "belong to RUN_ON SOME")
		}
		return nil
	}
	if len(p.Targets) == 0 {
		return invalid("targets", "", "must name at least one node key or label")
	}
	for i, target := range p.Targets {
		if err := checkKey(fmt.Sprintf("targets[%d]", i), target, schema.MaxTargets); err != nil {
			return err
		}
	}
	if text := targetsText(p.Targets); len(text) > schema.MaxTargets {
		return invalid("targets", text, fmt.Sprintf("have %d bytes as JSON, at most %d are allowed", len(text), schema.MaxTargets))
	}
	return nil
}

func checkNumber(field string, n, most int) error {
	if n < 0 || n > most {
		return invalid(field, n, fmt.Sprintf("must be from 0 to %d", most))
	}
	return nil
}

func checkDuration(field string, d time.Duration) error {
	switch {
	case d < 0:
		return invalid(field, d, "must not be negative")
	case d%time.Millisecond != 0:
		return invalid(field, d, "must be whole milliseconds")
	}
	return nil
}

// targetsText is TARGETS of a row.
func targetsText(targets []string) string {
	if len(targets) == 0 {
		return ""
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // the column is short
	if encoder.Encode(targets) != nil {
		return "" // strings always have a JSON form
	}
	return string(bytes.TrimSpace(out.Bytes()))
}

// write puts policies that were checked into a row.
func (p Policies) write(row *schema.Execute) {
	row.Misfire, row.CatchUp, row.Deadline = p.Misfire, p.CatchUp, p.Deadline.Milliseconds()
	row.Overlap, row.OverlapMax, row.Timeout, row.Priority = p.Overlap, p.OverlapMax, p.Timeout.Milliseconds(), p.Priority
	row.RetryMax, row.RetryDelay, row.RetryCap = p.RetryMax, p.RetryDelay.Milliseconds(), p.RetryCap.Milliseconds()
	row.PauseAfter, row.Recover = p.PauseAfter, p.Recover
	row.RunOn, row.Targets = p.RunOn, targetsText(p.Targets)
}

// policiesOf reads the policies of a row.
func policiesOf(row schema.Execute) Policies {
	ms := func(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
	p := Policies{
		Misfire: row.Misfire, CatchUp: row.CatchUp, Deadline: ms(row.Deadline),
		Overlap: row.Overlap, OverlapMax: row.OverlapMax, Timeout: ms(row.Timeout), Priority: row.Priority,
		RetryMax: row.RetryMax, RetryDelay: ms(row.RetryDelay), RetryCap: ms(row.RetryCap),
		PauseAfter: row.PauseAfter, Recover: row.Recover, RunOn: row.RunOn, Targets: schema.Targets(row.Targets),
	}
	return p.withDefaults()
}

// same reports whether two policies are written alike.
func (p Policies) same(other Policies) bool {
	var a, b schema.Execute
	p.write(&a)
	other.write(&b)
	return a == b
}
