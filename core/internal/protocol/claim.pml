/*
 * Claiming. Two nodes that live throughout compete for the instants 1 and 2
 * of one execute, claiming ahead of time, while a client edits, pauses and
 * resumes and a program of the Java edition writes without naming anything. A
 * call may go unanswered, and take effect all the same, later.
 *
 * What is left out: nodes come and go in fence.pml, fires move to other rows in
 * recovery.pml and overlap.pml. Time is a counter of instants.
 *
 * @run   nodes   -DLONG=3               two nodes alone, three instants
 * @run   client  -DCLIENT=2             two clients edit, pause and resume
 * @run   java    -DJAVA=1 -DCLIENT=1    the Java edition's client writes blindly
 * @run   network -DNETWORK=1 -DCLIENT=1 answers get lost, statements come late
 * @guard client  NO_VERSION      I5 the claim names VERSION
 * @guard java    NO_STATE        I5 the claim names STATE
 * @guard client  NO_JOB          I5 the claim names the job's state
 * @guard nodes   NO_NEXT         I2 the claim names NEXT_FIRE_TIME as read
 * @guard client  NO_FIRE         I1 scan and claim name that no fire is in flight
 * @guard java    NO_HIGH         I1 the claim names HIGH_TIME and comes after it
 * @guard java    NO_SCHEDULE     I5 the claim names the schedule it was computed from
 * @guard network NO_LATEST       I2 the claim names the latest time at which it takes effect
 * @guard network NO_SETTLE       I2 the read-back comes after that time
 * @guard network NO_LOCK         I2 the read-back waits for who is still deciding
 * @guard client  NO_WAIT         I4 a run waits for its instant
 * @guard client  NO_LEFT         I5 the completion itself looks whether anything is left
 * @guard client  NO_EDIT_NEXT    I2 an edit of the schedule names NEXT_FIRE_TIME as read
 * @guard client  NO_EDIT_VERSION I5 an edit names VERSION as read
 */
#include "words.pml"

#ifndef CLIENT
#define CLIENT 0
#endif
#ifndef JAVA
#define JAVA 0
#endif
#ifndef NETWORK
#define NETWORK 0
#endif

#define NODES 2
#define AHEAD 1 /* by how much a claim may come before its instant */

/* A schedule is known by its last instant: it fires at 1, 2 and so on up to that. */
#ifndef LONG
#define LONG 2
#endif
#define SHORT (LONG - 1)
#define MAX(a, b) ((a) > (b) -> (a) : (b))
#define MIN(a, b) ((a) < (b) -> (a) : (b))
/* The first instant of schedule s after t; 0 stands for none, and END puts that
   behind all others. */
#define FIRST_AFTER(s, t) ((t) < (s) -> (t) + 1 : 0)
#define OTHER(s) (SHORT + LONG - (s))
#define END(t) ((t) == 0 -> LONG + 1 : (t))
/* How many instants of schedule s lie in [from, to). */
#define COUNT(s, from, to) ((from) < MIN(to, (s) + 1) -> MIN(to, (s) + 1) - (from) : 0)

/* Two misfire policies for what is late. */
#define ONCE 0 /* run the newest, skip the others */
#define SKIP 1 /* skip them all */

/* The row of the execute. */
mtype = { EXECUTING, PAUSED, COMPLETE };
mtype state = EXECUTING;
byte version, schedule = LONG, policy = SKIP;
byte next = 1;          /* NEXT_FIRE_TIME */
byte high;              /* HIGH_TIME: the newest instant ever claimed */
byte fire, fireNode;    /* FIRE_TIME and FIRE_NODE: the fire in flight */
byte holder;            /* who holds the row's lock: a node's claim that is not committed yet */
bool jobOn = true;    /* STATE of the job, a row of its own */

byte now;               /* the database's clock */
byte losses = NETWORK;  /* answers that may still get lost */

/* What really happened, for the invariants alone. */
byte claimed, started;  /* sets of instants */

/* What a node has sent: a claim on its way to the database and back. */
typedef Claim {
	byte version, schedule, policy, next, high; /* as the scan read them */
	byte nominal;                               /* the instant to run, or none */
	byte upcoming;                              /* NEXT_FIRE_TIME afterwards */
	byte skipped;                               /* SKIP_COUNT goes up by this */
	bool sent;                                  /* under way, or being worked on */
	bool answered, took;
	bool late                                   /* the clock is past its latest time */
};
Claim claim[NODES + 1];

/* Decide as core/internal/scan does, from the row as it was read. */
inline decide(c) {
	if
	:: c.high != 0 && c.next <= c.high -> /* somebody wrote it back: only reschedule */
		c.nominal = 0; c.upcoming = FIRST_AFTER(c.schedule, c.high); c.skipped = 0
	:: !(c.high != 0 && c.next <= c.high) && c.next >= now -> /* in time */
		c.nominal = c.next; c.upcoming = FIRST_AFTER(c.schedule, c.next); c.skipped = 0
	:: !(c.high != 0 && c.next <= c.high) && c.next < now -> /* late: the policy */
		c.upcoming = FIRST_AFTER(c.schedule, now);
		c.skipped = COUNT(c.schedule, c.next, now + 1);
		c.nominal = 0;
		if
		:: c.policy == ONCE && c.skipped > 0 ->
			c.nominal = MIN(now, c.schedule);
			c.skipped = c.skipped - 1
		:: else
		fi
	fi
}

