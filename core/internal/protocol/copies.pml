/*
 * Run on all. An execute that runs on all nodes fires at the instants 1 and 2. Its
 * copies, one for each live node, are kept by two handlers whose passes may mix,
 * while nodes join and one is removed. Each node runs every instant that
 * came since it joined, once.
 *
 * @run   nodes
 * @guard nodes   NO_KEY       I1 CHILD_KEY: there is one copy for a node
 * @guard nodes   NO_SAME      I4 adding copies names NEXT_FIRE_TIME of the execute as read
 * @guard nodes   NO_TOGETHER  I2 the execute moves on only together with the copies that are missing
 * @guard nodes   NO_AS_OF     I2 … and only past what was due when the pass read who lives
 * @guard nodes   NO_IDLE      I2 a copy is deleted only with nothing in flight
 * @guard nodes   NO_GONE      I2 … and when its node is not registered, as the deletion itself sees
 */
#include "words.pml"

#define LAST 2
#define NODES 2

byte now;
byte next = 1;                       /* of the execute: the first instant its copies do not know of */
typedef Copy { bool exists; byte next, flight };
Copy copy[NODES + 1];

bool live[NODES + 1];
byte since[NODES + 1];               /* TIME_START */
byte removals = 1;

byte claimed[NODES + 1], ended[NODES + 1], lost; /* what really happened: sets of instants */

#define AFTER(t) ((t) == LAST -> 0 : (t) + 1)
/* The first instant for a copy, where the execute stands at o. */
#define FIRST_FOR(o, t) ((o) == 0 || (o) >= (t) -> (o) : ((t) > LAST -> 0 : (t)))
#define STRAY(n) (live[n] != copy[n].exists)

proctype Node(byte n) {
	byte c;
	bool allowed;
	atomic { live[n] = true; since[n] = now };
end:	do
	:: atomic { copy[n].exists && copy[n].next != 0 && copy[n].next <= now && copy[n].flight == 0 -> c = copy[n].next };
		allowed = live[n];
		STATEMENT {
			if
			:: allowed && copy[n].exists && copy[n].next == c && copy[n].flight == 0 ->
				HOLDS(I1, !HAS(claimed[n], c));
				claimed[n] = claimed[n] | BIT(c);
				copy[n].flight = c; copy[n].next = AFTER(c)
			:: else -> c = 0
			fi;
			allowed = false
		};
		STATEMENT {
			if
			:: c != 0 && copy[n].flight == c -> copy[n].flight = 0; ended[n] = ended[n] | BIT(c)
			:: else -> skip
			fi;
			c = 0
		}
	:: atomic { !live[n] && copy[n].flight != 0 -> lost = lost | BIT(copy[n].flight); copy[n].flight = 0 } /* the sweep */
	od
}

#ifdef NO_IDLE
#define IDLE(n) true
#else
#define IDLE(n) (copy[n].flight == 0)
#endif
#ifdef NO_GONE
#define GONE(n) true
#else
#define GONE(n) (!live[n])
#endif
#ifdef NO_KEY
#define TAKEN(n) false
#else
#define TAKEN(n) copy[n].exists
#endif
#ifdef NO_SAME
#define SAME(o) true
#else
#define SAME(o) (next == o)
#endif

inline evict(n) {
	STATEMENT {
		if
		:: !HAS(seen, n) && HAS(copies, n) && copy[n].exists && IDLE(n) && GONE(n) ->
			HOLDS(I2, copy[n].flight == 0);
			HOLDS(I2, !live[n]);
			copy[n].exists = false; copy[n].next = 0; copy[n].flight = 0
		:: else -> skip
		fi
	}
}

inline add(n) {
	if
	:: HAS(seen, n) && !HAS(copies, n) && !TAKEN(n) -> copy[n].exists = true; copy[n].next = FIRST_FOR(o, since[n])
	:: else -> skip
	fi
}

#ifdef NO_AS_OF
#define AS_OF now
#else
#define AS_OF at
#endif

proctype Handler() {
	byte seen, copies, o, n, at;
end:	do
	:: /* A pass reads who lives, … */
		atomic {
			STRAY(1) || STRAY(2) || next != 0 && next <= now ->
			STATEMENT { seen = (live[1] << 1) | (live[2] << 2); at = now }
		};
		/* … which copies there are, and where the execute stands; */
		STATEMENT { o = next; copies = (copy[1].exists << 1) | (copy[2].exists << 2) };
		/* removes the copies of nodes that are gone, */
		evict(1); evict(2);
		/* and adds those that are missing, moving the execute on. */
		STATEMENT {
			if
			:: SAME(o) ->
#ifndef NO_TOGETHER
				add(1); add(2);
#endif
				if
				:: o != 0 && o <= AS_OF && seen != 0 ->
					n = (AS_OF >= LAST -> 0 : AS_OF + 1);
					HOLDS(I4, next != 0 && (n == 0 || n > next));
					next = n
				:: else -> skip
				fi
			:: else -> skip
			fi
		};
#ifdef NO_TOGETHER
		STATEMENT { if :: next != 0 -> o = next; add(1); add(2) :: else -> skip fi };
#endif
		seen = 0; copies = 0; o = 0; n = 0; at = 0
	od
}

proctype Clock() {
end:	do
	:: now < LAST -> now++
	:: atomic { live[2] && removals > 0 -> removals--; live[2] = false } /* the second node is removed */
	od
}

#define DUE(t) ((t) == 0 -> BIT(1) | BIT(2) : ((t) == 1 -> BIT(2) : 0)) /* instants after t */
#define DONE(n) (!live[n] || (ended[n] & DUE(since[n])) == DUE(since[n]))

init {
	atomic { run Node(1); run Node(2); run Handler(); run Handler(); run Clock() }
	timeout ->
	HOLDS(I7, !STRAY(1) && !STRAY(2));
	HOLDS(I2, copy[1].flight == 0 && copy[2].flight == 0);
	HOLDS(I2, DONE(1) && DONE(2))
}
