// Package schedule answers the one question that both sides of the scheduler
// ask of an execute: when does it fire next? Workers ask it when they claim a
// fire, back offices when they show what is coming.
//
// It is pure. It reads no clock and no database; every instant is a number of
// milliseconds since the epoch, as the tables hold it.
//
// # Forms
//
// A SIMPLE schedule has slots at Start, Start + RepeatInterval, Start +
// 2·RepeatInterval and so on. RepeatCount N means exactly N slots; a count
// below 1 means slots for ever. An End bounds both types and is itself still
// part of the schedule.
//
// A CRON schedule is an expression whose number of fields tells its form:
//
//	6 or 7 fields   Quartz   second minute hour day-of-month month day-of-week [year]
//	5 fields        Unix     minute hour day-of-month month day-of-week
//	@yearly @annually @monthly @weekly @daily @midnight @hourly
//
// In the Quartz form the day of the week counts from 1 = SUN to 7 = SAT, one of
// the two day fields says ? (or *), and there are L, L-n, LW, L-nW and nW for
// days of the month, xL and x#n for days of the week. Years are 1970 to 2199.
// In the Unix form 0 and 7 are both Sunday, and when both day fields are
// restricted a day needs to match only one of them, unless one of them begins
// with *, as cron has it. Both forms take lists, steps and ranges; a range may
// wrap (22-2, FRI-MON). Names and markers are case-insensitive.
//
// What could never fire, such as February 30, is refused by [Parse]; what has
// no instant left, such as a year gone by, answers "never" at once.
//
// [Preview] lists the next instants of a schedule, and [Explain] says it in English.
//
// # Cron, step by step
//
//	expression ── tokens ── rewritten fields ── gronx ── tables ── wall clock ── zone ── instant
//	             cron.go     field.go          gronx.go  calendar.go         timeline.go  dst.go
//
// The expression is tokenized strictly and each field is rewritten into the
// terms of gronx, the cron engine, where the two differ: Quartz counts its days
// from 1, wraps its ranges, and has LW and L-n. gronx is then asked, for each
// second, minute, hour, month and kind of month (its length and the weekday it
// begins on), which values it admits. Its answers are kept as bit sets. They do
// not depend on a zone, on a year or on the time of the question, and so a
// search over them is exact, always ends, and costs less than a microsecond.
// The search works on wall-clock time; what remains is to find the instant at
// which the zone's clocks show it.
//
// # Daylight saving
//
// A zone is a sequence of segments with a constant offset from UTC. Where two
// of them meet, clocks skip some wall-clock times (a gap) or show some of them
// twice (an overlap):
//
//	gap, Berlin in March                overlap, Berlin in October
//
//	wall                                wall
//	04:00         /                     03:00     /|    /
//	03:00       |/                      02:00    / |   /
//	02:00      /                                /  |__/
//	01:00     /                         01:00  /
//	         ────────── real time             ────────── real time
//
// What an expression means there depends on its hour field alone.
//
// An expression that admits every hour of the day is an interval ("every 15
// minutes", "every hour at half past"). It fires whenever the clock shows a
// matching time: twice as often by the clock in an overlap, not at all in a
// gap, and so at its usual distance in real time. (Where clocks move by less
// than its period, as by the half hour of Lord Howe for an hourly expression,
// the time on the clock decides.)
//
// Any other expression names times of day. Each of them fires exactly once: at
// the first instant at which the clock shows that time or a later one. So a
// time in an overlap fires when it is first shown, and a time in a gap fires
// at the first instant after it. Several times in one gap make one fire, and
// no second one beside a time that stands at the end of the gap anyway.
//
//	0 */15 * * * ?    02:00 02:15 02:30 02:45 02:00 02:15 …  in an overlap, 01:45 03:00 across a gap
//	0 30 2 * * ?      02:30, the first one, in an overlap, 03:00 in a gap
//	0 30 */2 * * ?    times of day: 00:30, 02:30, 04:30 …, treated like 02:30 above
//	0 */15 0-6 * * ?  times of day, each once
package schedule
