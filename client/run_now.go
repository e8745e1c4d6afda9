package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// RunOption changes one run that [Client.RunNow] asks for.
type RunOption func(r *run)

type run struct{ data any }

// RunWith gives the run data of its own, by the rules of [Execute].
func RunWith(data any) RunOption { return func(r *run) { r.data = data } }

// RunNow asks for one fire of an execute beside its schedule, which stays as it
// is, and returns its name: the nominal time is the database's now, moved on by
// a millisecond while that is a time of another fire. An execute that runs on all
// nodes gets one fire for each live node that has a handler for it, in the order
// of the nodes' keys.
//
// The fire runs by the execute's policies, on the nodes that may run it, and its
// outcome is the execute's. Like everything else, it waits while the job or the
// app is paused or no such node is free; where the execute allows no overlap, it
// waits for the fire that runs, and the schedule waits for it. [Client.CancelFire]
// takes it back. An execute that is neither EXECUTING nor COMPLETE is refused with
// a *StateConflictError.
func (c *Client) RunNow(ctx context.Context, id ID, options ...RunOption) ([]FireID, error) {
	var r run
	for _, option := range options {
		option(&r)
	}
	return get(ctx, c, "run now", func(ctx context.Context) ([]FireID, error) {
		if err := id.check("id"); err != nil {
			return nil, err
		}
		data, err := encodeData(r.data)
		if err != nil {
			return nil, err
		}
		return c.runs(ctx, id, func(tx store.Store) ([]schema.Execute, error) { return c.tryRunNow(ctx, tx, id, data) })
	})
}

// runs adds children that run at once, and names their fires.
func (c *Client) runs(ctx context.Context, id ID, add func(tx store.Store) ([]schema.Execute, error)) ([]FireID, error) {
	for range contention {
		var rows []schema.Execute
		err := c.atomic(ctx, func(tx store.Store) (err error) {
			rows, err = add(tx)
			return err
		})
		if sqldb.Duplicate(err) || errors.Is(err, ErrContended) {
			continue // an id or a key was taken
		}
		if err != nil {
			return nil, err
		}
		fires := make([]FireID, len(rows))
		for i, row := range rows {
			fires[i] = FireID{ExecuteID: id, Time: timeOf(row.StartTime)}
		}
		return fires, nil
	}
	return nil, ErrContended
}

func (c *Client) tryRunNow(ctx context.Context, tx store.Store, id ID, data string) ([]schema.Execute, error) {
	origin, job, family, now, err := c.toRun(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	times := takenTimes(origin, family)
	one := c.runNowRow(ctx, origin, data, now)
	if origin.RunOn == schema.RunOnAll {
		return c.runNowOnAll(ctx, tx, origin, job.Class, family, times, one)
	}
	c.runNowAt(&one, times.after(now), &times)
	one.Shard = schema.PlaceOf(one.ID, one.RunOn)
	rows := []schema.Execute{one}
	return rows, c.addRuns(ctx, tx, []schema.Execute{origin}, rows)
}

// toRun locks an execute below which a fire is to be added, and returns it with its
// job, its family and the database's now.
func (c *Client) toRun(ctx context.Context, tx store.Store, id ID) (
	origin schema.Execute, job schema.Job, family []schema.Execute, now int64, err error,
) {
	origin, now, found, err := tx.ExecuteNow(ctx, int64(id), true)
	switch {
	case err != nil:
	case !found:
		err = notFound(KindExecute, id)
	case origin.Origin != "":
		err = executeConflict(origin, "it is a child of another execute: run that one")
	case origin.State != schema.Executing && origin.State != schema.Complete:
		err = executeConflict(origin, "it runs nothing: resume it first")
	}
	if err != nil {
		return origin, job, nil, now, err
	}
	job, found, err = tx.Job(ctx, origin.PID)
	if err == nil && !found {
		err = notFound(KindJob, ID(origin.PID))
	}
	if err != nil {
		return origin, job, nil, now, err
	}
	if origin.Application == "" { // nobody has taken it over yet from the Java edition's client
		origin.Application = job.Application
	}
	family, err = tx.Family(ctx, origin.ID, c.callers)
	return origin, job, family, now, err
}

// runNowOnAll adds a child for each live node that has a handler for the class:
// to the node's copy, beside which it must not run where fires do not overlap, or
// to the execute itself as long as there is none.
func (c *Client) runNowOnAll(
	ctx context.Context, tx store.Store, origin schema.Execute, class string, family []schema.Execute, times taken, one schema.Execute,
) ([]schema.Execute, error) {
	nodes, err := tx.LiveNodes(ctx, origin.Application)
	if err != nil {
		return nil, err
	}
	nodes = slices.DeleteFunc(nodes, func(n schema.Node) bool { return !slices.Contains(list(n.Handlers), class) })
	app, _, err := tx.App(ctx, origin.Application)
	if err != nil {
		return nil, err
	}
	if alone, is := standalone(app); is {
		nodes = append(nodes, alone) // which tells nobody what it has handlers for
	}
	if len(nodes) == 0 {
		return nil, executeConflict(origin, fmt.Sprintf("it runs on all nodes, and no live node has a handler for %q", class))
	}
	origins, rows, at := []schema.Execute{origin}, make([]schema.Execute, len(nodes)), one.UpdateTime-1
	for i, node := range nodes {
		row := one
		row.RunOn, row.Targets, row.Shard = schema.RunOnNode, strconv.FormatInt(node.NodeID, 10), schema.NodeShard(node.NodeID)
		at = times.after(at + 1)
		c.runNowAt(&row, at, &times)
		mine := slices.IndexFunc(family, func(m schema.Execute) bool {
			return m.Origin == schema.ChildAll && m.Targets == row.Targets && (m.State == schema.Executing || m.State == schema.Complete)
		})
		if mine >= 0 {
			row.OriginID = family[mine].ID
			origins = append(origins, family[mine])
		}
		rows[i] = row
	}
	return rows, c.addRuns(ctx, tx, origins, rows)
}

// addRuns inserts the rows, and moves the versions of their origins where others
// must not go on from what they have read of those: claims, where only so many
// fires run at a time, and the removal of what has long been complete.
func (c *Client) addRuns(ctx context.Context, tx store.Store, origins, rows []schema.Execute) error {
	c.computed()
	if err := tx.InsertExecutes(ctx, rows...); err != nil {
		return err
	}
	var hint schema.Hint
	for _, row := range rows {
		hint |= c.due(row, row.UpdateTime)
	}
	if err := c.tell(ctx, tx, rows[0].Application, hint); err != nil {
		return err
	}
	first := origins[0]
	limited := first.Overlap == schema.SkipOverlap || first.Overlap == schema.Queue || first.OverlapMax > 0
	if !limited && first.State != schema.Complete {
		return nil
	}
	slices.SortFunc(origins, func(a, b schema.Execute) int { return cmp.Compare(a.ID, b.ID) })
	for _, origin := range origins {
		n, err := tx.Barrier(ctx, origin)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrContended
		}
	}
	return nil
}

