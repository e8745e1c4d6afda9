/*
 * Overlap. An execute whose fires may overlap, two at a time, fires at the
 * instants 1, 2 and 3; whoever finds the next instant due while a fire is in
 * flight spills that fire into a child, where it goes on under the node that runs
 * it. Its completion, the orders of clients and the read-back of a claim without
 * an answer must find it wherever it is.
 *
 * @run   spill
 * @guard spill   NO_SPILL_SAME    I2      spilling names the fire as read
 * @guard spill   NO_SPILL_ORDER   PROMISE spilling takes CANCEL along
 * @guard spill   NO_MAX           PROMISE spilling keeps to OVERLAP_MAX
 * @guard spill   NO_CHILD         I2      a completion looks into the child, too
 * @guard spill   NO_ROW_FIRST     I2      … and there last
 * @guard spill   NO_ORDER_CHILD   PROMISE a node looks for orders in the child, too
 * @guard spill   NO_BACK_CHILD    I2      a read-back looks into the child, too
 */
#include "words.pml"

#define LAST 3
#define MAX 2

/* The execute and its children, by the instant that they carry; FIRE_TIME of the
   execute is in flight. A child is there as long as its fire. */
byte next = 1, flight, node;
bool order;                 /* CANCEL asks for the end of the fire */
typedef Child { bool exists, order; byte node };
Child child[LAST + 1];      /* CHILD_KEY makes each at most once */
#define CHILDREN (child[1].exists + child[2].exists + child[3].exists)

byte losses = 1, orders = 1;

/* What really happened: sets of instants. */
byte claimed, started, ended, ordered;

/* What a node sees of orders: one look at row and child alike. */
#ifdef NO_ORDER_CHILD
#define ORDERED(me, n) (flight == n && node == me && order)
#else
#define ORDERED(me, n) ((flight == n && node == me && order) || (child[n].exists && child[n].node == me && child[n].order))
#endif

/* A fire runs on a node. */
proctype Fire(byte me, n) {
	bool found, stubborn; /* stubborn: it ends by order only */
	atomic {
		HOLDS(I1, !HAS(started, n));
		started = started | BIT(n);
		if :: stubborn = true :: stubborn = false fi
	};
end:	if
	:: !stubborn
	:: ORDERED(me, n)
	fi;
	/* It is completed: on the row, and if it is not there, in the child. */
#ifdef NO_ROW_FIRST
	STATEMENT {
		if
		:: child[n].exists && child[n].node == me -> child[n].exists = false; child[n].node = 0; child[n].order = false; found = true
		:: else -> skip
		fi
	};
#endif
	STATEMENT {
		if
		:: !found && flight == n && node == me -> flight = 0; node = 0; order = false; found = true
		:: else -> skip
		fi
	};
#ifndef NO_ROW_FIRST
#ifndef NO_CHILD
	STATEMENT {
		if
		:: !found && child[n].exists && child[n].node == me -> child[n].exists = false; child[n].node = 0; child[n].order = false
		:: else -> skip
		fi
	};
#endif
#endif
	ended = ended | BIT(n)
}

#ifdef NO_SPILL_SAME
#define SAME(n, m) (flight != 0)
#else
#define SAME(n, m) (flight == n && node == m)
#endif
#ifdef NO_MAX
#define ROOM true
#else
#define ROOM (CHILDREN + 1 < MAX)
#endif

proctype Node(byte me) {
	byte n, m;
	bool mine;
end:	do
	:: /* The next instant is due, and a fire in flight. */
		atomic { next != 0 && flight != 0 && ROOM -> n = flight; m = node };
		atomic {
			if
			:: SAME(n, m) && ROOM && !child[n].exists ->
				child[n].exists = true; child[n].node = m;
#ifndef NO_SPILL_ORDER
				child[n].order = order;
#endif
				flight = 0; node = 0; order = false
			:: else
			fi;
			n = 0; m = 0
		}
	:: /* It is due, and none is in flight. */
		atomic { next != 0 && flight == 0 -> n = next };
		STATEMENT {
			mine = (next == n && flight == 0);
			if
			:: mine ->
				HOLDS(I1, !HAS(claimed, n));
				HOLDS(PROMISE, CHILDREN < MAX);
				claimed = claimed | BIT(n);
				flight = n; node = me; next = (n == LAST -> 0 : n + 1)
			:: else -> skip
			fi
		};
		if
		:: skip
		:: atomic { losses > 0 -> losses--; mine = false }; /* no answer: read back the row, and then the child */
			mine = (flight == n && node == me);
#ifndef NO_BACK_CHILD
			mine = (mine || child[n].exists && child[n].node == me)
#endif
		fi;
		atomic {
			if
			:: mine -> run Fire(me, n)
			:: else
			fi;
			n = 0; mine = false
		}
	od
}

proctype Client() {
end:	do
	:: atomic { orders > 0 && flight != 0 -> orders--; order = true; ordered = ordered | BIT(flight) }
	:: atomic { orders > 0 && child[1].exists -> orders--; child[1].order = true; ordered = ordered | BIT(1) }
	:: atomic { orders > 0 && child[2].exists -> orders--; child[2].order = true; ordered = ordered | BIT(2) }
	od
}

init {
	atomic { run Node(1); run Node(2); run Client() }
	timeout ->
	HOLDS(I2, started == claimed);
	/* What has ended is recorded, and what is recorded has ended. */
	HOLDS(I2, flight == 0 || !HAS(ended, flight));
	HOLDS(I2, !(child[1].exists && HAS(ended, 1)) && !(child[2].exists && HAS(ended, 2)) && !(child[3].exists && HAS(ended, 3)));
	HOLDS(I2, CHILDREN + (flight != 0 -> 1 : 0) + HAS(ended, 1) + HAS(ended, 2) + HAS(ended, 3) ==
		HAS(claimed, 1) + HAS(claimed, 2) + HAS(claimed, 3));
	HOLDS(PROMISE, (ordered & ended) == ordered)
}
