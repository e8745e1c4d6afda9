package misfire

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// However many registrations executes name, all of them are looked at in turn, the
// youngest first: whom a node succeeds that was alone and is begun anew.
func TestTheSweepReachesAllNodesFromTheYoungest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		const dead = 2*maxNodes + 10
		b.addNodes(dead)
		mustExec(t, b.db, "UPDATE QRTZ_EXECUTE SET FIRE_TIME = 1 WHERE ID IN (1, ?)", dead)
		b.run()
		require.Equal(t, schema.Lost, b.row(dead).LastState)
		require.NotZero(t, b.row(1).FireTime)
		b.run()
		b.run()
		require.Equal(t, schema.Lost, b.row(1).LastState)
	})
}

// A node that was seen alive is swept in the pass after its end.
func TestTheSweepTakesUpAPeerAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		peer, err := b.cfg.Store.Register(t.Context(), store.Member{Key: "peer", HostName: "host", Capacity: 1})
		require.NoError(t, err)
		b.addNodes(3 * maxNodes)
		b.add(1000, peer.NodeID, true)
		b.run()
		require.NotZero(t, b.row(1000).FireTime, "its node lives")
		_, err = b.cfg.Store.Deregister(t.Context(), peer)
		require.NoError(t, err)
		b.run()
		require.Equal(t, schema.Lost, b.row(1000).LastState)
	})
}

// A process that was stopped in the midst of a claim may commit that long after
// its registration is gone.
func TestTheSweepFindsWhatLandsLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.add(1, 7, false)
		for range 22 {
			b.run()
		}
		require.Len(t, b.cleared, 1)
		b.add(2, 7, true)
		time.Sleep(relook)
		b.run()
		require.Equal(t, schema.Lost, b.row(2).LastState)
	})
}

// A next fire below 1 is none, whoever wrote it.
func TestAnExecuteWithoutANextFireIsScheduled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.add(1, 7, false)
		for _, next := range []any{nil, 0, -1} {
			_, err := b.db.Exec(t.Context(), "UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = ?", next)
			require.NoError(t, err)
			b.run()
			require.Greater(t, b.row(1).NextFireTime, time.Now().UnixMilli(), "%v", next)
		}
		_, err := b.db.Exec(t.Context(), "UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = -1, CRON = 'never'")
		require.NoError(t, err)
		b.run()
		require.Equal(t, schema.Error, b.row(1).State)
	})
}

// A row that the database will not have changed holds up no other.
func TestTheSweepPassesByWhatIsRejected(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		told := map[observe.Kind][]observe.Event{}
		b.cfg.Tell = func(e observe.Event) { told[e.Kind] = append(told[e.Kind], e) }
		mustExec(t, b.db, "UPDATE QRTZ_JOB SET NAME = 'letters'")
		b.add(1, 7, true)
		b.add(2, 7, true)
		b.add(3, 8, true)
		_, err := b.db.Exec(t.Context(), "CREATE TRIGGER poison BEFORE UPDATE ON QRTZ_EXECUTE WHEN OLD.ID = 1 BEGIN SELECT RAISE(ABORT, 'poison'); END")
		require.NoError(t, err)
		require.NoError(t, b.sweep(t.Context(), b.view()))
		require.NotZero(t, b.row(1).FireTime)
		require.Len(t, told[observe.Lost], 2)
		for _, e := range told[observe.Lost] {
			require.Equal(t, []string{"work", "letters"}, []string{e.Class, e.Job})
		}
		require.Len(t, told[observe.Trouble], 1)
		e := told[observe.Trouble][0]
		require.ErrorContains(t, e.Err, "poison")
		require.Equal(t, []int64{1, 1, 1, 1}, []int64{e.JobID, e.ExecuteID, e.Nominal.UnixMilli(), int64(e.Attempt)}, "it names the fire")
		require.Equal(t, schema.Lost, b.row(2).LastState)
		require.Equal(t, schema.Lost, b.row(3).LastState)
	})
}

// Nor does it keep what no live node can run from being counted, and spoken of.
func TestWhatNobodyCanRunIsCountedBesideWhatIsRejected(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.add(1, 0, false)
		b.add(2, 0, false)
		b.add(3, 0, true) // somebody can run that
		mustExec(t, b.db, "UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = 1000")
		mustExec(t, b.db, "UPDATE QRTZ_JOB SET JOB_CLASS = 'other'")
		mustExec(t, b.db, "CREATE TRIGGER poison BEFORE UPDATE ON QRTZ_EXECUTE WHEN OLD.ID = 1 BEGIN SELECT RAISE(ABORT, 'poison'); END")
		var told []observe.Event
		b.cfg.Counts = true
		b.cfg.Tell = func(e observe.Event) { told = append(told, e) }
		require.NoError(t, b.unrunnable(t.Context(), b.view()))
		require.Len(t, told, 3)
		require.Equal(t, observe.Trouble, told[0].Kind)
		require.EqualValues(t, 2, told[1].ExecuteID)
		require.Equal(t, observe.Event{Kind: observe.Stranded, Count: 2, Wait: 3 * time.Second}, told[2])
	})
}

