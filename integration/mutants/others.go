package main

const (
	masterFile = "core/internal/store/master.go"
	eventsFile = "core/internal/store/events.go"
	copiesFile = "core/internal/store/copies.go"
	scanFile   = "core/internal/store/scan.go"
	editFile   = "client/internal/store/execute.go"
	fireFile   = "client/internal/store/fire.go"
	recentFile = "core/internal/store/recent.go"
	pastFile   = "schema/recent.go"
)

// others are the guards of what the handler and the clients write.
var others = []mutant{
	{"election: the master as read", []edit{{masterFile, "COALESCE(MASTER, 0) = ?", "COALESCE(MASTER, 0) >= ?"}}, statements("TestAnElectionNamesWhatItWasDecidedBy")},
	{"election: the epoch as read", []edit{{masterFile, "AND MASTER_EPOCH = ?", "AND MASTER_EPOCH >= ?"}}, statements("TestAnElectionNamesWhatItWasDecidedBy")},
	{"election: the elected lives", []edit{{masterFile, "n.NODE_ID = ?", "n.NODE_ID >= ?"}}, statements("TestAnElectionNamesWhatItWasDecidedBy")},
	{"election: the elected may be master", []edit{{masterFile, " AND COALESCE(n.BARRED, 'N') = 'N'", ""}}, statements("TestAnElectionNamesWhatItWasDecidedBy")},
	{"answer: the command", []edit{{eventsFile, "AND NODE_ID = ? AND COMMAND = ?`", "AND NODE_ID = ? AND COMMAND <> ? || 'x'`"}}, statements("TestAnAnswerNamesItsCommand")},
	{"answer: NODE_ID", []edit{{eventsFile, "AND NODE_ID = ? AND COMMAND = ?`", "AND NODE_ID <= ? AND COMMAND = ?`"}}, statements("TestAnAnswerNamesItsCommand")},
	{"answer: time for the next heartbeat", []edit{{"core/internal/member/member.go", "context.WithTimeout(ctx, m.lease.Left()/2)", "context.WithTimeout(call, time.Hour)"}},
		tests{pkg: "./core/internal/member", run: "TestAnAnswerThatCannotBeNotedLeavesTimeForTheNextHeartbeat"}},
	{"copies: VERSION of the origin", []edit{{copiesFile, "RUN_ON = 'ALL' AND COALESCE(VERSION, 0) = ?", "RUN_ON = 'ALL' AND COALESCE(VERSION, 0) >= ?"}},
		statements("TestSpreadingNamesTheOrigin")},
	{"copies: NEXT_FIRE_TIME of the origin", []edit{{copiesFile, "AND NEXT_FIRE_TIME = ? AND FIRE_TIME IS NULL\"", "AND NEXT_FIRE_TIME >= ? AND FIRE_TIME IS NULL\""}},
		statements("TestSpreadingNamesTheOrigin")},
	{"copies: the copy as read", []edit{{copiesFile, "AND COALESCE(VERSION, 0) = ? AND STATE = ?", "AND COALESCE(VERSION, 0) >= ? AND STATE >= ?"}},
		statements("TestFollowingNamesTheCopy")},
	{"copies: of nodes from before the clock went back", []edit{{"core/internal/misfire/copies.go", "if since > now {", "if false {"}},
		handler("TestANodeMissesNothingWhereTheClockWentBack")},
	{"handler: what is rejected is passed by", []edit{{"core/internal/misfire/handler.go", "if !passable(err) {", "if !store.Refused(err) {"}},
		handler("TestARejectedRowHoldsUpNoneBehindIt|TestARejectedRemovalHoldsUpNoOther")},
	{"sweep: the youngest nodes first", []edit{{"core/internal/misfire/handler.go", "nodes: math.MaxInt64", "nodes: math.MaxInt8"}},
		handler("TestTheSweepReachesAllNodesFromTheYoungest")},
	{"sweep: a node's registrations before", []edit{{"core/term.go", "Alive: n.alive", "Alive: map[int64]bool{}"}}, engine("sqlite", "TestANodeTakesUpItsOwnFiresAtOnce")},
	{"end: what cannot go on", []edit{{endFile, "} else if c.Again != nil {", "} else if false {"}},
		engine("sqlite", "TestAFireWhoseExecuteWasDeletedIsLost")},
	{"overlap: what occupies an execute", []edit{{scanFile, "`(COALESCE(e.OVERLAP, 'ALLOW') = 'ALLOW' AND", "`(1 = 1 OR COALESCE(e.OVERLAP, 'ALLOW') = 'ALLOW' AND"}},
		engine("sqlite", "TestARetryOccupiesItsExecute")},
	{"overlap: OVERLAP_MAX", []edit{{scanFile, "COALESCE(e.OVERLAP_MAX, 0) < 1", "1 = 1"}}, engine("sqlite", "TestARetryOccupiesItsExecute")},
	{"recent/postgres: bounded", []edit{{recentFile, "octet_length(e.RECENT) > %d", "octet_length(e.RECENT) > 9%d"}}, engine("postgres", "TestTheRecentFiresAreBounded")},
	{"recent/postgres: bytes", []edit{{recentFile, "AS varchar(%d))", "AS varchar(9%d))"}}, engine("postgres", "TestAnyErrorTextIsAmongTheRecentFires")},
	{"recent: bounded", []edit{{pastFile, "len(column) > RecentRoom*limit", "len(column) > MaxRecent*limit"}}, tests{"./schema", "TestRecentIsBounded", ""}},
	{"recent: bytes", []edit{{pastFile, "for len(text) > MaxRecent", "for len(text) > 9*MaxRecent"}}, tests{"./schema", "TestRecentIsBounded", ""}},
	{"scan: NEXT_FIRE_TIME of what is free", []edit{{scanFile, " && now.Next == d.Next", ""}}, statements("TestAScanIsOfOneMoment")},
	{"scan: VERSION of what is free", []edit{{scanFile, " && now.Version == d.Version", ""}}, statements("TestAScanIsOfOneMoment")},
	{"scan: RUN_ON of what is free", []edit{{scanFile, " && now.RunOn == d.RunOn", ""}}, statements("TestAScanIsOfOneMoment")},
	{"scan: the policy goes by the end of what was in the way", []edit{{scanFile, "\t\t\tdue[i] = now\n", "\t\t\td.Occupied, _ = false, i\n"}},
		statements("TestAScanIsOfOneMoment")},
	{"scan: little at a time in the shards of others", []edit{{"core/internal/scan/claim.go", "\t\t\tout.trust--\n", ""}},
		tests{pkg: "./core/internal/scan", run: "TestANodeProbesTheShardsOfOthers"}},
	{"scan: as little in all pages of a look", []edit{{"core/internal/scan/claim.go", "\tl.held = false\n", "\tl.held, out.trust = false, l.trust\n"}},
		tests{pkg: "./core/internal/scan", run: "TestANodeProbesTheShardsOfOthers"}},
	{"scan: a long look does not stand still", []edit{{"core/internal/scan/scan.go", "\t\tl.readOn(s.err == nil && s.filled > 0)\n", ""}},
		tests{pkg: "./core/internal/scan", run: "TestALongLookDoesNotStandStill"}},
	{"scan: what is rejected is told once", []edit{{"core/internal/scan/claim.go", "return now != was", "return now != was || now.next != 0"}},
		tests{pkg: "./core/internal/scan", run: "TestARejectedClaimIsToldOnce"}},
	{"rejected: for a value alone", []edit{{"internal/sqldb/errors.go", "(22|23|44|45|P0)", "(22|23|42|44|45|P0)"}},
		tests{pkg: "./internal/sqldb", run: "TestErrorClasses"}},
	{"listen: a listener that panics", []edit{{"core/listen.go", "if v := recover(); v != nil {", "if v := any(nil); v != nil {"}},
		tests{pkg: "./core", run: "TestAListenerThatBreaksIsCalledAgain"}},
	{"control: a registration that was found", []edit{{"core/control.go", "n.control == n.store || n.paired", "n.control == n.store"}},
		engine("sqlite", "TestARegistrationThatGoesWhileItIsLookedFor")},
	{"control: a registration that is gone", []edit{{"core/control.go", "if stands, err := n.control.Stands(ctx, reg); err != nil || !stands {", "if err != nil {"}},
		engine("sqlite", "TestARegistrationThatGoesWhileItIsLookedFor")},
	{"child: its origin may fire", []edit{{scanFile, "o.STATE IN ('EXECUTING', 'COMPLETE')", "o.STATE <> ''"}}, engine("sqlite", "TestASuspendedRunGoesOnWhenResumed")},
	{"fault: as read", []edit{{claimFile, "WHERE ID = ? AND COALESCE(VERSION, 0) = ? AND COALESCE(NEXT_FIRE_TIME, 0) = ? AND STATE = 'EXECUTING' AND FIRE_TIME IS NULL`",
		"WHERE ID = ? AND COALESCE(VERSION, 0) >= ? AND COALESCE(NEXT_FIRE_TIME, 0) >= ?`"}}, statements("TestTheHandlersChangesNameWhatTheyWereDecidedBy")},
	{"note: as read", []edit{{"core/internal/store/stuck.go", "WHERE ID = ? AND NEXT_FIRE_TIME = ? AND FIRE_TIME IS NULL AND STATE = 'EXECUTING' AND `+same", "WHERE ID = ? AND NEXT_FIRE_TIME = ? AND `+same"}},
		statements("TestTheHandlersChangesNameWhatTheyWereDecidedBy")},
	{"adopt: as read", []edit{{upkeepFile, "AND APPLICATION IS NULL AND START_TIME = ?", "AND START_TIME = ?"}}, statements("TestTheHandlersChangesNameWhatTheyWereDecidedBy")},
	{"schedule: as read", []edit{{upkeepFile, "COALESCE(VERSION, 0) = ? AND STATE = 'EXECUTING' AND COALESCE(NEXT_FIRE_TIME, 0) < 1", "COALESCE(VERSION, 0) = ?"}},
		statements("TestTheHandlersChangesNameWhatTheyWereDecidedBy")},
	{"summary: of the executes", []edit{{upkeepFile, "if unless != \"\" {", "if unless == \"none\" {"}}, statements("TestTheHandlersChangesNameWhatTheyWereDecidedBy")},
	{"summary: state of the job", []edit{{upkeepFile, "UPDATE QRTZ_JOB SET STATE = ? WHERE ID = ? AND STATE = ?", "UPDATE QRTZ_JOB SET STATE = ? WHERE ID = ? AND STATE <> ? || 'x'"}},
		statements("TestTheHandlersChangesNameWhatTheyWereDecidedBy")},
	{"forget: as read", []edit{{upkeepFile, "AND STATE = 'COMPLETE' AND COALESCE(VERSION, 0) = ?", "AND COALESCE(VERSION, 0) >= ?"}},
		statements("TestTheHandlersChangesNameWhatTheyWereDecidedBy")},
	{"edit: VERSION", []edit{{editFile, `" WHERE ID = ? AND VERSION = ?"`, `" WHERE ID = ? AND VERSION >= ?"`}}, calls("TestCallThatWasOvertakenDecidesAnew")},
	{"edit: VERSION of a new schedule", []edit{{editFile,
		"`+editable+`\n\t\tWHERE ID = ? AND VERSION = ? AND STATE = ? AND COALESCE(NEXT_FIRE_TIME, 0) = ?", "`+editable+`\n\t\tWHERE ID = ? AND VERSION >= ? AND STATE = ? AND COALESCE(NEXT_FIRE_TIME, 0) = ?"}},
		calls("TestRescheduleThatMeetsAnEdit")},
	{"edit: instants of the old schedule", []edit{{editFile,
		"`+editable+`\n\t\tWHERE ID = ? AND VERSION = ? AND STATE = ? AND COALESCE(NEXT_FIRE_TIME, 0) = ? AND COALESCE(HIGH_TIME, 0) = ?",
		"`+editable+`\n\t\tWHERE ID = ? AND VERSION = ? AND STATE = ? AND COALESCE(NEXT_FIRE_TIME, 0) >= ? - 99999999 AND COALESCE(HIGH_TIME, 0) >= ? - 99999999"}},
		calls("TestEditThatMeetsAClaim|TestEditOfABusyExecute")},
	{"prune: VERSION of the job", []edit{{"client/diff.go", "if row.Version != seen.Version {", "if row.Version < seen.Version {"}},
		tests{pkg: "./client", run: "TestPruneMeetsARenaming"}},
	{"state: as read", []edit{{editFile, "WHERE ID = ? AND VERSION = ? AND STATE = ?`", "WHERE ID = ? AND VERSION >= ? AND STATE <> ? || 'x'`"}}, calls("TestCallThatWasOvertakenDecidesAnew")},
	{"cancel: the fire", []edit{{fireFile, "WHERE ID = ? AND FIRE_TIME = ? AND FIRE_ATTEMPT = ? AND CANCEL", "WHERE ID = ? AND 0 < ? AND 0 < ? AND CANCEL"}},
		calls("TestCancelThatMeetsAClaim")},
	{"cancel: what waits", []edit{{fireFile, "WHERE ID = ? AND COALESCE(FIRE_ATTEMPT, 0) = ?", "WHERE ID = ? AND COALESCE(FIRE_ATTEMPT, 0) >= ?"}},
		calls("TestCancelThatMeetsAClaim")},
}

// handler are the tests of the handler's steps.
func handler(run string) tests { return tests{pkg: "./core/internal/misfire", run: run} }

// calls are the client's tests, on a database that tells when a call waits for
// another.
func calls(run string) tests {
	return tests{pkg: "./integration/clienttest", run: run, kinds: "postgres"}
}
