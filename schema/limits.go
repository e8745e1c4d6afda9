package schema

// Limits of the columns, in bytes of UTF-8, the same on every database.
const (
	MaxApplication = 50
	MaxNodeKey     = 50
	MaxHostName    = 80
	MaxClass       = 127
	MaxData        = 4000
	MaxDescription = 100
	MaxCron        = 250
	MaxZone        = 50
	MaxName        = 100
	MaxActor       = 100
	MaxError       = 1000
	MaxTrace       = 100
)

// Shards is the number of parts into which the executes of an app are divided
// among its nodes.
const Shards = 8

// ShardOf returns the shard of an execute.
func ShardOf(id int64) int { return int(uint64(id) % Shards) }

// MaxCatchUp is the largest bound of the misfire policy FIRE_ALL: so many missed
// instants are counted at every claim.
const MaxCatchUp = 10_000

// DefaultRecoveries is how often a fire is recovered where the execute is marked
// for recovery without a number, MaxAttempts how many retries or recoveries an
// execute may allow.
const (
	DefaultRecoveries = 3
	MaxAttempts       = 1000
)

// MaxTargets is the longest TARGETS, in bytes of JSON.
const MaxTargets = 1000
