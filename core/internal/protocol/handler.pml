/*
 * The ClusterMisfireHandler. Two nodes run it, and each pass is won by one. But
 * a pass may take so long that the next is won meanwhile, so that the steps of
 * both mix, with each other and with a client's calls. Each step reads first and
 * writes later, over what it read.
 *
 * @run   passes
 * @guard passes  NO_COMPARE  I7 winning a pass names TIME_NEXT as read
 * @guard passes  NO_FIRE     I2 taking up a fire names the fire as read
 * @guard passes  NO_JOB      I5 summarising a job names its state as read
 * @guard passes  NO_SAME     I5 clearing an execute away names STATE, VERSION and LAST_END_TIME as read
 * @guard passes  NO_FAULT    I5 setting ERROR names VERSION and NEXT_FIRE_TIME as read
 * @run   clock   -DCLOCK      the database's clock jumps, and stands still
 * @guard clock   NO_STOOD    I6 a pass is due also when TIME_NEXT has not moved for two periods
 */
#include "words.pml"

#ifndef CLOCK

mtype = { EXECUTING, PAUSED, COMPLETE, ERROR, GONE };

byte timeNext;                  /* QRTZ_APP, as a number of passes */
bool flight = true;             /* a fire of a node that is gone */
byte lost;                      /* LOST_COUNT */
mtype job = EXECUTING;          /* STATE of a job … */
mtype state = COMPLETE;         /* … and of its only execute, which has ended long ago … */
byte version, lastEnd = 1;
mtype bad = EXECUTING;          /* … and of another job's execute whose schedule does not parse */
byte badVersion;

/* What really happened. */
byte wonBy[4];
byte clientJob;                 /* what the client has done last: paused the job */

#ifdef NO_COMPARE
#define SAME_PASS(seen) true
#else
#define SAME_PASS(seen) (timeNext == seen)
#endif
#ifdef NO_FIRE
#define SAME_FIRE true
#else
#define SAME_FIRE flight
#endif
#ifdef NO_JOB
#define SAME_JOB(j) true
#else
#define SAME_JOB(j) (job == j)
#endif
#ifdef NO_SAME
#define SAME(v, e) (state != GONE)
#else
#define SAME(v, e) (state == COMPLETE && version == v && lastEnd == e)
#endif
#ifdef NO_FAULT
#define SAME_BAD(v) true
#else
#define SAME_BAD(v) (bad == EXECUTING && badVersion == v)
#endif

proctype Node(byte me) {
	byte seen, v, e;
	mtype j;
end:	do
	:: atomic { timeNext < 3 -> seen = timeNext };
		atomic {
			if
			:: SAME_PASS(seen) ->
				HOLDS(I7, wonBy[seen] == 0); /* each pass is won once */
				wonBy[seen] = me; timeNext = seen + 1
			:: else -> goto end
			fi
		};
		/* Take up a fire. */
		if
		:: flight ->
			STATEMENT { if :: SAME_FIRE -> flight = false; lost++; HOLDS(I2, lost == 1) :: else -> skip fi }
		:: else
		fi;
		/* Summarise the job. */
		atomic { j = job };
		if
		:: j == EXECUTING && (state == COMPLETE || state == GONE) ->
			STATEMENT { if :: SAME_JOB(j) && state != EXECUTING -> HOLDS(I5, job != PAUSED); job = COMPLETE :: else -> skip fi }
		:: else
		fi;
		/* Clear away what has ended. */
		atomic { v = version; e = lastEnd; j = state };
		if
		:: j == COMPLETE ->
			STATEMENT { if :: SAME(v, e) -> HOLDS(I5, state == COMPLETE && version == v); state = GONE :: else -> skip fi }
		:: else
		fi;
		/* Take what cannot be scheduled out of the schedule. */
		atomic { v = badVersion; j = bad };
		if
		:: j == EXECUTING && v == 0 ->
			STATEMENT { if :: SAME_BAD(v) -> HOLDS(I5, badVersion == v); bad = ERROR :: else -> skip fi }
		:: else
		fi;
		v = 0; e = 0; j = 0; seen = 0
	od
}

/* A client pauses the job, starts the ended execute anew, and mends the other. */
proctype Client() {
	bool paused, mended, anew;
end:	do
	:: atomic { !paused -> paused = true; job = PAUSED }
	:: atomic { !mended -> mended = true; badVersion++; bad = EXECUTING }
	:: atomic { !anew && state == COMPLETE -> anew = true; version++; state = EXECUTING;
		if :: job == COMPLETE -> job = EXECUTING :: else fi }
	:: atomic { state == EXECUTING -> state = COMPLETE; lastEnd++ } /* it has run once more */
	od
}

init {
	atomic { run Node(1); run Node(2); run Client() }
	timeout ->
	HOLDS(I2, lost == 1);
	HOLDS(I5, bad == EXECUTING && badVersion == 1) /* mended before or after it was found */
}

#else

#define PERIOD 1
#define END 10

byte time;                      /* monotonic */
byte db = 10, timeNext = 10;    /* the database's clock, TIME_NEXT */
byte seen, since, passed;       /* TIME_NEXT as last seen, since when, and when the last pass was */

init {
	bool jumped;
	do
	:: time < END -> time++;
		/* The clock goes on, stands still, or jumps once. */
		if
		:: db++
		:: skip
		:: !jumped -> jumped = true; if :: db = db + 8 :: db = db - 8 fi
		fi;
		/* A heartbeat: is a pass due? */
		if
		:: seen != timeNext -> seen = timeNext; since = time
		:: else
		fi;
		if
		:: db >= timeNext
#ifndef NO_STOOD
		:: time - since >= 2 * PERIOD
#endif
		:: timeNext > db + 2 * PERIOD
		:: else -> goto none
		fi;
		timeNext = (timeNext == db + PERIOD -> timeNext + 1 : db + PERIOD);
		passed = time;
none:		HOLDS(I6, time - passed <= 2 * PERIOD)
	:: time == END -> break
	od
}

#endif
