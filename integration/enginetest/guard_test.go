package enginetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

// deferred lets others write on SQLite between a transaction's begin and its
// first statement.
func deferred(l *lab.Lab) lab.Option {
	if l.DB.Kind != testdb.SQLite {
		return lab.Connected()
	}
	return lab.Connected(testdb.Param("_txlock", "deferred"))
}

// betweenScanAndClaim starts a node that calls change once, after it has found
// the execute that is due and before it claims it.
func betweenScanAndClaim(l *lab.Lab, change func(), options ...lab.Option) *lab.Node {
	var once sync.Once
	return l.Start(append(options, deferred(l), lab.Through(func(p *lab.Pool) {
		p.Hook(lab.Claim, lab.Hook{Before: func(string, []any) error { once.Do(change); return nil }})
	}))...)
}

// A claim takes nothing that was changed since it was found: what was changed by
// hand, by the Java edition's client and by operators, none of whom count VERSION.
func TestAClaimTakesNothingThatWasChangedMeanwhile(t *testing.T) {
	cases := map[string]func(l *lab.Lab, id int64){
		"paused":          func(l *lab.Lab, id int64) { l.Set(id, "STATE = 'PAUSED'") },
		"in error":        func(l *lab.Lab, id int64) { l.Set(id, "STATE = 'ERROR'") },
		"moved on":        func(l *lab.Lab, id int64) { l.Set(id, "NEXT_FIRE_TIME = NEXT_FIRE_TIME + 3600000") },
		"claimed already": func(l *lab.Lab, id int64) { l.Set(id, "HIGH_TIME = NEXT_FIRE_TIME") },
		"in flight": func(l *lab.Lab, id int64) {
			l.Peer(5)
			l.Set(id, "OVERLAP = 'QUEUE', FIRE_TIME = NEXT_FIRE_TIME, FIRE_NODE = 5, FIRE_ATTEMPT = 1")
		},
		"deleted": func(l *lab.Lab, id int64) { l.Exec(1, "DELETE FROM QRTZ_EXECUTE WHERE ID = ?", id) },
		"node paused": func(l *lab.Lab, _ int64) {
			l.Exec(1, "UPDATE QRTZ_NODE SET STATE = 'N' WHERE APPLICATION = ?", lab.App)
		},
		"app paused": func(l *lab.Lab, _ int64) { l.Exec(1, "UPDATE QRTZ_APP SET STATE = 'N' WHERE APPLICATION = ?", lab.App) },
		"job paused": func(l *lab.Lab, _ int64) {
			l.Exec(1, "UPDATE QRTZ_JOB SET STATE = 'PAUSED' WHERE APPLICATION = ?", lab.App)
		},
		"job init": func(l *lab.Lab, _ int64) {
			l.Exec(1, "UPDATE QRTZ_JOB SET STATE = 'INIT' WHERE APPLICATION = ?", lab.App)
		},
		"job gone": func(l *lab.Lab, _ int64) { l.Exec(1, "DELETE FROM QRTZ_JOB WHERE APPLICATION = ?", lab.App) },
	}
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		for name, change := range cases {
			due := l.Now().UnixMilli()
			id := l.Execute(client.At(l.Now().Add(time.Hour)))
			l.Set(id, "START_TIME = ?, NEXT_FIRE_TIME = ?", due, due)
			changed := make(chan struct{})
			n := betweenScanAndClaim(l, func() { defer close(changed); change(l, id) }, long)
			<-changed
			n.Beats(3)
			l.Passes(1)
			require.Empty(t, l.Runs(id), name)
			require.Empty(t, l.Events(observe.Claimed), name)
			l.Clear()
		}
	})
}

// An edit between scan and claim counts VERSION: the run sees what was edited.
func TestARunSeesTheLastEdit(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		id := l.Execute(client.Now(), client.WithData([]int{1}))
		betweenScanAndClaim(l, func() {
			_, err := l.Client.UpdateExecute(t.Context(), client.ID(id), 0, client.SetData([]int{2}))
			require.NoError(t, err)
		})
		l.UntilState(id, schema.Complete)
		require.Equal(t, "[2]", string(l.Runs(id)[0].Data))
	})
}