// The Java edition's client deletes an execute, and leaves what it knows nothing of.
func TestWhatLostItsOriginGoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		mustExec(t, b.db, "UPDATE QRTZ_JOB SET NAME = 'letters'")
		tell := b.cfg.Tell
		b.cfg.Tell = func(e observe.Event) {
			if tell(e); e.Kind == observe.Lost {
				require.Equal(t, []string{"work", "letters"}, []string{e.Class, e.Job})
			}
		}
		b.add(1, 7, false)
		child := func(id, of int64, kind schema.Origin) schema.Execute {
			e := execute(id, 7)
			e.Origin, e.OriginID, e.ChildKey = kind, of, schema.FireKey(of, id)
			return e
		}
		running := child(12, 4, schema.ChildOverlap)
		running.FireTime, running.FireNode = 1, b.cfg.NodeID
		recoverable := child(14, 6, schema.ChildRetry)
		recoverable.FireTime, recoverable.Recover = 1, 3
		require.NoError(t, sqldb.Insert(t.Context(), b.db, "QRTZ_EXECUTE",
			child(10, 1, schema.ChildRetry), child(11, 4, schema.ChildRetry), running, child(13, 5, schema.ChildRunNow), recoverable))
		b.run()
		ids, err := sqldb.Select[schema.Execute](t.Context(), b.db, "SELECT "+sqldb.Columns[schema.Execute]("")+" FROM QRTZ_EXECUTE ORDER BY ID")
		require.NoError(t, err)
		left := make([]int64, len(ids))
		for i, e := range ids {
			left[i] = e.ID
		}
		require.Equal(t, []int64{1, 10, 12}, left, "what runs is ended by its node")
		lost := slices.DeleteFunc(b.told, func(k observe.Kind) bool { return k != observe.Lost && k != observe.Recovered })
		require.Equal(t, []observe.Kind{observe.Lost, observe.Lost, observe.Lost}, lost, "10 and 12 are not")
	})
}

func TestWhatIsOverdueIsCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var told []observe.Event
		b.cfg.Tell = func(e observe.Event) {
			require.NotEqual(t, observe.Trouble, e.Kind)
			if e.Kind == observe.Overdue {
				told = append(told, e)
			}
		}
		count := func() observe.Event {
			t.Helper()
			told = nil
			b.run()
			require.Len(t, told, 1)
			return told[0]
		}
		b.run()
		require.Empty(t, told, "nobody hears it")
		b.cfg.Counts = true
		require.Equal(t, observe.Event{Kind: observe.Overdue, Wait: 3 * time.Second}, count())

		due := time.Now().UnixMilli()
		require.NoError(t, sqldb.Insert(t.Context(), b.db, "QRTZ_JOB", schema.Job{ID: 2, Application: "app", State: schema.Paused, Class: "work"}))
		for i := range int64(5) {
			b.add(i+1, b.cfg.NodeID, i == 3)
		}
		mustExec(t, b.db, "UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = ? + ID WHERE ID <> 5", due)
		mustExec(t, b.db, "UPDATE QRTZ_EXECUTE SET PID = 2 WHERE ID = 1")
		mustExec(t, b.db, "UPDATE QRTZ_EXECUTE SET OVERLAP = 'SKIP' WHERE ID = 4")
		b.add(6, 0, false)
		mustExec(t, b.db, "UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = ?, RUN_ON = 'ALL' WHERE ID = 6", due)
		b.run() // not yet for so long
		e := count()
		require.EqualValues(t, 2, e.Count, "neither what is paused, nor what runs, nor what is to come, nor what lags behind its copies")
		require.InDelta(t, 6*time.Second, e.Late, float64(50*time.Millisecond), "the estimate of the database's clock lags behind")

		// Held back: the retry of 1, which is paused, and 2, whose retry is yet to come.
		// Of 3 two fires may run, and one waits: the retry that is due is overdue, too.
		child := func(id, of, next int64) schema.Execute {
			e := execute(id, 0)
			e.NextFireTime, e.Origin, e.OriginID, e.ChildKey = next, schema.ChildRetry, of, schema.FireKey(of, id)
			return e
		}
		mustExec(t, b.db, "UPDATE QRTZ_EXECUTE SET STATE = 'PAUSED', PID = 1 WHERE ID = 1")
		mustExec(t, b.db, "UPDATE QRTZ_EXECUTE SET OVERLAP = 'QUEUE' WHERE ID = 2")
		mustExec(t, b.db, "UPDATE QRTZ_EXECUTE SET OVERLAP_MAX = 2 WHERE ID = 3")
		require.NoError(t, sqldb.Insert(t.Context(), b.db, "QRTZ_EXECUTE",
			child(11, 1, due-5), child(12, 2, due+time.Hour.Milliseconds()), child(13, 3, due-7)))
		e = count()
		require.EqualValues(t, 2, e.Count)
		require.InDelta(t, 9*time.Second+7*time.Millisecond, e.Late, float64(50*time.Millisecond))
		mustExec(t, b.db, "UPDATE QRTZ_EXECUTE SET STATE = 'EXECUTING' WHERE ID = 1")
		mustExec(t, b.db, "DELETE FROM QRTZ_EXECUTE WHERE ID = 12")
		require.EqualValues(t, 5, count().Count, "1, 2, 3 and the retries of 1 and 3")
		mustExec(t, b.db, "DELETE FROM QRTZ_EXECUTE WHERE ID = 6")
		mustExec(t, b.db, "UPDATE QRTZ_EXECUTE SET OVERLAP = 'ALLOW' WHERE ID = 4")
		require.EqualValues(t, 6, count().Count, "what runs, where the next fire may run beside it")
		mustExec(t, b.db, "UPDATE QRTZ_EXECUTE SET OVERLAP_MAX = 1 WHERE ID = 4")
		require.EqualValues(t, 5, count().Count, "and where it may not")
		mustExec(t, b.db, "UPDATE QRTZ_EXECUTE SET OVERLAP_MAX = 2 WHERE ID = 4")
		require.EqualValues(t, 6, count().Count)

		mustExec(t, b.db, "UPDATE QRTZ_APP SET STATE = 'N'")
		require.Zero(t, count().Count, "nobody is to claim it")
	})
}
