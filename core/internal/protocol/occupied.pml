/*
 * No overlap. An execute whose OVERLAP is SKIP or QUEUE fires at the instants 1
 * and 2; its first fire may fail once and is retried by a child, and a client
 * asks for runs besides. Two nodes claim whatever they find. Never must two fires
 * of the execute run at a time, and, with SKIP, no instant must run that came due
 * while another fire was running or waiting for its retry.
 *
 * @run   skip   -DRUNS=2
 * @guard skip   NO_OCCUPIED       PROMISE the claim of the execute names that it has no child
 * @guard skip   NO_SCAN_OCCUPIED  PROMISE so does the scan, as the claim is decided by LAST_END_TIME
 * @guard skip   NO_RUN_VERSION    PROMISE a run-now adds 1 to the VERSION of the execute
 * @guard skip   NO_RUN_WAITS      PROMISE a run-now waits while the execute is in flight
 * @guard skip   NO_ORDER          PROMISE of several children only the one with the lowest id is claimed
 * @guard skip   NO_RUN_LAST       PROMISE a run-now's id lies above those of the children that are there
 * @guard skip   NO_LAST_END       PROMISE what came due before LAST_END_TIME is skipped
 */
#include "words.pml"

#ifndef RUNS
#define RUNS 2
#endif
#define LAST 2

byte now;

/* The rows: the execute, the child that retries its fire, and two run-nows. */
#define ORIGIN 0
#define RETRY 1
#define RUN 2
#define ROWS 4
typedef Row {
	bool exists;
	bool flight;        /* a fire is in flight */
	byte nominal;       /* … this one */
	byte id             /* of a child */
};
Row row[ROWS];
byte next = 1;              /* of the execute */
byte version, lastEnd;

byte fails = 1;             /* so many fires still fail */
byte ran, skipped, busy;    /* sets of instants; busy: another fire was under way when it came due */

#define IN_FLIGHT (row[ORIGIN].flight || row[RETRY].flight || row[RUN].flight || row[RUN + 1].flight)
#define CHILDREN (row[RETRY].exists || row[RUN].exists || row[RUN + 1].exists)

#ifdef NO_OCCUPIED
#define FREE true
#else
#define FREE (!CHILDREN)
#endif
#if defined(NO_SCAN_OCCUPIED) || defined(NO_OCCUPIED)
#define SCAN_FREE true
#else
#define SCAN_FREE (!CHILDREN)
#endif
#ifdef NO_RUN_WAITS
#define SETTLED true
#else
#define SETTLED (!row[ORIGIN].flight)
#endif
/* No other child that was there before it, or has begun. */
#define BEFORE(c, r) (c != r && row[c].exists && (row[c].id < row[r].id || row[c].flight))
#ifdef NO_ORDER
#define FIRST(r) true
#else
#define FIRST(r) (!BEFORE(RETRY, r) && !BEFORE(RUN, r) && !BEFORE(RUN + 1, r))
#endif
#define MAX(a, b) ((a) > (b) -> (a) : (b))
#define HIGHEST MAX(row[RETRY].id, MAX(row[RUN].id, row[RUN + 1].id))

proctype Node() {
	byte r, v, n, to;
	bool allowed;
end:	do
	:: /* The execute: it scans, decides by what it read, and claims. */
		atomic {
			next != 0 && next <= now && !row[ORIGIN].flight && SCAN_FREE ->
			STATEMENT {
				v = version; n = next; to = next;
#ifndef NO_LAST_END
				do
				:: to != 0 && to <= lastEnd -> to = (to == LAST -> 0 : to + 1)
				:: else -> break
				od
#endif
				skip
			};
			r = ORIGIN
		};
		allowed = FREE; /* the claim begins */
		atomic { /* it takes effect; what lies ahead waits for its own claim */
			if
			:: allowed && version == v && next == n && !row[ORIGIN].flight ->
				do
				:: n != 0 && n != to -> skipped = skipped | BIT(n); n = (n == LAST -> 0 : n + 1)
				:: else -> break
				od;
				next = to;
				if
				:: to != 0 && to <= now ->
					HOLDS(PROMISE, !IN_FLIGHT);
					HOLDS(PROMISE, !HAS(busy, to));
					row[ORIGIN].flight = true; row[ORIGIN].nominal = to;
					next = (to == LAST -> 0 : to + 1)
				:: else -> r = ROWS
				fi
			:: else -> r = ROWS
			fi;
			v = 0; n = 0; to = 0; allowed = false
		};
		goto work
	:: atomic { row[RETRY].exists && !row[RETRY].flight -> r = RETRY };
		goto begin
	:: atomic { row[RUN].exists && !row[RUN].flight -> r = RUN };
		goto begin
	:: atomic { row[RUN + 1].exists && !row[RUN + 1].flight -> r = RUN + 1 };
begin:		allowed = (SETTLED && FIRST(r)); /* the claim of a child begins */
		atomic {
			if
			:: allowed && row[r].exists && !row[r].flight ->
				HOLDS(PROMISE, !IN_FLIGHT);
				row[r].flight = true
			:: else -> r = ROWS
			fi;
			allowed = false
		};
work:		/* It has run: the outcome, in one transaction. */
		atomic {
			if
			:: r == ORIGIN && fails > 0 -> /* a failure: the child takes the fire over */
				fails--; row[ORIGIN].flight = false;
				row[RETRY].exists = true; row[RETRY].nominal = row[ORIGIN].nominal;
				if :: row[RETRY].id = 1 :: row[RETRY].id = HIGHEST + 1 fi /* by some node's clock */
			:: r == ORIGIN ->
				row[ORIGIN].flight = false; lastEnd = now; ran = ran | BIT(row[ORIGIN].nominal)
			:: r == RETRY ->
				row[RETRY].flight = false; row[RETRY].exists = false; row[RETRY].id = 0; lastEnd = now; ran = ran | BIT(row[RETRY].nominal)
			:: r == RUN || r == RUN + 1 ->
				row[r].flight = false; row[r].exists = false; row[r].id = 0; lastEnd = now
			:: r == ROWS
			fi;
			r = 0
		}
	od
}

/* A client asks for runs, one after another. */
proctype Client() {
	byte runs;
end:	do
	:: atomic { runs < RUNS ->
		if
		:: row[RUN + runs].id = MAX(HIGHEST, 4) + 1
#ifdef NO_RUN_LAST
		:: row[RUN + runs].id = 3 - runs
#endif
		fi;
		row[RUN + runs].exists = true; runs++;
#ifndef NO_RUN_VERSION
		version++
#endif
	   }
	od
}

proctype Clock() {
end:	do
	:: atomic { now < LAST + 1 -> now++;
		if
		:: row[ORIGIN].flight || row[RETRY].exists || row[RUN].flight || row[RUN + 1].flight -> busy = busy | BIT(now)
		:: else
		fi }
	od
}

init {
	atomic { run Node(); run Node(); run Client(); run Clock() }
	timeout ->
	HOLDS(I2, next == 0 && (ran | skipped) == (BIT(1) | BIT(2)) && (ran & skipped) == 0);
	HOLDS(I6, !CHILDREN && !IN_FLIGHT)
}
