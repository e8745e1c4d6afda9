package worker

import (
	"sync"

	"github.com/quartz-cluster/quartz/integration/internal/lab"
)

// Point is a moment in a node's work at which a test can end or stop its process.
type Point string

// The points.
const (
	BeforeClaim       Point = "before the claim"
	Uncommitted       Point = "claim sent, not committed" // where a claim is one statement, the same as BeforeClaim
	Committed         Point = "claim committed, not started"
	MidRun            Point = "mid-run"
	AfterCheckpoint   Point = "after a checkpoint"
	BeforeCompletion  Point = "run done, not completed"
	AfterCompletion   Point = "completed, not answered"
	InPass            Point = "inside a handler pass"
	PassUncommitted   Point = "inside a handler pass, not committed" // where winning it is one statement, before it
	InSweep           Point = "inside the handler's sweep"
	BeforeRegistering Point = "during registration, not committed"
	AfterRegistering  Point = "during registration, not answered"
	InStop            Point = "during stop"
)

// Points lists those at which kill -9 is tested.
var Points = []Point{
	BeforeClaim, Uncommitted, Committed, MidRun, AfterCheckpoint, BeforeCompletion, AfterCompletion,
	PassUncommitted, InPass, InSweep, BeforeRegistering, AfterRegistering, InStop,
}

// Signal is what happens to the process at a point.
type Signal string

// The signals.
const (
	Kill Signal = "kill" // as kill -9
	Stop Signal = "stop" // as kill -STOP: whoever lets it go on is the test
)

// Failpoint names a point, what happens there, and how often it is passed before.
type Failpoint struct {
	Point  Point  `json:"point"`
	Signal Signal `json:"signal"`
	Skip   int    `json:"skip,omitempty"`
}

// failpoints are those of a process. Nothing of them is in the product: they sit
// in its connections and around its handlers.
type failpoints struct {
	mu    sync.Mutex
	armed map[Point]*Failpoint
}

func newFailpoints(armed []Failpoint) *failpoints {
	f := &failpoints{armed: map[Point]*Failpoint{}}
	for _, p := range armed {
		f.arm(p)
	}
	return f
}

func (f *failpoints) arm(p Failpoint) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed[p.Point] = &p
}

// reach is called at a point. It does not return where the process is to end.
func (f *failpoints) reach(p Point) {
	f.mu.Lock()
	at := f.armed[p]
	if at == nil || at.Skip > 0 {
		if at != nil {
			at.Skip--
		}
		f.mu.Unlock()
		return
	}
	delete(f.armed, p)
	f.mu.Unlock()
	signal(at.Signal)
}

// hook puts the points into a node's connections. Where a claim, or winning a pass, is
// one statement, it has no moment between being sent and being committed.
func (f *failpoints) hook(pool *lab.Pool, oneStatement bool) {
	at := func(p Point) func() error {
		return func() error {
			f.reach(p)
			return nil
		}
	}
	before := func(points ...Point) func(string, []any) error {
		return func(string, []any) error {
			for _, p := range points {
				f.reach(p)
			}
			return nil
		}
	}
	claim := lab.Hook{Before: before(BeforeClaim), Commit: at(Uncommitted), After: at(Committed)}
	pass := lab.Hook{Commit: at(PassUncommitted), After: at(InPass)}
	if oneStatement {
		claim.Before, pass.Before = before(BeforeClaim, Uncommitted), before(PassUncommitted)
	}
	pool.Hook(lab.Take, claim)
	pool.Hook(lab.Complete, lab.Hook{Before: before(BeforeCompletion), After: at(AfterCompletion)})
	pool.Hook(lab.WinPass, pass)
	pool.Hook(lab.End, lab.Hook{Before: before(InSweep)})
	pool.Hook(lab.Register, lab.Hook{Commit: at(BeforeRegistering), After: at(AfterRegistering)})
	pool.Hook(lab.Leave, lab.Hook{Before: before(InStop)})
}
