package main

import "slices"

const (
	completeFile = "core/internal/store/complete.go"
	endFile      = "core/internal/store/end.go"
	lockFile     = "core/internal/store/lock.go"
	memberFile   = "core/internal/store/member.go"
	registerFile = "core/internal/store/register.go"
	handlerFile  = "core/internal/store/handler.go"
	upkeepFile   = "core/internal/store/upkeep.go"
	runningFile  = "core/internal/store/running.go"
	childFile    = "core/internal/store/child.go"
)

// fences are the guards of what a node does with its fires, and with its place.
var fences = []mutant{
	{"completion/postgres: node", []edit{{completeFile, "e.FIRE_NODE + 0 = ? AND", "e.FIRE_NODE <> -?::bigint AND"}},
		engine("postgres", "TestACompletionNamesItsFire")},
	{"completion/postgres: nominal time", []edit{{completeFile, "AND e.FIRE_TIME = v.NOMINAL AND", "AND e.FIRE_TIME IS NOT NULL AND"}},
		engine("postgres", "TestACompletionNamesItsFire")},
	{"completion/postgres: attempt", []edit{{completeFile, " AND e.FIRE_ATTEMPT = v.ATTEMPT", ""}},
		engine("postgres", "TestACompletionNamesItsFire")},
	{"completion/portable: node", []edit{{completeFile, "FIRE_NODE + 0 = ?", "FIRE_NODE <> -?"}}, statements("TestACompletionNamesItsFire")},
	{"completion/portable: nominal time", []edit{
		{completeFile, "mine[c.ID].flight != (flight{c.Nominal, c.Attempt})", "mine[c.ID].attempt != c.Attempt"}, {completeFile, "AND FIRE_TIME = `", "AND 0 < `"},
	}, statements("TestACompletionNamesItsFire")},
	{"completion/portable: attempt", []edit{
		{completeFile, "mine[c.ID].flight != (flight{c.Nominal, c.Attempt})", "mine[c.ID].nominal != c.Nominal"}, {completeFile, "AND FIRE_ATTEMPT = `", "AND 0 < `"},
	}, statements("TestACompletionNamesItsFire")},
	{"completion: COMPLETE only where EXECUTING", []edit{{completeFile, "WHEN STATE = 'EXECUTING' AND NEXT_FIRE_TIME IS NULL THEN", "WHEN NEXT_FIRE_TIME IS NULL THEN"}},
		statements("TestACompletionLeavesThePauseAlone")},
	{"completion: none by a commit that failed", []edit{{completeFile, "return Completed{}, err // also", "return out, err // also"}},
		engine("sqlite", "TestACompletionOutlivesFailuresOfTheDatabase")},
	{"completion: what is rejected is put apart", []edit{{"core/internal/complete/rejected.go", "case !store.Rejected(err) || len(left) == 0:", "case !store.Rejected(err) || len(left) >= 0:"}},
		tests{"./core/internal/complete", "TestABadOutcomeHoldsUpNoOther", ""}},
	{"completion: what is rejected is not looked for", []edit{{"core/internal/scan/claim.go", "if soon {", "if over {"}},
		tests{"./core/internal/scan", "TestWhatIsNotWrittenSoonIsLeftToTheNextRound", ""}},
	{"run: an error that panics", []edit{{"core/flight.go", "\t\terr = run.Sound(err)\n", ""}}, engine("sqlite", "TestFailuresAreRecorded")},
	{"run: an error whose As panics", []edit{{"core/internal/run/run.go", "\t_ = errors.As(err, new(*PanicError))\n", ""}},
		tests{"./core/internal/run", "TestAnErrorThatPanicsIsFoundOut", ""}},
	{"run: a trace that the database may not take", []edit{{"core/observe/observer.go", `schema.TraceID(trace) == ""`, `trace == "" || schema.TraceID("") != ""`}},
		tests{"./core/observe", "TestWhatIsNoTraceIsDropped", ""}},
	{"run: an observer that does not return", []edit{
		{"core/flight.go", "defer f.record(started, err)", "defer func() {}()"},
		{"core/flight.go", "f.tellEnd(err)\n}", "f.tellEnd(err)\n\tif !f.end.unsaid {\n\t\tf.record(started, err)\n\t}\n}"},
	}, engine("sqlite", "TestAnObserverThatEndsItsGoroutine")},
	{"stop: a claim in doubt", []edit{{"core/term.go", "\t\tcase <-limit.Done():", "\t\tcase <-(chan struct{})(nil):"}}, engine("sqlite", "TestAStopDoesNotWaitForAClaimForEver")},
	{"stop: what only this node may run", []edit{{"core/conclusion.go", "f.claim.RunOn == schema.RunOnNode && ", "f.claim.RunOn == \"\" && "}},
		engine("sqlite", "TestAStopLosesNothingOfACopy")},
	{"stop: the last claim is handed over", []edit{{"core/term.go", "\tcase <-scanned: // what it", "\tdefault: // what it"}},
		tests{"./core", "TestTheLastClaimIsHandedOverBeforeTheNodeLeaves", ""}},
	{"completion: of the node, where it is found written", []edit{{endFile, "f.NodeID == nodeID && f.Nominal", "f.Nominal"}}, statements("TestACompletionNamesItsFire")},
	{"completion: of the attempt, where it is found written", []edit{{endFile, " && f.Attempt == c.Attempt", ""}}, statements("TestACompletionNamesItsFire")},
	{"end: the fire", []edit{
		{lockFile, "l.flight[c.ID] == flight{c.Nominal, c.Attempt}", "l.flight[c.ID] != flight{}"},
		{lockFile, "WHERE ID IN ? AND FIRE_NODE + 0 = ? AND", "WHERE ID IN ? AND FIRE_NODE <> -? AND"},
		{lockFile, "row == nil || row.FireNode != l.nodeID || row.FireTime != c.Nominal || row.FireAttempt != c.Attempt", "row == nil"},
	}, statements("TestALossNamesTheFireAndItsNode")},
	{"end: the node is gone", []edit{{endFile, "err != nil || lives {", "err != nil || lives && false {"}}, statements("TestALossNamesTheFireAndItsNode")},
	{"checkpoint: the fire", []edit{{runningFile, `" AND FIRE_NODE = ? AND FIRE_TIME = ? AND FIRE_ATTEMPT = ?"`, `" AND 0 < ? AND 0 < ? AND 0 < ?"`}},
		statements("TestACheckpointNamesItsFire")},
	{"heartbeat: NODE_ID", []edit{{memberFile, "WHERE APPLICATION = ? AND HOST_IP = ? AND NODE_ID = ?`", "WHERE APPLICATION = ? AND HOST_IP = ? AND NODE_ID >= ?`"}},
		statements("TestAHeartbeatNamesItsRegistration")},
	{"removal: BEAT", []edit{{memberFile, `where+" AND BEAT = ?"`, `where+" AND BEAT >= ?"`}}, statements("TestARemovalNamesTheBeat")},
	{"removal: NODE_ID", []edit{{memberFile, `" WHERE APPLICATION = ? AND HOST_IP = ? AND NODE_ID = ?", []any`, `" WHERE APPLICATION = ? AND HOST_IP = ? AND NODE_ID >= ?", []any`}},
		statements("TestALeavingNodeLeavesItsSuccessor")},
	{"registration: a key that is held", []edit{{registerFile, "found && owner != 0", "found && owner < 0"}, {registerFile, "HOST_IP = ? AND NODE_ID IS NULL`", "HOST_IP = ?`"}},
		engine("sqlite", "TestThreeNodesUnderOneKey")},
	{"registration: in the database of the claims", []edit{{"core/control.go", "err != nil || n.paired {", "err != nil || n.paired || true {"}},
		engine("sqlite", "TestAControlPoolOnAnotherDatabase")},
	{"target: of a shared key", []edit{{"core/internal/scan/place.go", "store.SharedKey(cfg.Key)", "cfg.Key"}}, engine("sqlite", "TestANodeThatSharesItsKey")},
	{"answer: in doubt", []edit{{"core/internal/member/command.go", "if written {", "if written && false {"}}, engine("sqlite", "TestAnOrderWhoseAnswerIsLost")},
	{"answer: in doubt at the end of the lease", []edit{{"core/internal/member/member.go", "\t\t\tm.lose()\n", ""}}, engine("sqlite", "TestAnOrderWhoseAnswerIsLostWithTheLease")},
	{"answer: late", []edit{{"core/internal/member/command.go", "if written || text != d.text {", "if written || text == d.text {"}}, engine("sqlite", "TestAnOrderWhoseAnswerIsLate")},
	{"answer: late, in the same words", []edit{{"core/internal/member/command.go", "if d == nil {", "if d == nil || d.text == text {"}},
		engine("sqlite", "TestAnOrderWhoseAnswerIsLate")},
	{"handler: compare and set", []edit{{handlerFile, "AND TIME_NEXT = ? {skip", "AND TIME_NEXT >= ? - 3600000 {skip"}, {handlerFile, "AND TIME_NEXT = ?\"", "AND TIME_NEXT >= ? - 3600000\""}},
		statements("TestAPassIsWonOnce")},
	{"spill: what it was decided by", []edit{{childFile,
		"row.FireTime != d.FireTime || row.FireNode != d.FireNode || row.FireAttempt != d.Attempt || row.FireTime == 0", "row.FireTime == 0"}},
		statements("TestASpillNamesItsFire")},
	{"lease: a node stops before its end", []edit{{"core/internal/member/member.go", "sent.Add(m.cfg.Lease - m.cfg.Margin)", "sent.Add(m.cfg.Lease + 3*time.Second)"}},
		engine("sqlite", "TestANodeStopsBeforeItsPeersTakeOver")},
	{"lease: what ran out does not come back", []edit{{"core/internal/member/lease.go", "l.lost || !l.deadline.IsZero() && time.Until(l.deadline) <= 0", "l.lost"}},
		tests{"./core/internal/member", "TestLeaseThatRanOutDoesNotComeBack", ""}},
	{"lease: looked at before a run starts", []edit{{"core/flight.go", "}\n\tif !f.term.ms.Lease().Valid() {", "}\n\tif false {"}},
		tests{"./core", "TestAFireWaitsByTheDatabasesClock", ""}},
	{"watch: BEAT stands still", []edit{{"core/internal/misfire/watch.go", "time.Since(w.seen[p.NodeID].since) >= w.lease && ", ""}},
		tests{"./core/internal/misfire", "TestWatchTakesANodeForDeadOnlyByBothClocks", ""}},
	{"watch: TIME_CHECK is old", []edit{{"core/internal/misfire/watch.go", "&& max(age, -age) > w.lease.Milliseconds()", "&& age == age"}},
		tests{"./core/internal/misfire", "TestWatchTakesANodeForDeadOnlyByBothClocks", ""}},
}

// mutants are all of them.
var mutants = slices.Concat(claims, fences, others, hints, consoles)
