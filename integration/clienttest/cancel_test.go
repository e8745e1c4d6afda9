package clienttest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

const node = 1_000_007 // a node id

// fireOf names the fire of an execute at noon plus some minutes.
func fireOf(e *client.ExecuteInfo, minutes, attempt int) client.FireID {
	return client.FireID{ExecuteID: e.ID, Time: noon.Add(time.Duration(minutes) * time.Minute), Attempt: attempt}
}

// family has a fire in flight, one spilled beside it, one that waits for its
// retry and a run that nobody has claimed yet.
func (f *fixture) family(options ...client.ExecuteOption) (e *client.ExecuteInfo, spilled, retry, run client.ID) {
	f.Helper()
	e = f.execute(client.Every(time.Minute).StartAt(noon), options...)
	f.claimed(e.ID, noon.Add(3*time.Minute), noon.Add(4*time.Minute))
	f.fires(e.ID, noon.Add(3*time.Minute), 1, node)
	spilled = f.child(e.ID, schema.ChildOverlap, noon.Add(2*time.Minute).UnixMilli(), nil)
	f.fires(spilled, noon.Add(2*time.Minute), 2, node+1)
	retry = f.child(e.ID, schema.ChildRetry, noon.Add(time.Minute).UnixMilli(), func(row *schema.Execute) {
		row.FireAttempt, row.FireFails, row.FireNode = 3, 2, node
		row.NextFireTime += 500
	})
	run = f.child(e.ID, schema.ChildRunNow, noon.UnixMilli()+7, nil)
	f.setNow(noon.Add(3*time.Minute + time.Second))
	return e, spilled, retry, run
}

func TestRunning(t *testing.T) {
	each(t, func(f *fixture) {
		e, spilled, _, _ := f.family()
		copied := f.execute(client.Every(time.Minute), client.OnAllNodes())
		on := f.child(copied.ID, schema.ChildAll, node, nil)
		f.fires(on, noon, 1, node)
		_, err := f.AddApp(f.ctx, client.App{Name: "other"})
		require.NoError(f, err)
		f.exec("UPDATE QRTZ_JOB SET NAME = 'report' WHERE ID = ?", int64(copied.JobID))
		f.exec("UPDATE QRTZ_EXECUTE SET NAME = 'everywhere' WHERE ID = ?", int64(copied.ID))
		f.register("a", node)
		// The id of a node is one of its app.
		_, err = f.AddNode(f.ctx, client.Node{App: "other", Key: "x"})
		require.NoError(f, err)
		f.exec("UPDATE QRTZ_NODE SET NODE_ID = ? WHERE HOST_IP = 'x'", node+1)

		first := client.RunningFire{
			FireID: fireOf(e, 3, 1), App: "billing", JobID: e.JobID, Class: "invoice.send", NodeID: node, NodeKey: "a", Claimed: noon,
		}
		second := client.RunningFire{
			FireID: fireOf(e, 2, 2), App: "billing", JobID: e.JobID, Class: "invoice.send", NodeID: node + 1, Claimed: noon,
			Child: spilled, Origin: schema.ChildOverlap,
		}
		below := f.child(on, schema.ChildOverlap, noon.Add(-time.Minute).UnixMilli(), nil)
		f.fires(below, noon.Add(-time.Minute), 1, node)
		fourth := client.RunningFire{
			FireID: fireOf(copied, -1, 1), App: "billing", JobID: copied.JobID, JobName: "report", Class: "invoice.send", Name: "everywhere",
			NodeID: node, NodeKey: "a", Claimed: noon.Add(3*time.Minute + time.Second), Child: below, Origin: schema.ChildOverlap,
		}
		third := client.RunningFire{
			FireID: fireOf(copied, 0, 1), App: "billing", JobID: copied.JobID, JobName: "report", Class: "invoice.send", Name: "everywhere",
			NodeID: node, NodeKey: "a", Claimed: noon.Add(3*time.Minute + time.Second), Child: on, Origin: schema.ChildAll,
		}
		for _, c := range []struct {
			filter client.RunningFilter
			want   []client.RunningFire
		}{
			{client.RunningFilter{}, []client.RunningFire{first, second, third, fourth}},
			{client.RunningFilter{App: "billing"}, []client.RunningFire{first, second, third, fourth}},
			{client.RunningFilter{App: "other"}, nil},
			{client.RunningFilter{Execute: e.ID}, []client.RunningFire{first, second}},
			{client.RunningFilter{Execute: spilled}, []client.RunningFire{second}},
			{client.RunningFilter{Execute: copied.ID}, []client.RunningFire{third, fourth}},
			{client.RunningFilter{Execute: copied.ID, Node: node + 1}, nil},
			{client.RunningFilter{Execute: copied.ID, App: "other"}, nil},
			{client.RunningFilter{Execute: copied.ID, Job: e.JobID}, nil},
			{client.RunningFilter{Job: copied.JobID}, []client.RunningFire{third, fourth}},
			{client.RunningFilter{Job: copied.JobID, App: "billing", Node: node + 1}, nil},
			{client.RunningFilter{Execute: copied.ID, PageOptions: client.PageOptions{Descending: true}}, []client.RunningFire{fourth, third}},
			{client.RunningFilter{Node: node}, []client.RunningFire{first, third, fourth}},
			{client.RunningFilter{Node: node, Execute: e.ID, App: "billing"}, []client.RunningFire{first}},
			{client.RunningFilter{PageOptions: client.PageOptions{Descending: true}}, []client.RunningFire{fourth, third, second, first}},
		} {
			c.filter.Limit = 1
			got := walk(f, func(cursor string) (*client.Page[client.RunningFire], error) {
				c.filter.Cursor = cursor
				return f.Running(f.ctx, c.filter)
			}, func() {})
			var fires []client.RunningFire
			for _, fire := range got {
				fires = append(fires, *fire)
			}
			require.Equal(f, c.want, fires, "%+v", c.filter)
		}
	})
}