// A schedule that somebody changed without counting VERSION is computed anew: each
// of its columns is named by the claim.
func TestAClaimComputesFromTheScheduleAsItIs(t *testing.T) {
	const hour = 3_600_000
	simple, cron := client.Every(time.Hour), client.Cron("0 0 0 1 1 ?", "UTC")
	cases := map[string]struct {
		schedule client.Schedule
		set      string
		args     []any
		want     func(due, next int64) bool // of the fire that was claimed
	}{
		"JOB_TYPE":        {cron, "JOB_TYPE = 'SIMPLE'", nil, func(due, next int64) bool { return next == due+hour }},
		"CRON":            {cron, "CRON = ?", []any{"0 0 0 1 6 ?"}, func(_, next int64) bool { return time.UnixMilli(next).UTC().Month() == time.June }},
		"ZONE_ID":         {cron, "ZONE_ID = ?", []any{"Asia/Tokyo"}, func(_, next int64) bool { return time.UnixMilli(next).UTC().Hour() == 15 }},
		"REPEAT_INTERVAL": {simple, "REPEAT_INTERVAL = ?", []any{2 * hour}, func(due, next int64) bool { return next == due+2*hour }},
		"REPEAT_COUNT":    {simple, "REPEAT_COUNT = ?", []any{1}, func(_, next int64) bool { return next == 0 }},
		"START_TIME":      {simple, "START_TIME = START_TIME - ?", []any{hour / 2}, func(due, next int64) bool { return next == due+hour/2 }},
		"END_TIME":        {simple, "END_TIME = NEXT_FIRE_TIME", nil, func(_, next int64) bool { return next == 0 }},
	}
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		for name, c := range cases {
			id := l.Execute(c.schedule)
			due := l.Now().UnixMilli()
			l.Set(id, "START_TIME = ?, NEXT_FIRE_TIME = ?, REPEAT_INTERVAL = ?", due, due, hour)
			betweenScanAndClaim(l, func() { l.Set(id, c.set, c.args...) })
			run := l.UntilRuns(id, 1)[0]
			require.Equal(t, due, run.NominalTime.UnixMilli(), name)
			next := run.NextTime.UnixMilli()
			if run.NextTime.IsZero() {
				next = 0
			}
			require.True(t, c.want(due, next), "%s: next is %s", name, run.NextTime)
			require.Equal(t, next, l.Row(id).NextFireTime, name)
			l.Clear()
		}
	})
}

// Once its registration is gone a node claims nothing: it registers again, and
// runs what is due as a new node.
func TestARemovedNodeClaimsNothing(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		id := l.Execute(client.Now())
		removed := make(chan int64, 1)
		betweenScanAndClaim(l, func() {
			removed <- l.NodeRows()[0].NodeID
			l.Exec(1, "DELETE FROM QRTZ_NODE WHERE APPLICATION = ?", lab.App)
		})
		l.UntilState(id, schema.Complete)
		runs := l.Runs(id)
		require.Len(t, runs, 1)
		require.Greater(t, runs[0].Fence, <-removed)
		l.UntilEvents(observe.LeaseLost, 1)
		l.UntilEvents(observe.Registered, 2)
	})
}

// late keeps the UPDATE of the first claim from the database and returns it for
// delivery at a later time.
func late(p *lab.Pool) <-chan func(l *lab.Lab) int64 {
	held := make(chan func(*lab.Lab) int64, 1)
	var once sync.Once
	p.Hook(lab.Take, lab.Hook{Before: func(query string, args []any) error {
		err := error(nil)
		once.Do(func() {
			err = lab.ErrInjected
			held <- func(*lab.Lab) int64 {
				res, err := p.DB.ExecContext(context.Background(), query, args...)
				if err != nil {
					panic(err)
				}
				n, err := res.RowsAffected()
				if err != nil {
					panic(err)
				}
				return n
			}
		})
		return err
	}})
	return held
}