/* The guards of the claim that look at the row itself. */
#ifdef NO_VERSION
#define SAME_VERSION(c) true
#else
#define SAME_VERSION(c) (version == c.version)
#endif
#ifdef NO_STATE
#define ENABLED_ROW true
#else
#define ENABLED_ROW (state == EXECUTING)
#endif
#ifdef NO_NEXT
#define SAME_NEXT(c) (next != 0)
#else
#define SAME_NEXT(c) (next == c.next)
#endif
#ifdef NO_HIGH
#define AFTER_HIGH(c) true
#else
#define AFTER_HIGH(c) (high == c.high && (c.nominal == 0 || c.nominal > high))
#endif
#ifdef NO_SCHEDULE
#define SAME_SCHEDULE(c) true
#else
#define SAME_SCHEDULE(c) (schedule == c.schedule)
#endif
#ifdef NO_FIRE /* neither in the scan nor in the claim */
#define NONE_IN_FLIGHT true
#else
#define NONE_IN_FLIGHT (fire == 0)
#endif
#ifdef NO_LATEST
#define IN_TIME(c) true
#else
#define IN_TIME(c) (!c.late)
#endif

/* A session of the database, at work for one node. */
proctype Session(byte me) {
	bool allowed, begunPaused;
end:	do
	:: claim[me].sent && !claim[me].answered ->
		/* The statement begins. Other rows it sees as they are now, to its end. */
		STATEMENT {
			begunPaused = !jobOn;
#ifdef NO_JOB
			allowed = true
#else
			allowed = jobOn
#endif
		};
		/* It locks the row, unless somebody holds it, and looks again at the
		   newest version, and after that at the clock. */
		STATEMENT {
			if
			:: holder == 0 && allowed && SAME_VERSION(claim[me]) && ENABLED_ROW && SAME_NEXT(claim[me]) &&
			   AFTER_HIGH(claim[me]) && SAME_SCHEDULE(claim[me]) && NONE_IN_FLIGHT && IN_TIME(claim[me]) ->
				holder = me
			:: else -> skip
			fi
		}
		/* It commits. */
		STATEMENT {
			if
			:: holder == me ->
				HOLDS(I5, state == EXECUTING && !begunPaused);
				HOLDS(I5, claim[me].policy == policy);
				HOLDS(I5, schedule == claim[me].schedule);
				HOLDS(I4, END(claim[me].upcoming) > END(next));
				HOLDS(I1, claim[me].nominal == 0 || (!HAS(claimed, claim[me].nominal) && fire == 0));
				/* Every instant that it passes is run or counted. */
				HOLDS(I2, COUNT(schedule, MAX(next, high + 1), END(claim[me].upcoming)) ==
					claim[me].skipped + (claim[me].nominal == 0 -> 0 : 1));
				next = claim[me].upcoming;
				if
				:: claim[me].nominal != 0 ->
					high = claim[me].nominal; fire = claim[me].nominal; fireNode = me;
					claimed = claimed | BIT(claim[me].nominal)
				:: claim[me].nominal == 0 && next == 0 -> state = COMPLETE
				:: else -> skip
				fi;
				holder = 0; claim[me].took = true
			:: else -> claim[me].took = false
			fi;
			claim[me].answered = true; claim[me].late = false; allowed = false; begunPaused = false;
			claim[me].version = 0; claim[me].schedule = 0; claim[me].policy = 0; claim[me].next = 0; claim[me].high = 0;
			claim[me].nominal = 0; claim[me].upcoming = 0; claim[me].skipped = 0
		}
	od
}

proctype Node(byte me) {
	byte nominal, upcoming;
	bool mine;
end:	do
	:: /* Scan, a little ahead of the time. */
		atomic {
			!claim[me].sent && state == EXECUTING && jobOn && NONE_IN_FLIGHT && next != 0 && next <= now + AHEAD;
			claim[me].version = version; claim[me].schedule = schedule; claim[me].policy = policy;
			claim[me].next = next; claim[me].high = high;
			STATEMENT {
				decide(claim[me]); nominal = claim[me].nominal; upcoming = claim[me].upcoming;
				claim[me].sent = true
			}
		}
		if
		:: atomic { claim[me].answered -> mine = claim[me].took && nominal != 0 }
		:: atomic { losses > 0 -> losses--; /* no answer: it did, it did not, or it will */
#ifndef NO_SETTLE
			claim[me].late = !claim[me].answered /* wait until it can no longer take effect */
#endif
			}
			atomic {
#ifndef NO_LOCK
				holder != me; /* a locking read waits */
#endif
				mine = (nominal != 0 && fire == nominal && fireNode == me)
			}
		fi;
		if
		:: mine -> /* Start, run, complete. */
#ifndef NO_WAIT
			now >= nominal;
#endif
			STATEMENT {
				HOLDS(I4, now >= nominal);
				HOLDS(I1, !HAS(started, nominal));
				started = started | BIT(nominal)
			}
			do
			:: atomic { holder == 0 -> STATEMENT {
				if
				:: fire == nominal && fireNode == me ->
					fire = 0; fireNode = 0;
					if
#ifdef NO_LEFT
					:: upcoming == 0 && state == EXECUTING -> state = COMPLETE
#else
					:: next == 0 && state == EXECUTING -> state = COMPLETE
#endif
					:: else -> skip
					fi
				:: else -> skip /* superseded, or written before */
				fi } }
				if
				:: break
				:: atomic { losses > 0 -> losses-- } /* no answer: write it again */
				fi
			od
		:: else -> skip
		fi;
		atomic {
			claim[me].answered; /* this connection is free again */
			STATEMENT { claim[me].sent = false; claim[me].answered = false; claim[me].took = false; nominal = 0; upcoming = 0; mine = false }
		}
	od
}

