package alert

import (
	"fmt"
	"strings"
	"time"

	"github.com/quartz-cluster/quartz/core/observe"
)

// streak is how an execute fails.
type streak struct {
	n           int
	since, last time.Time
	quiet       *time.Timer // of one that was told: when nothing was heard of it for long
}

func keyOf(execute int64) string { return fmt.Sprint(FailuresInARow, "/", execute) }

// fired takes in how a fire has ended. The caller holds a.mu.
func (a *Alerts) fired(e observe.Event) {
	if a.cfg.FailuresInARow < 0 {
		return
	}
	s := a.failing[e.ExecuteID]
	if e.Kind == observe.Finished {
		if s != nil {
			a.forget(e.ExecuteID, s)
			a.board.Close(keyOf(e.ExecuteID), e.Time, "a fire of it has succeeded on this node")
		}
		return
	}
	if s == nil {
		a.makeRoom()
		s = &streak{since: e.Time}
		a.failing[e.ExecuteID] = s
	}
	s.n, s.last = s.n+1, e.Time
	if s.n < a.cfg.FailuresInARow {
		return
	}
	a.failed(s, e, fmt.Sprintf("%s of app %s has failed %d times in a row on node %s, at last with: %s. See to its handler, or pause it",
		name(e), e.App, s.n, e.Node, short(e.Err)))
}

// faulted takes in that an execute is in ERROR after too many failures in a row: of those
// a few may have been enough, or some were on other nodes.
func (a *Alerts) faulted(e observe.Event) {
	if s := a.failing[e.ExecuteID]; s != nil { // it has just failed here
		a.failed(s, e, fmt.Sprintf("%s of app %s has failed on node %s, and as often in a row as its PauseAfter says: "+
			"it is in ERROR, and does not fire until it is reset. See to its handler first", name(e), e.App, e.Node))
	}
}

// failed tells of an execute, unless that was told.
func (a *Alerts) failed(s *streak, e observe.Event, message string) {
	if s.quiet != nil {
		s.quiet.Stop()
	}
	id, n := e.ExecuteID, s.n
	s.quiet = time.AfterFunc(Quiet, func() { a.quiet(id, s, n) })
	a.board.Open(keyOf(id), Alert{
		Kind: FailuresInARow, App: e.App, Node: e.Node, Class: e.Class, JobID: e.JobID, Job: e.Job, ExecuteID: id, Execute: e.Execute, Since: s.since,
		Message: message,
	}, 0)
}

// quiet takes back what was told of an execute that had failed n times by then.
func (a *Alerts) quiet(id int64, s *streak, n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.failing[id] == s && s.n == n {
		s.quiet = nil
		a.board.Close(keyOf(id), time.Now(), fmt.Sprintf(
			"no fire of it has ended on this node for %s: it is paused, in ERROR or gone, runs elsewhere, or is not due", Quiet))
	}
}

func (a *Alerts) forget(id int64, s *streak) {
	if s.quiet != nil {
		s.quiet.Stop()
	}
	delete(a.failing, id)
}

// makeRoom forgets the execute that failed longest ago of those that were not told, or
// if all were the one of those, when there are too many.
func (a *Alerts) makeRoom() {
	if len(a.failing) < MaxFailing {
		return
	}
	var id int64
	var oldest *streak
	for i, s := range a.failing {
		told, other := s.quiet != nil, oldest != nil && oldest.quiet != nil
		if oldest == nil || other && !told || other == told && s.last.Before(oldest.last) {
			id, oldest = i, s
		}
	}
	a.forget(id, oldest)
	a.board.Close(keyOf(id), time.Now(), fmt.Sprintf("more than %d other executes fail on this node: it is not watched any more", MaxFailing))
}

// name names an execute for people.
func name(e observe.Event) string {
	text := fmt.Sprintf("execute %d", e.ExecuteID)
	if e.Execute != "" {
		text += fmt.Sprintf(" (%s)", e.Execute)
	}
	if e.Job != "" {
		text += " of job " + e.Job
	}
	return text + ", class " + e.Class
}

// short is the beginning of an error, on one line.
func short(err error) string {
	const most = 200
	text := strings.Join(strings.Fields(fmt.Sprint(err)), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