// runNowRow is a child that carries a fire by the policies of its origin, still
// without time, id and place.
func (c *Client) runNowRow(ctx context.Context, origin schema.Execute, data string, now int64) schema.Execute {
	by := c.writer(ctx)
	if data == "" {
		data = origin.Data
	}
	return schema.Execute{
		PID: origin.PID, Application: origin.Application, JobType: schema.Simple, State: schema.Executing,
		RepeatCount: 1, EndTime: -1, PrevFireTime: -1,
		HostIP: by.HostIP, HostName: by.HostName, UpdatedBy: by.Actor, UpdateTime: now,
		Data: data, Timeout: origin.Timeout, RetryMax: origin.RetryMax, RetryDelay: origin.RetryDelay, RetryCap: origin.RetryCap,
		Recover: origin.Recover, Priority: origin.Priority, RunOn: origin.RunOn, Targets: origin.Targets,
		Overlap: origin.Overlap, OverlapMax: origin.OverlapMax, Trace: c.trace(ctx),
		Origin: schema.ChildRunNow, OriginID: origin.ID,
	}
}

// runNowAt gives a child its time, and an id above those of the children that are
// there, whatever the clock of this host says: where fires must not overlap, the
// child with the lowest id is claimed, and one that is about to be must stay that.
func (c *Client) runNowAt(row *schema.Execute, at int64, t *taken) {
	row.ID, row.StartTime, row.NextFireTime = max(c.newID(), t.highest+1), at, at
	t.highest = row.ID
	row.ChildKey = schema.ChildKey(row.OriginID, schema.ChildRunNow, at)
}

// taken are the times that are those of other fires of an execute, and the ids of
// its children.
type taken struct {
	times   map[int64]bool
	instant func(at int64) bool
	highest int64 // id of a child
}

func takenTimes(origin schema.Execute, family []schema.Execute) taken {
	t := taken{times: map[int64]bool{origin.HighTime: true}, instant: func(int64) bool { return false }}
	for _, row := range family {
		t.times[row.FireTime] = true
		if row.Origin != "" {
			t.times[row.StartTime] = true
			t.highest = max(t.highest, row.ID)
		}
	}
	cols := columnsOf(origin)
	if s, err := cols.parse(cols.start); err == nil { // one that is wrong has no instants
		t.instant = func(at int64) bool {
			next, ok := s.Next(at - 1)
			return ok && next == at
		}
	}
	return t
}

// after returns the first time from at on that is free.
func (t taken) after(at int64) int64 {
	for t.times[at] || t.instant(at) {
		at++
	}
	return at
}