// A claim that the database receives after the time that it names takes nothing,
// even if all else about the row is as it was.
func TestAClaimThatComesTooLateTakesNothing(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		id := l.Execute(client.Now())
		var held <-chan func(*lab.Lab) int64
		hold := lab.NewGate()
		l.Start(deferred(l), lab.Through(func(p *lab.Pool) {
			held = late(p)
			p.Hook(lab.ReadBack, lab.Hook{Before: func(string, []any) error {
				// What is read back may be read back; nothing is looked for meanwhile.
				p.Hook(lab.Scan, lab.Hook{Before: func(string, []any) error { <-hold.Opened(); return nil }})
				return nil
			}})
		}))
		t.Cleanup(hold.Open)
		deliver := <-held
		l.UntilEvents(observe.ClaimBatch, 1) // the node knows what became of its claim
		require.Zero(t, deliver(l))
		row := l.Row(id)
		require.Zero(t, row.FireTime)
		require.NotZero(t, row.NextFireTime)
		hold.Open()
		l.UntilState(id, schema.Complete)
		require.Len(t, l.Runs(id), 1)
	})
}

// The database's clock decides when the time for a claim has come, also when it
// has been set back since the node last saw it.
func TestNothingIsClaimedAheadOfItsTime(t *testing.T) {
	lab.EachKind(t, func(t *testing.T, kind testdb.Kind) {
		var mu sync.Mutex
		var back time.Duration
		l := lab.NewAt(t, kind, func() int64 {
			mu.Lock()
			defer mu.Unlock()
			return time.Now().Add(-back).UnixMilli()
		})
		due := l.Now()
		id := l.Execute(client.At(due.Add(time.Hour)))
		l.Set(id, "START_TIME = ?, NEXT_FIRE_TIME = ?", due.UnixMilli(), due.UnixMilli())
		var once sync.Once
		told := lab.NewGate() // until then no heartbeat tells the node
		n := l.Start(deferred(l), lab.Through(func(p *lab.Pool) {
			p.Hook(lab.Beat, lab.Hook{Before: func(string, []any) error { <-told.Opened(); return nil }})
			p.Hook(lab.Scan, lab.Hook{Before: func(string, []any) error {
				once.Do(func() { mu.Lock(); back = time.Hour; mu.Unlock() })
				return nil
			}})
		}))
		t.Cleanup(told.Open)
		n.Scans(3)
		row := l.Row(id)
		require.Zero(t, row.FireTime, "an hour before its time")
		require.Zero(t, row.HighTime)
		mu.Lock()
		back = 0
		mu.Unlock()
		told.Open()
		l.UntilState(id, schema.Complete)
	})
}

// No slot, no claim: what cannot start at once is left to others.
func TestNothingIsClaimedWithoutAFreeSlot(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		gate := lab.NewGate()
		n := l.Start(lab.As("small"), lab.Running(l.Handlers(gate.Wait)), lab.With(func(c *core.Config) { c.Slots = 2 }))
		job := l.Job()
		var ids []int64
		for range 6 {
			ids = append(ids, l.ExecuteOf(job, client.Now()))
		}
		l.UntilRuns(0, 2)
		n.Beats(3)
		inFlight := 0
		for _, id := range ids {
			if l.Row(id).FireTime != 0 {
				inFlight++
			}
		}
		require.Equal(t, 2, inFlight)
		l.Start(lab.As("other"))
		l.UntilRuns(0, 6)
		on := make(map[string]int)
		for _, r := range l.Runs(0) {
			on[r.Node]++
		}
		require.Equal(t, map[string]int{"small": 2, "other": 4}, on)
		gate.Open()
		for _, id := range ids {
			l.UntilState(id, schema.Complete)
		}
	})
}

// A row that somebody holds in a transaction is passed by, and holds up no other.
func TestALockedRowHoldsUpNoOther(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		if l.DB.Kind == testdb.SQLite {
			return // it has no row locks: a writer has the file to itself
		}
		job := l.Job()
		var ids []int64
		for range 9 {
			ids = append(ids, l.ExecuteOf(job, client.Every(200*time.Millisecond)))
		}
		tx := l.DB.Gorm.Begin()
		defer tx.Rollback()
		require.NoError(t, tx.Exec("UPDATE QRTZ_EXECUTE SET LAST_ERROR = 'held' WHERE ID = ?", ids[0]).Error)
		l.Start()
		for _, id := range ids[1:] {
			l.UntilRuns(id, 4)
		}
		require.Empty(t, l.Runs(ids[0]))
		require.NoError(t, tx.Rollback().Error)
		l.UntilRuns(ids[0], 4)
	})
}
