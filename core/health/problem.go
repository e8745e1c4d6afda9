package health

import (
	"fmt"
	"time"

	"github.com/quartz-cluster/quartz/core"
)

// Problem is one thing that is wrong with a node; the package comment lists the codes.
type Problem struct {
	Code  string    `json:"code"`
	Text  string    `json:"text"`           // a sentence
	Since time.Time `json:"since,omitzero"` // if that is known

	fatal bool // a restart would help
	held  bool // an operator wants it so
}

// scanGrace is for how long looks must have failed, the last one included: one that met a
// deadlock or a database that fails over is followed by a good one, however rarely a node looks.
const scanGrace = 10 * time.Second

// quiet are the reasons of a node that claims nothing although it runs.
var quiet = map[core.Quiet]Problem{
	core.QuietStandby:     {Code: "standby", Text: "workers of the Java edition drive the app: the node claims nothing beside them"},
	core.QuietSkewed:      {Code: "clock_skewed", Text: "its clock is %s off the database's: it claims nothing until that is mended"},
	core.QuietDrained:     {Code: "drained", Text: "an operator has drained the node: it claims nothing until it is told to rejoin", held: true},
	core.QuietPaused:      {Code: "paused", Text: "the node is paused: it claims nothing until it is resumed", held: true},
	core.QuietMaintenance: {Code: "maintenance", Text: "the app is in maintenance: nothing is claimed until that is over", held: true},
	core.QuietAppPaused:   {Code: "app_paused", Text: "the app is paused: nothing is claimed until it is resumed", held: true},
}

// problems lists what is wrong with a node.
func problems(s core.Status, stall time.Duration, now time.Time) (out []Problem) {
	add := func(p Problem) { out = append(out, p) }
	switch s.State {
	case core.StateNew:
		add(Problem{Code: "not_started", Text: "it was not started"})
		return out
	case core.StateStopped:
		if s.Error != "" {
			add(Problem{Code: "failed", Text: "the node has stopped: " + s.Error, fatal: true})
		} else {
			add(Problem{Code: "stopped", Text: "the node has stopped"})
		}
		return out
	case core.StateDraining:
		add(Problem{Code: "draining", Text: "the node stops: it waits for its runs and claims nothing"})
	case core.StateRegistering:
		if s.LastBeat.IsZero() {
			add(Problem{Code: "not_registered", Text: "the node has not registered yet"})
		} else {
			add(Problem{Code: "lease_lost", Text: "the node has lost its lease: it registers again"})
		}
	}
	stalled := func(what string, since time.Time) {
		add(Problem{Code: "stalled", Text: fmt.Sprintf("its %s has stood still for more than %s, without an error", what, stall), Since: since, fatal: true})
	}
	switch {
	case now.Sub(s.LastTry) > stall:
		stalled("heartbeat", s.LastTry)
	case s.State == core.StateRunning && now.Sub(s.LastScan) > stall:
		stalled("scan", s.LastScan)
	}
	if !s.AwaySince.IsZero() {
		add(Problem{Code: "database_away", Text: "the database takes no heartbeat: the node tries again by itself", Since: s.AwaySince})
	}
	if s.State == core.StateRunning && !s.ScanFailingSince.IsZero() && s.LastScan.Sub(s.ScanFailingSince) >= scanGrace {
		add(Problem{Code: "scan_failing", Text: "each look for what is due fails: the node claims nothing until one does not", Since: s.ScanFailingSince})
	}
	if p, is := quiet[s.Quiet]; is {
		if s.Quiet == core.QuietSkewed {
			p.Text = fmt.Sprintf(p.Text, s.Skew)
		}
		add(p)
	}
	return out
}
