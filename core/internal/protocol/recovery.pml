/*
 * Recovery. One fire, which may be recovered once, passes from node to node: its
 * node is killed, removed while it still runs, stopped in good order, or told to
 * suspend it; a client pauses, resumes or deletes the execute meanwhile. What is
 * not over goes on in a child, which carries the number of the newest attempt,
 * the recoveries used, and the checkpoint.
 *
 * @run   faults  -DREMOVALS=1 -DSTOPS=1 -DKILLS=1  a node is removed, one stopped, one killed
 * @run   client  -DREMOVALS=1 -DSTOPS=1 -DKILLS=0 -DSUSPENDS=1 -DDELETES=1  a client suspends, resumes and deletes
 * @guard faults  NO_ATTEMPT      I1 the claim of a child names FIRE_ATTEMPT as read
 * @guard client  NO_ORIGIN       I5 the claim of a child names that its origin is EXECUTING or COMPLETE
 * @guard faults  NO_BOUND        PROMISE only so many recoveries
 * @guard faults  NO_FENCE        I3 the completion names node and attempt
 * @guard faults  NO_MARK         I3 the checkpoint names node and attempt
 * @guard faults  NO_TRANSACTION  I2 a fire leaves its row and comes to its child in one transaction
 * @guard client  NO_ORIGIN_LOCK  I5 a fire goes to a child only while its origin's row is there
 * @guard faults  NO_RETURN       PROMISE a fire is handed over once its handler has returned
 * @guard faults  NO_FORGET       I2 a complete execute is not cleared away while it has a child
 */
#include "words.pml"

#ifndef SUSPENDS
#define SUSPENDS 0
#endif
#ifndef DELETES
#define DELETES 0
#endif
#define RECOVER 1

/* The execute, with one instant that is due, and its child. */
mtype = { EXECUTING, PAUSED, COMPLETE, DELETED };
mtype = { NONE, RAN, LOST };
mtype state = EXECUTING, outcome = NONE;
#define ORIGIN 0
#define CHILD 1
typedef Row {
	bool exists;
	bool due;             /* NEXT_FIRE_TIME is set */
	bool flight;          /* FIRE_TIME is set */
	bool order;           /* CANCEL names the fire in flight: suspend it */
	byte node, attempt;   /* FIRE_NODE, FIRE_ATTEMPT */
	byte lost;            /* recoveries used */
	byte mark             /* CHECKPOINT: the attempt that wrote it */
};
Row row[2];
#define MAY_FIRE (state == EXECUTING || state == COMPLETE)

/* QRTZ_NODE: under each of two keys the id that is registered. */
byte reg[3], sequence;
#define LIVE(id) (reg[1] == (id) || reg[2] == (id))
byte removals = REMOVALS, stops = STOPS, kills = KILLS;

/* What really happened. */
byte claimed;             /* set of attempts */
byte taken;               /* set of attempts that were taken from their node */
byte runs[3];             /* the id under which a handler runs in the process of each key, 0 for none */
bool dead[3];             /* that process was killed */

#ifdef NO_FENCE
#define MINE(r, id, a) (row[r].flight)
#else
#define MINE(r, id, a) (row[r].flight && row[r].node == id && row[r].attempt == a)
#endif
#ifdef NO_MARK
#define MARKABLE(r, id, a) (row[r].exists)
#else
#define MARKABLE(r, id, a) (row[r].flight && row[r].node == id && row[r].attempt == a)
#endif

inline clear(r) {
	row[r].exists = false; row[r].due = false; row[r].flight = false; row[r].order = false;
	row[r].node = 0; row[r].attempt = 0; row[r].lost = 0; row[r].mark = 0
}

/* The fire on row r is not over. */
inline again(r, used) {
	if
	:: r == CHILD -> row[CHILD].due = true
	:: r == ORIGIN ->
		row[CHILD].exists = true; row[CHILD].due = true;
		row[CHILD].attempt = row[ORIGIN].attempt; row[CHILD].mark = row[ORIGIN].mark;
		if :: state == EXECUTING -> state = COMPLETE :: else -> skip fi /* no instant is left */
	fi;
	row[r].flight = false; row[r].order = false; row[r].node = 0;
	row[CHILD].lost = row[CHILD].lost + used
}

/* The fire on row r is over. */
inline over(r, how) {
	outcome = how;
	row[r].flight = false; row[r].order = false; row[r].node = 0;
	if :: r == CHILD -> clear(CHILD) :: else -> skip fi;
	if :: state == EXECUTING && !row[ORIGIN].due -> state = COMPLETE :: else -> skip fi
}

