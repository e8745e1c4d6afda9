package main

const (
	claimFile         = "core/internal/store/claim.go"
	postgresClaimFile = "core/internal/store/claim_postgres.go"
)

// claims are the guards of a claim, which the two ways to claim have each in its
// own words.
var claims = []mutant{
	{"claim/postgres: VERSION", []edit{{postgresClaimFile, "COALESCE(e.VERSION, 0) = v.VERSION AND ", ""}},
		engine("postgres", "TestARunSeesTheLastEdit")},
	{"claim/portable: VERSION", []edit{
		{claimFile, "d.Version != c.Version || ", ""}, {claimFile, "AND COALESCE(VERSION, 0) = ` +", "AND 0 <= ` +"},
	}, statements("TestAClaimNamesWhatItWasDecidedBy")},
	{"claim/postgres: STATE", []edit{{claimFile, "`STATE = 'EXECUTING' AND FIRE_TIME", "`FIRE_TIME"}},
		engine("postgres", "TestAClaimTakesNothingThatWasChangedMeanwhile")},
	{"claim/portable: STATE", []edit{{claimFile, "`STATE = 'EXECUTING' AND FIRE_TIME", "`FIRE_TIME"}},
		statements("TestAClaimNamesWhatItWasDecidedBy")},
	{"claim/postgres: old NEXT_FIRE_TIME", []edit{{postgresClaimFile, "AND e.NEXT_FIRE_TIME = v.NEXT AND", "AND"}},
		engine("postgres", "TestAClaimTakesNothingThatWasChangedMeanwhile")},
	{"claim/portable: old NEXT_FIRE_TIME", []edit{
		{claimFile, "d.Next != c.Next || ", ""}, {claimFile, "` AND NEXT_FIRE_TIME = `", "` AND 0 <= `"},
	}, statements("TestAClaimNamesWhatItWasDecidedBy")},
	{"claim/postgres: HIGH_TIME as read", []edit{{postgresClaimFile, " AND COALESCE(e.HIGH_TIME, 0) = v.HIGH", ""}},
		engine("postgres", "TestAClaimTakesNothingThatWasChangedMeanwhile")},
	{"claim/portable: HIGH_TIME as read", []edit{{claimFile, "d.High != c.High || ", ""}, {claimFile, "c.Nominal != 0 && c.Nominal <= d.High || ", ""}},
		statements("TestAClaimNamesWhatItWasDecidedBy")},
	{"claim: NEXT_FIRE_TIME above HIGH_TIME", []edit{
		{"core/internal/scan/decide.go", "d.Next <= d.High", "false"},
		{postgresClaimFile, "(v.NOMINAL = 0 OR v.NOMINAL > v.HIGH) AND ", ""}, {claimFile, "c.Nominal != 0 && c.Nominal <= d.High || ", ""},
	}, engine("postgres", "TestANextFirePutBackFiresNothingTwice")},
	{"claim/postgres: the schedule", []edit{{postgresClaimFile, "`+postgresSchedule+` = v.SCHEDULE", "v.SCHEDULE <> ''"},
		{postgresClaimFile, "const postgresSchedule", "const _"}},
		engine("postgres", "TestAClaimComputesFromTheScheduleAsItIs")},
	{"claim/portable: the schedule", []edit{{claimFile, "d.schedule() != c.schedule() || ", ""}},
		statements("TestAClaimNamesWhatItWasDecidedBy")},
	{"claim/postgres: no fire in flight", []edit{
		{claimFile, "AND FIRE_TIME IS NULL AND NEXT_FIRE_TIME IS NOT NULL`", "AND NEXT_FIRE_TIME IS NOT NULL`"},
		{postgresClaimFile, " AND e.FIRE_TIME IS NULL AND ", " AND "},
	}, engine("postgres", "TestAClaimTakesNothingThatIsInFlight")},
	{"claim/portable: no fire in flight", []edit{{claimFile, "AND FIRE_TIME IS NULL AND NEXT_FIRE_TIME IS NOT NULL`", "AND NEXT_FIRE_TIME IS NOT NULL`"}},
		statements("TestAClaimNamesWhatItWasDecidedBy")},
	{"claim/postgres: the attempt before", []edit{{postgresClaimFile, "COALESCE(e.FIRE_ATTEMPT, 0) = v.PRIOR AND ", ""}},
		engine("postgres", "TestAClaimNamesTheAttemptBefore")},
	{"claim/portable: the attempt before", []edit{{claimFile, " || d.Attempt != c.Due.Attempt", ""}},
		statements("TestAClaimNamesMaintenanceAndTheAttemptBefore")},
	{"claim/postgres: live registration", []edit{{claimFile, "n.NODE_ID = ? AND n.STATE", "n.NODE_ID >= CAST(? AS BIGINT) - 3600000 AND n.STATE"}},
		engine("postgres", "TestARemovedNodeClaimsNothingBesideOthers")},
	{"claim/portable: live registration", []edit{{claimFile, "n.NODE_ID = ? AND n.STATE", "n.NODE_ID >= ? AND n.STATE"}},
		statements("TestAClaimNamesWhatItWasDecidedBy")},
	{"claim: node enabled", []edit{{claimFile, " AND n.STATE = 'Y'", ""}}, statements("TestAClaimNamesWhatItWasDecidedBy")},
	{"claim: app enabled", []edit{{claimFile, " AND a.STATE = 'Y'", ""}}, statements("TestAClaimNamesWhatItWasDecidedBy")},
	{"claim: no maintenance", []edit{{claimFile, " AND COALESCE(a.MAINTENANCE, 'N') = 'N'", ""}}, statements("TestAClaimNamesMaintenanceAndTheAttemptBefore")},
	{"claim: job enabled", []edit{{claimFile, "j.ID = PID AND ` + enabledJob + `", "j.ID = PID"}}, statements("TestAClaimNamesWhatItWasDecidedBy")},
	{"claim: job there", []edit{{claimFile, "AND EXISTS (SELECT 1 FROM QRTZ_JOB j WHERE j.ID = PID AND ` + enabledJob + `)\n", "\n"}},
		statements("TestAClaimNamesWhatItWasDecidedBy")},
	{"claim: master and its epoch", []edit{{claimFile, " AND a.MASTER = n.NODE_ID AND a.MASTER_EPOCH = ?", " AND COALESCE(a.MASTER_EPOCH, 0) >= ? - 1000"}},
		statements("TestAClaimOfTheMasterNamesItsEpoch")},
	{"claim/postgres: latest time", []edit{{claimFile, "AND {now} <= ?`", "AND {now} <= ? + 3600000`"}},
		engine("postgres", "TestAClaimThatComesTooLateTakesNothing")},
	{"claim/portable: latest time", []edit{{claimFile, "AND {now} <= ?`", "AND {now} <= ? + 3600000`"}}, statements("TestAClaimHasItsTime")},
	{"claim/postgres: not ahead of its time", []edit{{postgresClaimFile, " AND v.NOMINAL <= {now} + ? AND v.NEXT <= {now} + ?", " AND ? > 0 AND ? > 0"}},
		engine("postgres", "TestNothingIsClaimedAheadOfItsTime")},
	{"claim/portable: not ahead of its time", []edit{{claimFile, " || max(c.Nominal, c.Next) > now+lim.Ahead", ""}}, statements("TestAClaimHasItsTime")},
	{"claim: unknown outcome is read back late enough", []edit{{"core/internal/store/readback.go", "return now > latest", "return now > 0"}},
		engine("sqlite", "TestAClaimThatComesTooLateTakesNothing")},
	{"claim: unknown outcome is read back", []edit{{"core/internal/scan/claim.go", "l.doubt(ctx, batch, limits.Latest)", ""}},
		engine("sqlite", "TestAClaimOfUnknownOutcome")},
	{"claim: none is in doubt", []edit{{"core/internal/scan/claim.go", "l.doubted(d.ID) || ", ""}}, engine("sqlite", "TestNothingIsClaimedTwiceInDoubt")},
	{"claim: no slot is kept for one in doubt", []edit{{"core/internal/scan/doubt.go", "free-len(l.doubts)", "free"}},
		tests{pkg: "./core/internal/scan", run: "TestAClaimInDoubtHoldsUpNoOther"}},
	{"claim: a held row is not waited for", []edit{{"core/internal/store/readback.go", "{skip locked}", "{for update}"}},
		engine("mariadb", "TestAClaimInDoubtOfARowThatSomebodyHolds")},
	{"claim: a free slot", []edit{
		{"core/internal/scan/claim.go", "if out.filled == out.free || out.err", "if out.err"}, {"core/internal/scan/claim.go", "full := out.room() == size", "full := out.filled < 0"},
	}, engine("sqlite", "TestNothingIsClaimedWithoutAFreeSlot")},
}
