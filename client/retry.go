package client

import (
	"context"
	"slices"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// RetryFire runs the last fire of an execute again, where that is FAILED,
// TIMED_OUT, CANCELLED or LOST, and returns its name. It is a further attempt of
// the same fire, with its nominal time and with the execute's data, from its
// beginning; the execute's retries and recoveries count anew for it. Of an execute
// that runs on all nodes it is that of each node on which the last fire was none
// that SUCCEEDED.
//
// The fire runs beside the schedule as one of [Client.RunNow] does, and by the same
// rules. Where there is nothing to run again, or the fire runs or waits already,
// that is a *StateConflictError.
func (c *Client) RetryFire(ctx context.Context, id ID) ([]FireID, error) {
	return get(ctx, c, "retry fire", func(ctx context.Context) ([]FireID, error) {
		if err := id.check("id"); err != nil {
			return nil, err
		}
		return c.runs(ctx, id, func(tx store.Store) ([]schema.Execute, error) { return c.tryRetry(ctx, tx, id) })
	})
}

func (c *Client) tryRetry(ctx context.Context, tx store.Store, id ID) ([]schema.Execute, error) {
	origin, _, family, now, err := c.toRun(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	ran := []schema.Execute{origin}
	if origin.RunOn == schema.RunOnAll {
		ran = slices.DeleteFunc(slices.Clone(family), func(row schema.Execute) bool { return row.Origin != schema.ChildAll })
	}
	var origins, rows []schema.Execute
	refused := fireConflict(id, schema.Execute{}, "it has not run yet")
	times := takenTimes(origin, family)
	for _, of := range ran {
		if of.LastState == "" {
			continue
		}
		if why := notAgain(of, family); why != "" {
			refused = fireConflict(id, of, why)
			continue
		}
		row := c.runNowRow(ctx, of, "", now)
		row.ID = max(c.newID(), times.highest+1)
		times.highest = row.ID
		row.Origin, row.ChildKey = schema.ChildRetry, schema.FireKey(of.ID, of.LastFireTime)
		row.StartTime, row.NextFireTime, row.FireAttempt = of.LastFireTime, now, attempts(of)
		if row.Shard = of.Shard; row.Shard < schema.Shards {
			row.Shard = schema.ShardOf(row.ID)
		}
		origins, rows = append(origins, of), append(rows, row)
	}
	if len(rows) == 0 {
		return nil, refused
	}
	if origin.RunOn == schema.RunOnAll {
		origins = append([]schema.Execute{origin}, origins...)
	}
	return rows, c.addRuns(ctx, tx, origins, rows)
}

// notAgain says why the last fire of a row is not to be run again; "" is nothing.
func notAgain(of schema.Execute, family []schema.Execute) string {
	switch {
	case of.LastState == schema.Succeeded:
		return "there is nothing to run again: run it now instead"
	case slices.ContainsFunc(family, func(row schema.Execute) bool {
		return row.FireTime == of.LastFireTime && (row.ID == of.ID || row.OriginID == of.ID) || row.OriginID == of.ID && row.StartTime == of.LastFireTime
	}):
		return "it runs or waits already"
	}
	return ""
}

// attempts returns the newest attempt of the last fire of a row: RECENT has it, unless
// the node keeps no recent fires. Then it is one that its policies do not go beyond.
func attempts(of schema.Execute) int {
	newest := 0
	for _, past := range schema.Recent(of.Recent) {
		if past.Nominal == of.LastFireTime {
			newest = max(newest, past.Attempt)
		}
	}
	if newest == 0 {
		newest = 1 + of.RetryMax + of.Recover
	}
	return newest
}

func fireConflict(id ID, of schema.Execute, why string) error {
	key, state := "last of "+id.String(), "none"
	if of.LastState != "" {
		key, state = FireID{ExecuteID: id, Time: timeOf(of.LastFireTime)}.String(), string(of.LastState)
	}
	return &StateConflictError{Kind: KindFire, Key: key, State: state, Reason: why}
}
