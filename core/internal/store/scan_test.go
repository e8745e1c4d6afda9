package store

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// found scans everything as a node.
func (b *bench) found(p Place) []int64 {
	b.t.Helper()
	p.Classes = []string{"work"}
	ranges := []Range{{Shard: schema.SharedShard, Until: now}, {Shard: schema.NodeShard(5), Until: now}}
	for shard := range schema.Shards {
		ranges = append(ranges, Range{Shard: shard, Until: now})
	}
	due, err := b.Scan(b.t.Context(), ranges, p, 10)
	require.NoError(b.t, err)
	var ids []int64
	for _, d := range due {
		if !d.Occupied {
			ids = append(ids, d.ID)
		}
	}
	return ids
}

// An execute of which a fire runs is read where the next one may run beside it, and
// not again and again where that cannot be. A copy for a single node is no different.
func TestAScanReadsWhatMayOverlap(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, copied := range []bool{false, true} {
		for change, found := range map[string]bool{
			"FIRE_TIME = 1": true,
			"FIRE_TIME = 1, OVERLAP = 'ALLOW', OVERLAP_MAX = 0": true,
			"FIRE_TIME = 1, OVERLAP = 'QUEUE'":                  false,
			"FIRE_TIME = 1, OVERLAP_MAX = 1":                    false,
			"FIRE_TIME = 1, OVERLAP_MAX = 2":                    false,
			"FIRE_TIME = 1, OVERLAP_MAX = 3":                    true,
			"OVERLAP_MAX = 2":                                   true,
		} {
			b.reset()
			o := b.onAll(6)
			b.due(7)
			if copied {
				k := child(o, 5)
				b.exec("UPDATE QRTZ_EXECUTE SET ORIGIN = 'ALL', ORIGIN_ID = 6, RUN_ON = 'NODE', TARGETS = '5', SHARD = ? WHERE ID = 7", k.Shard)
			}
			running := child(o, 8)
			running.Origin, running.OriginID, running.FireTime, running.NextFireTime = schema.ChildOverlap, 7, 1, 0
			require.NoError(t, sqldb.Insert(t.Context(), b.db, "QRTZ_EXECUTE", running))
			b.exec("UPDATE QRTZ_EXECUTE SET " + change + " WHERE ID = 7")
			require.Equal(t, found, len(b.found(Place{})) == 1, "%s, copy: %t", change, copied)
		}
	}
}

// What a scan says of an execute is true of one moment: a fire that ends in the midst
// of it does not leave an execute that looks free, but as if that had not ended yet;
// and what is edited meanwhile is left for the next scan.
func TestAScanIsOfOneMoment(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	reads, meanwhile := 0, ""
	require.NoError(t, b.db.Gorm().Callback().Row().Before("gorm:row").Register("meanwhile", func(*gorm.DB) {
		if reads++; reads == 2 {
			b.exec("DELETE FROM QRTZ_EXECUTE WHERE ORIGIN_ID = 7")
			b.exec("UPDATE QRTZ_EXECUTE SET LAST_END_TIME = 6" + meanwhile + " WHERE ID = 7")
		}
	}))
	for change, free := range map[string]bool{"": true, ", NEXT_FIRE_TIME = NEXT_FIRE_TIME + 1": false, ", VERSION = 9": false, ", RUN_ON = 'ALL'": false} {
		reads = 2
		b.reset()
		b.due(7)
		b.exec("UPDATE QRTZ_EXECUTE SET OVERLAP = 'QUEUE', LAST_END_TIME = 5 WHERE ID = 7")
		retry := child(b.row(7), 5)
		retry.Origin, retry.OriginID, retry.NextFireTime = schema.ChildRetry, 7, now+hour
		require.NoError(t, sqldb.Insert(t.Context(), b.db, "QRTZ_EXECUTE", retry))
		require.Empty(t, b.found(Place{}), "its retry waits")
		reads, meanwhile = 0, change
		due, err := b.Scan(t.Context(), []Range{{Shard: schema.ShardOf(7), Until: now}}, Place{Classes: []string{"work"}}, 10)
		require.NoError(t, err)
		require.Len(t, due, 1)
		require.Equal(t, free, !due[0].Occupied, change)
		if free {
			require.EqualValues(t, 6, due[0].Ended)
		}
	}
}

// What RUN_ON says, or leaves to the application, decides who reads a row.
func TestAScanReadsWhatTheNodeMayRun(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	anybody, master := Place{}, Place{Master: true}
	others, acting := Place{Mode: schema.MasterOnly}, Place{Mode: schema.MasterOnly, Master: true}
	for on, readers := range map[schema.RunOn][]Place{
		"": {anybody, master, acting}, schema.RunOnAny: {anybody, master, others, acting}, schema.RunOnSome: {anybody, master, others, acting},
		schema.RunOnMaster: {master, acting}, schema.RunOnAll: {},
	} {
		b.reset()
		b.due(7)
		if on != "" {
			b.exec("UPDATE QRTZ_EXECUTE SET RUN_ON = ?, SHARD = ? WHERE ID = 7", string(on), schema.PlaceOf(7, on))
		}
		for _, p := range []Place{anybody, master, others, acting} {
			reads := false
			for _, r := range readers {
				reads = reads || r.Master == p.Master && r.Mode == p.Mode
			}
			require.Equal(t, reads, len(b.found(p)) == 1, "%s: %+v", on, p)
		}
	}
}
