package worker

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/integration/internal/ledger"
	"github.com/quartz-cluster/quartz/integration/internal/operator"
)

var errThird = errors.New("every third one fails")

// handlers returns the handlers of the classes, in a process whose nodes have
// that pool.
func handlers(classes []string, pool *sql.DB) *core.Handlers {
	var failing atomic.Int64
	all := map[string]func(ctx context.Context) error{
		Quick:   func(context.Context) error { return nil },
		Short:   func(ctx context.Context) error { return work(ctx, 20*time.Millisecond) },
		Long:    func(ctx context.Context) error { return work(ctx, 700*time.Millisecond) },
		Endless: func(ctx context.Context) error { return work(ctx, 2500*time.Millisecond) },
		Failing: func(ctx context.Context) error {
			if err := work(ctx, 5*time.Millisecond); err != nil {
				return err
			}
			switch failing.Add(1) % 6 {
			case 0:
				panic(errThird)
			case 3:
				return errThird
			}
			return nil
		},
		Greedy: func(ctx context.Context) error {
			conn, err := pool.Conn(ctx)
			if err != nil {
				return err
			}
			return errors.Join(work(ctx, 2*time.Second), conn.Close())
		},
	}
	h := core.NewHandlers()
	for _, class := range classes {
		switch class {
		case Steps:
			core.Handle(h, class, func(ctx context.Context, fire *core.Fire, _ operator.Data) error { return steps(ctx, fire) })
		case Scripted:
			core.Handle(h, class, func(ctx context.Context, fire *core.Fire, s Script) error { return s.play(ctx, fire.Attempt) })
		default:
			run := all[class]
			core.Handle(h, class, func(ctx context.Context, _ *core.Fire, _ operator.Data) error { return run(ctx) })
		}
	}
	return h
}

// play does what an attempt is to do.
func (s Script) play(ctx context.Context, attempt int) error {
	if attempt > len(s.Attempts) {
		return nil
	}
	switch act := s.Attempts[attempt-1]; act {
	case Fails:
		return fmt.Errorf("attempt %d fails", attempt)
	case Hangs:
		<-ctx.Done()
		return context.Cause(ctx)
	default:
		return fmt.Errorf("%q is no act", act)
	}
}

// steps goes on from the newest checkpoint.
func steps(ctx context.Context, fire *core.Fire) error {
	const n = 8
	var done int
	if _, err := fire.Resume(&done); err != nil {
		return err
	}
	for done < n {
		if err := work(ctx, 100*time.Millisecond); err != nil {
			return err
		}
		done++
		if err := fire.Checkpoint(ctx, done); err != nil {
			return err
		}
		marked(ctx, done)
	}
	return nil
}

// marks is the key under which a run's context holds what writes its checkpoints
// into the ledger.
type marks struct{}

func marked(ctx context.Context, mark int) {
	if write, ok := ctx.Value(marks{}).(func(int)); ok {
		write(mark)
	}
}

// work takes its time, unless it is told to end.
func work(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// record writes every run into the ledger: its beginning before the handler does
// anything, its end when it returned.
func record(file *ledger.File, clock *ledger.Clock, points *failpoints) core.Middleware {
	return func(next core.HandlerFunc) core.HandlerFunc {
		return func(ctx context.Context, fire *core.Fire) (err error) {
			start := clock.Latest()
			var data operator.Data
			if err := fire.Decode(&data); err != nil {
				return err
			}
			var resumed int
			if fire.Class == Steps {
				if _, err := fire.Resume(&resumed); err != nil {
					return err
				}
			}
			seq, err := file.Begin(ledger.Run{
				App: fire.App, Node: fire.Node, Fence: fire.Fence, Class: fire.Class,
				Execute: fire.ExecuteID, Nominal: fire.NominalTime, Attempt: fire.Attempt,
				Revision: data.Revision, Resumed: resumed, Start: start,
			})
			if err != nil {
				die(err) // a run that is not in the ledger would be taken for lost
			}
			defer func() {
				v := recover()
				if v != nil {
					err = fmt.Errorf("panic: %v", v)
				}
				if failed := file.End(seq, clock.Latest(), err); failed != nil {
					die(failed)
				}
				if v != nil {
					panic(v)
				}
			}()
			points.reach(MidRun)
			ctx = context.WithValue(ctx, marks{}, func(mark int) {
				if err := file.Mark(seq, mark); err != nil {
					die(err)
				}
				points.reach(AfterCheckpoint)
			})
			return next(ctx, fire)
		}
	}
}

// die ends the process as it stands.
func die(err error) {
	fmt.Fprintln(os.Stderr, "worker:", err)
	os.Exit(3)
}