#ifdef NO_EDIT_VERSION
#define UNCHANGED true
#else
#define UNCHANGED (version == v)
#endif
#ifdef NO_EDIT_NEXT
#define EDIT_SAME_NEXT true
#else
#define EDIT_SAME_NEXT (next == n && high == h)
#endif

/* A client: each call reads the row, computes, and writes over what it read. */
proctype Client() {
	byte edits = 1, v, n, h, f, s, pol, sched, at; /* as read */
	byte to, skips;                                     /* as computed */
end:	do
	:: atomic {
		edits > 0 -> edits--;
		STATEMENT { v = version; n = next; h = high; f = fire; s = state; pol = policy; sched = schedule; at = now;
			to = FIRST_AFTER(OTHER(sched), MAX(at, h));
			skips = (n == 0 || s == COMPLETE -> 0 : COUNT(sched, MAX(n, h + 1), at + 1)) } };
		if
		:: /* another policy, the schedule as it is */
			atomic { holder == 0 -> if
			:: UNCHANGED ->
				HOLDS(I5, policy == pol);
				policy = 1 - pol; version++
			:: else fi }
		:: /* another schedule: its next fire comes after now and after all that fired;
		      the due instants that it passes over are counted */
			atomic { to != 0 && holder == 0 -> if
			:: UNCHANGED && s == state && EDIT_SAME_NEXT ->
				HOLDS(I2, schedule != sched || skips ==
					(next == 0 || state == COMPLETE -> 0 : COUNT(schedule, MAX(next, high + 1), at + 1)));
				schedule = OTHER(sched); next = to; version++;
				if :: state == COMPLETE -> state = EXECUTING :: else fi
			:: else fi }
		:: /* pause */
			atomic { holder == 0 && s == EXECUTING -> if
			:: UNCHANGED && state == s -> state = PAUSED; version++
			:: else fi }
		:: /* resume: what fired for the last time while it was paused is complete */
			atomic { holder == 0 && s == PAUSED -> if
			:: UNCHANGED && state == s -> state = (n == 0 && f == 0 -> COMPLETE : EXECUTING); version++
			:: else fi }
		:: jobOn = false /* pause the job */
		:: jobOn = true  /* and resume it */
		:: skip
		fi;
		STATEMENT { v = 0; n = 0; h = 0; f = 0; s = 0; pol = 0; sched = 0; at = 0; to = 0; skips = 0 }
	od
}

/* The Java edition's client knows neither VERSION nor HIGH_TIME. */
proctype Java() {
	byte edits = JAVA;
end:	do
	:: atomic { edits > 0 && holder == 0 && next != 0 -> edits--;
		if
		:: next = 1                    /* back to where it was when read */
		:: next <= OTHER(schedule) -> schedule = OTHER(schedule) /* the next fire as it was */
		:: state = PAUSED
		fi }
	od
}

/* The ClusterMisfireHandler schedules what was enabled without a next fire. */
proctype Handler() {
end:	do
	:: atomic { state == EXECUTING && next == 0 && fire == 0 && holder == 0 ->
		next = FIRST_AFTER(schedule, MAX(high, now));
		if :: next == 0 -> state = COMPLETE :: else fi }
	od
}

proctype Clock() {
end:	do
	:: now < LONG + 1 -> now++
	od
}

init {
	atomic {
		run Clock(); run Handler(); run Session(1); run Session(2); run Node(1); run Node(2);
		if :: CLIENT > 0 -> run Client() :: else fi;
		if :: CLIENT > 1 -> run Client() :: else fi;
		if :: JAVA > 0 -> run Java() :: else fi
	}
	/* At the end nothing moves any more: */
	timeout ->
	HOLDS(I2, fire == 0 && started == claimed);    /* what was claimed has run */
	HOLDS(I6, state != EXECUTING || !jobOn);     /* what is enabled has run to its end */
	HOLDS(I5, state != COMPLETE || next == 0)      /* what is complete has nothing left */
}