func TestCancelOfAFireInFlight(t *testing.T) {
	each(t, func(f *fixture) {
		e, spilled, retry, run := f.family()
		rest := func() []schema.Execute { return []schema.Execute{f.row(spilled), f.row(retry), f.row(run)} }
		before, others := f.row(e.ID), rest()
		for range 2 { // the second time changes nothing
			require.NoError(f, f.CancelFire(f.ctx, fireOf(e, 3, 1)))
			want := before
			want.Cancel, want.UpdateTime = schema.StopOrder(schema.StopCancel, before.FireTime, 1), f.now.Load()
			require.Equal(f, want, f.row(e.ID))
			require.Equal(f, others, rest())
		}
		info, err := f.GetExecute(f.ctx, e.ID)
		require.NoError(f, err)
		require.Equal(f, schema.StopCancel, info.InFlight.Stop)

		// Of a child, at whatever attempt it is.
		require.NoError(f, f.CancelFire(f.ctx, fireOf(e, 2, 0)))
		require.Equal(f, schema.StopOrder(schema.StopCancel, others[0].FireTime, 2), f.row(spilled).Cancel)
		page, err := f.Running(f.ctx, client.RunningFilter{Execute: e.ID})
		require.NoError(f, err)
		require.Equal(f, schema.StopCancel, page.Items[1].Stop)

		// The next fire of the row is not meant by an order that was left on it.
		f.exec("UPDATE QRTZ_EXECUTE SET FIRE_TIME = FIRE_TIME + 60000 WHERE ID = ?", int64(e.ID))
		info, err = f.GetExecute(f.ctx, e.ID)
		require.NoError(f, err)
		require.Empty(f, info.InFlight.Stop)
		require.NoError(f, f.CancelFire(f.ctx, fireOf(e, 4, 1)))
		require.Equal(f, schema.StopOrder(schema.StopCancel, noon.Add(4*time.Minute).UnixMilli(), 1), f.row(e.ID).Cancel)
	})
}

