package schema

import (
	"strconv"
	"time"
)

// MaxScanInterval is the longest that a node may wait between two looks for what is
// due. What comes due later than that it finds in time without a hint.
const MaxScanInterval = time.Minute

// Hint is what a client tells the nodes of an app to look at before it is their
// time to: shards in which something has come due, or the app itself. It is advice
// and nothing else: a node that does not hear it looks a little later.
type Hint uint16

const (
	// HintApp is for the row of the app: it was paused, resumed and the like.
	HintApp Hint = 1 << (SharedShard + 2)
	// HintShards is for all shards.
	HintShards = HintApp - 1
	// HintAll is for everything.
	HintAll = HintApp | HintShards
)

// HintOf returns the hint for a shard. Those of single nodes have one in common.
func HintOf(shard int) Hint { return 1 << min(shard, SharedShard+1) }

// String returns the text that [ParseHint] reads: hexadecimal digits.
func (h Hint) String() string { return strconv.FormatUint(uint64(h), 16) }

// ParseHint reads a hint. What it cannot make sense of is for everything, so that
// other versions may have other words.
func ParseHint(text string) Hint {
	n, err := strconv.ParseUint(text, 16, 16)
	if h := Hint(n); err == nil && h != 0 && h <= HintAll {
		return h
	}
	return HintAll
}