proctype Node(byte key) {
	byte id, r, a;
	bool allowed, wrongly, mine;

register:
	atomic { reg[key] == 0 -> sequence++; id = sequence; reg[key] = id; dead[key] = false; r = 0; a = 0; mine = false };
end:	do
	:: /* Scan, and claim the fire where it is. */
		atomic {
			if
			:: row[ORIGIN].due && !row[ORIGIN].flight && state == EXECUTING -> r = ORIGIN; a = 0
			:: row[CHILD].exists && row[CHILD].due && MAY_FIRE -> r = CHILD; a = row[CHILD].attempt
			fi
		};
		/* The claim begins. */
		STATEMENT {
			wrongly = (r == CHILD && !MAY_FIRE);
#ifdef NO_ORIGIN
			allowed = LIVE(id)
#else
			allowed = (LIVE(id) && !wrongly)
#endif
		};
		/* It takes effect. */
		STATEMENT {
#ifdef NO_ATTEMPT
			mine = (allowed && row[r].exists && row[r].due && !row[r].flight && (r == CHILD || state == EXECUTING));
#else
			mine = (allowed && row[r].exists && row[r].due && !row[r].flight && (r == CHILD || state == EXECUTING) && row[r].attempt == a);
#endif
			a++;
			if
			:: mine ->
				HOLDS(I5, !wrongly);
				HOLDS(I1, !HAS(claimed, a));
				HOLDS(PROMISE, a <= 1 + RECOVER + STOPS + SUSPENDS);
				claimed = claimed | BIT(a);
				row[r].due = false; row[r].flight = true; row[r].node = id; row[r].attempt = a
			:: else -> skip
			fi;
			allowed = false; wrongly = false
		};
		if
		:: mine && LIVE(id) -> goto start
		:: else -> a = 0; r = 0; mine = false
		fi
	:: reg[key] != id -> goto register /* said by a heartbeat */
	od;

start:	skip;
	STATEMENT {
		/* Two attempts never run on nodes that are both registered. */
		HOLDS(PROMISE, runs[3 - key] == 0 || !LIVE(runs[3 - key]) || !LIVE(id));
		runs[key] = id
	};
	if
	:: /* It writes a checkpoint. */
		atomic {
			if
			:: MARKABLE(r, id, a) -> HOLDS(I3, !HAS(taken, a)); row[r].mark = a
			:: else
			fi
		}
	:: skip
	fi;
	if
	:: /* The handler returns; its outcome is written. */
		runs[key] = 0;
		STATEMENT {
			if
			:: MINE(r, id, a) -> HOLDS(I3, !HAS(taken, a) && row[r].attempt == a); over(r, RAN)
			:: else -> skip
			fi;
			r = 0; a = 0; mine = false
		};
		goto end
	:: /* A client wants it suspended. */
		atomic { row[r].order && row[r].node == id && row[r].attempt == a -> runs[key] = 0 };
		STATEMENT {
			if :: MINE(r, id, a) -> again(r, 0) :: else -> skip fi;
			r = 0; a = 0; mine = false
		};
		goto end
	:: /* The node is stopped in good order: it hands the fire over, and leaves. */
		atomic { stops > 0 && reg[key] == id -> stops-- };
#ifndef NO_RETURN
		runs[key] = 0; /* the handler has returned */
#endif
#ifdef NO_TRANSACTION
		atomic { MINE(r, id, a) && r == ORIGIN -> row[r].flight = false; row[r].node = 0; state = COMPLETE };
		if
		:: atomic { row[CHILD].exists = true; row[CHILD].due = true; row[CHILD].attempt = a }
		:: skip /* it was killed in between */
		fi;
#else
		STATEMENT {
#ifdef NO_ORIGIN_LOCK
			if :: MINE(r, id, a) || state == DELETED -> again(r, 0) :: else -> skip fi
#else
			if :: MINE(r, id, a) -> again(r, 0) :: else -> skip fi
#endif
		};
#endif
		atomic { runs[key] = 0; if :: reg[key] == id -> reg[key] = 0 :: else fi };
		goto register
	:: /* The process is killed; another will start under its key. */
		atomic { kills > 0 && reg[key] == id -> kills--; runs[key] = 0; dead[key] = true };
		goto register
	fi
}

/* The ClusterMisfireHandler. */
inline takeUp(r) {
	atomic { row[r].flight && !LIVE(row[r].node) -> n = row[r].node; a = row[r].attempt; u = (r == CHILD -> row[CHILD].lost : 0) };
	STATEMENT {
		if
		:: row[r].flight && row[r].node == n && row[r].attempt == a ->
			taken = taken | BIT(a);
			if
#ifdef NO_BOUND
			:: true -> again(r, 1)
#else
			:: u < RECOVER -> again(r, 1)
			:: else -> over(r, LOST)
#endif
			fi
		:: else -> skip
		fi;
		n = 0; a = 0; u = 0
	}
}

proctype Handler() {
	byte n, a, u;
end:	do
	:: atomic { reg[1] != 0 && (dead[1] || removals > 0) -> if :: dead[1] :: else -> removals-- fi; reg[1] = 0 }
	:: atomic { reg[2] != 0 && (dead[2] || removals > 0) -> if :: dead[2] :: else -> removals-- fi; reg[2] = 0 }
	:: takeUp(ORIGIN)
	:: takeUp(CHILD)
	:: /* clears away what is complete */
		atomic { state == COMPLETE && !row[ORIGIN].flight ->
			if
#ifndef NO_FORGET
			:: row[CHILD].exists
#endif
			:: else -> HOLDS(I2, outcome != NONE); break
			fi
		}
	od
}

proctype Client() {
	byte suspends = SUSPENDS, deletes = DELETES;
end:	do
	:: atomic { suspends > 0 && MAY_FIRE -> suspends--; state = PAUSED;
		if :: row[ORIGIN].flight -> row[ORIGIN].order = true :: else fi;
		if :: row[CHILD].flight -> row[CHILD].order = true :: else fi }
	:: atomic { state == PAUSED -> state = EXECUTING }
	:: atomic { deletes > 0 && state != DELETED -> deletes--; state = DELETED; clear(ORIGIN); clear(CHILD) }
	od
}

init {
	atomic {
		row[ORIGIN].exists = true; row[ORIGIN].due = true;
		run Node(1); run Node(2); run Handler();
		if :: SUSPENDS + DELETES > 0 -> run Client() :: else fi
	}
	timeout ->
	HOLDS(I2, !row[ORIGIN].flight && !row[CHILD].flight);
	HOLDS(I2, state == DELETED || outcome != NONE);
	HOLDS(I5, state != DELETED || !row[CHILD].exists);
	HOLDS(I6, !row[CHILD].exists)
}
