package client

import (
	"math"
	"strings"
	"time"

	"github.com/quartz-cluster/quartz/schema"
)

// badPolicies tries every policy with what cannot be, when an execute is added
// and when it is edited.
func badPolicies() []badCase {
	const half = time.Millisecond / 2
	many := make([]string, 40)
	for i := range many {
		many[i] = long[:30]
	}
	return []badCase{
		badOption("overlap", "overlap", "allow", OnOverlap("allow")),
		badOption("two overlaps", "overlap", "SKIP,QUEUE", OnOverlap("SKIP,QUEUE")),
		badOption("at most below none", "overlapMax", "-1", AtMost(-1)),
		badOption("at most too many", "overlapMax", "2147483648", AtMost(math.MaxInt32+1)),
		badOption("at most with SKIP", "overlapMax", "3", func(e *Execute) { e.Overlap, e.OverlapMax = schema.SkipOverlap, 3 }),
		badOption("deadline negative", "deadline", "-1s", Deadline(-time.Second)),
		badOption("deadline of half a millisecond", "deadline", "500µs", Deadline(half)),
		badOption("timeout negative", "timeout", "-1ms", Timeout(-time.Millisecond)),
		badOption("timeout of half a millisecond", "timeout", "500µs", Timeout(half)),
		badOption("priority too high", "priority", "2147483648", Priority(math.MaxInt32+1)),
		badOption("priority too low", "priority", "-2147483649", Priority(math.MinInt32-1)),
		badOption("retries negative", "retryMax", "-1", Retry(-1, 0)),
		badOption("too many retries", "retryMax", "1001", Retry(schema.MaxAttempts+1, 0)),
		badOption("retry delay negative", "retryDelay", "-1s", Retry(1, -time.Second)),
		badOption("retry delay of half a millisecond", "retryDelay", "500µs", Retry(1, half)),
		badOption("retry delay without retries", "retryDelay", "1s", Retry(0, time.Second)),
		badOption("retry cap without retries", "retryCap", "1s", RetryCap(time.Second)),
		badOption("retry cap negative", "retryCap", "-1s", RetryCap(-time.Second)),
		badOption("retry cap below the delay", "retryCap", "1s", func(e *Execute) { e.RetryMax, e.RetryDelay, e.RetryCap = 1, time.Minute, time.Second }),
		badOption("retry delay beyond the usual cap", "retryCap", "0s", Retry(1, 2*time.Hour)),
		badOption("pause after less than none", "pauseAfter", "-1", PauseAfter(-1)),
		badOption("pause after too many", "pauseAfter", "2147483648", PauseAfter(math.MaxInt32+1)),
		badOption("recoveries negative", "recover", "-1", RecoverTimes(-1)),
		badOption("too many recoveries", "recover", "1001", RecoverTimes(schema.MaxAttempts+1)),
		badOption("run on nothing known", "runOn", "some", runOn("some")),
		badOption("run on what only children may", "runOn", "NODE", runOn(schema.RunOnNode, "7")),
		badOption("no targets", "targets", "", OnNodes()),
		badOption("targets without SOME", "targets", "a", runOn(schema.RunOnAll, "a")),
		badOption("targets without a place", "targets", "a", runOn("", "a")),
		badOption("an empty target", "targets[1]", "", OnNodes("a", "")),
		badOption("a target with a newline", "targets[0]", "a\nb", OnNodes("a\nb")),
		badOption("a target with a blank", "targets[0]", " a", OnNodes(" a")),
		badOption("a target of other bytes", "targets[0]", "\xff", OnNodes("\xff")),
		badOption("a target too long", "targets[0]", long[:1001], OnNodes(long[:1001])),
		badOption("too many targets", "targets", `["xxx`, OnNodes(many...)),

		badEdit("edit of the overlap", "overlap", "", SetOverlap("", 0)),
		badEdit("edit of the bound", "overlapMax", "2", SetOverlap(schema.Queue, 2)),
		badEdit("edit of the deadline", "deadline", "-1ns", SetDeadline(-1)),
		badEdit("edit of the timeout", "timeout", "1ns", SetTimeout(1)),
		badEdit("edit of the priority", "priority", "4294967296", SetPriority(1<<32)),
		badEdit("edit of the retries", "retryCap", "1ms", SetRetry(1, time.Second, time.Millisecond)),
		badEdit("edit of the failures", "pauseAfter", "-3", SetPauseAfter(-3)),
		badEdit("edit of the recoveries", "recover", "-3", SetRecover(-3)),
		badEdit("edit of the place", "runOn", "HERE", SetRunOn("HERE")),
		badEdit("edit of the targets", "targets[0]", strings.Repeat("\t", 2), SetRunOn(schema.RunOnSome, "\t\t")),
	}
}