func TestCancelOfAFireThatWaits(t *testing.T) {
	each(t, func(f *fixture) {
		e, _, retry, run := f.family()
		before := f.row(e.ID)
		require.NoError(f, f.CancelFire(f.ctx, fireOf(e, 1, 3)))
		want := before
		want.LastState, want.LastFireTime, want.LastEndTime, want.FireCount = schema.Cancelled, noon.Add(time.Minute).UnixMilli(), f.now.Load(), 1
		want.LastError, want.UpdateTime = "cancelled by tester before it was claimed", f.now.Load()
		dropped := schema.PastFire{Nominal: want.LastFireTime, Attempt: 4, Outcome: schema.Cancelled, Error: want.LastError}
		want.Recent = dropped.Entry()
		require.Equal(f, want, f.row(e.ID))
		require.Zero(f, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE WHERE ID = ?", int64(retry)))

		require.NoError(f, f.CancelFire(f.ctx, client.FireID{ExecuteID: e.ID, Time: noon.Add(7 * time.Millisecond)}))
		want.LastFireTime, want.FireCount = noon.UnixMilli()+7, 2
		dropped.Nominal, dropped.Attempt = want.LastFireTime, 1
		want.Recent = dropped.Entry() + "\n" + want.Recent
		require.Equal(f, want, f.row(e.ID))
		require.Zero(f, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE WHERE ID = ?", int64(run)))

		// What it waited for was the last: nothing is left.
		f.setNow(noon)
		e = f.execute(client.Now())
		f.claimed(e.ID, noon, time.Time{})
		f.child(e.ID, schema.ChildRetry, noon.UnixMilli(), nil)
		require.NoError(f, f.CancelFire(f.ctx, fireOf(e, 0, 0)))
		require.Equal(f, schema.Complete, f.row(e.ID).State)
	})
}

func TestCancelOfWhatDoesNotRunIsRefused(t *testing.T) {
	each(t, func(f *fixture) {
		e, _, retry, _ := f.family()
		before := f.row(e.ID)
		for _, fire := range []client.FireID{
			fireOf(e, 3, 2), fireOf(e, 4, 1), fireOf(e, 4, 0), fireOf(e, 2, 1), fireOf(e, 1, 2),
			{ExecuteID: retry, Time: noon}, // another time
		} {
			requireConflict(f, f.CancelFire(f.ctx, fire), client.KindFire)
		}
		require.ErrorIs(f, f.CancelFire(f.ctx, client.FireID{ExecuteID: 12345, Time: noon}), client.ErrNotFound)
		_, err := f.Cancel(f.ctx, 12345)
		require.ErrorIs(f, err, client.ErrNotFound)
		require.Equal(f, before, f.row(e.ID))
		require.EqualValues(f, 3, f.count(children))
	})
}

func TestCancelOfAllFires(t *testing.T) {
	each(t, func(f *fixture) {
		e, spilled, _, _ := f.family()
		other, _, _, _ := f.family()
		for range 2 { // then two are gone, and two have their order
			n, err := f.Cancel(f.ctx, e.ID)
			require.NoError(f, err)
			require.Contains(f, []int{4, 2}, n)
			row := f.row(e.ID)
			require.EqualValues(f, 2, row.FireCount)
			require.Equal(f, schema.Executing, row.State)
			require.Equal(f, schema.StopOrder(schema.StopCancel, row.FireTime, 1), row.Cancel)
			require.NotEmpty(f, f.row(spilled).Cancel)
		}
		require.EqualValues(f, 3, f.count(children+" AND ORIGIN_ID = ?", int64(other.ID)))
		require.Empty(f, f.row(other.ID).Cancel)

		// The copies for single nodes stay, and only what runs of them ends.
		all := f.execute(client.Every(time.Minute), client.OnAllNodes())
		on := f.child(all.ID, schema.ChildAll, node, nil)
		f.child(all.ID, schema.ChildAll, node+1, nil)
		n, err := f.Cancel(f.ctx, all.ID)
		require.NoError(f, err)
		require.Zero(f, n)
		f.fires(on, noon, 1, node)
		below := f.child(on, schema.ChildRetry, noon.Add(-time.Minute).UnixMilli(), nil)
		require.NoError(f, f.CancelFire(f.ctx, fireOf(all, 0, 1)))
		require.NotEmpty(f, f.row(on).Cancel)
		require.NoError(f, f.CancelFire(f.ctx, fireOf(all, -1, 0)))
		require.Zero(f, f.count("SELECT COUNT(*) FROM QRTZ_EXECUTE WHERE ID = ?", int64(below)))
		require.Equal(f, schema.Cancelled, f.row(on).LastState, "a copy has an account of its own")
		require.EqualValues(f, 2, f.count(children+" AND ORIGIN_ID = ?", int64(all.ID)))
	})
}

// A child that was claimed meanwhile is not dropped: its run gets the order.
func TestCancelThatMeetsAClaim(t *testing.T) {
	each(t, func(f *fixture) {
		if lockWaits[f.kind] == "" {
			return // there is no telling when the call waits
		}
		e, _, retry, _ := f.family()
		err := f.overtake("UPDATE QRTZ_EXECUTE SET FIRE_TIME = START_TIME, FIRE_ATTEMPT = 4, FIRE_NODE = 7 WHERE ID = ?", retry, func() error {
			return f.CancelFire(f.ctx, fireOf(e, 1, 0))
		})
		require.NoError(f, err)
		require.Equal(f, schema.StopOrder(schema.StopCancel, noon.Add(time.Minute).UnixMilli(), 4), f.row(retry).Cancel)
		require.Zero(f, f.row(e.ID).FireCount)

		// And a fire that has ended meanwhile is not running: the next one is not meant.
		err = f.overtake("UPDATE QRTZ_EXECUTE SET FIRE_TIME = FIRE_TIME + 60000 WHERE ID = ?", e.ID, func() error {
			return f.CancelFire(f.ctx, fireOf(e, 3, 1))
		})
		requireConflict(f, err, client.KindFire)
		require.Empty(f, f.row(e.ID).Cancel)

		// Nor is its next attempt, unless whichever it is was meant.
		e, spilled, _, _ := f.family()
		for attempt, refused := range map[int]bool{2: true, 0: false} {
			f.fires(spilled, noon.Add(2*time.Minute), 2, node)
			err := f.overtake("UPDATE QRTZ_EXECUTE SET FIRE_ATTEMPT = 3 WHERE ID = ?", spilled, func() error {
				return f.CancelFire(f.ctx, client.FireID{ExecuteID: spilled, Time: noon.Add(2 * time.Minute), Attempt: attempt})
			})
			if refused {
				requireConflict(f, err, client.KindFire)
				require.Empty(f, f.row(spilled).Cancel)
				continue
			}
			require.NoError(f, err)
			require.Equal(f, schema.StopOrder(schema.StopCancel, noon.Add(2*time.Minute).UnixMilli(), 3), f.row(spilled).Cancel)
		}

		// An order that another client has given in between is not written over.
		f.fires(spilled, noon.Add(2*time.Minute), 2, node)
		theirs := schema.StopOrder(schema.StopCancel, noon.Add(2*time.Minute).UnixMilli(), 2)
		err = f.overtake("UPDATE QRTZ_EXECUTE SET CANCEL = '"+theirs+"' WHERE ID = ?", spilled, func() error {
			_, err := f.SuspendExecute(f.ctx, e.ID)
			return err
		})
		require.NoError(f, err)
		require.Equal(f, theirs, f.row(spilled).Cancel)
	})
}
