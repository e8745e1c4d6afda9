package scan

import (
	"time"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// ranges lists what a round reads: own shards up to the next round, and the others
// where they are overdue, unless there is enough to do in those of one's own: nodes
// that all have a backlog would meet on the same executes. Besides, what only some
// nodes may run, or only this one.
func (l *Loop) ranges(p place, now int64) []store.Range {
	soon := now + (l.cfg.Interval + Ahead).Milliseconds()
	out := make([]store.Range, 0, len(p.mine)+2)
	for shard, own := range p.mine {
		until := soon
		if !own {
			if l.own || time.Now().Before(l.shy) {
				continue
			}
			until = now - l.cfg.Interval.Milliseconds()/neglected
		}
		out = append(out, store.Range{Shard: shard, After: 1, Until: until})
	}
	return append(out,
		store.Range{Shard: schema.SharedShard, After: 1, Until: soon},
		store.Range{Shard: schema.NodeShard(l.cfg.NodeID), After: 1, Until: soon})
}

// behind returns the ranges of which limit due executes were read, so that there
// may be more, moved behind those.
func behind(ranges []store.Range, due []*store.Due, limit int) []store.Range {
	var out []store.Range
	for _, r := range ranges {
		read := 0
		for i := range due {
			if due[i].Shard == r.Shard {
				read++
				r.After, r.AfterID = due[i].Next, due[i].ID
			}
		}
		if read >= limit {
			out = append(out, r)
		}
	}
	return out
}

// recently returns the part of the ranges that came due after a time.
func recently(ranges []store.Range, after int64) []store.Range {
	var out []store.Range
	for _, r := range ranges {
		if r.Until > after {
			r.After, r.AfterID = after, 0
			out = append(out, r)
		}
	}
	return out
}
