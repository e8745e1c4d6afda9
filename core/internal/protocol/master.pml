/*
 * The master. Handlers elect one of two nodes, again and again, while both try to
 * claim the instants of a master-only execute. A tenure is known by its epoch.
 *
 * What holds: whoever claims was master when its claim began, in the tenure in
 * which it decided to claim; each epoch has one master; no fire is claimed twice.
 * What does not: a claim that began before a change of master may still take
 * effect just after it, because a sub-select sees the rows as they were when the
 * statement began. Its fire belongs to the old tenure. A share lock on the
 * application's row, taken by such claims alone, closes even that.
 *
 * The claim names MASTER besides the epoch, which is no guard of its own: whoever
 * knows the epoch as its own was the one master in it.
 *
 * @run   tenures
 * @guard tenures NO_EPOCH      I7 the claim names MASTER_EPOCH
 * @guard tenures NO_ELECTION   I7 an election names MASTER and MASTER_EPOCH as read
 * @limit tenures STRICT   PROMISE no claim of the old tenure takes effect after the change
 * @run   locked  -DLOCKED        claims of master-only executes share-lock the application's row
 * @run   strict  -DLOCKED -DSTRICT with that, not even claims that had begun
 */
#include "words.pml"

#define LAST 2
#define ELECTIONS 3

/* QRTZ_APP. */
byte master, epoch;
byte sharers;       /* how many claims hold a share lock on it, with LOCKED */

/* The execute. */
byte next = 1, fire, fireNode;
byte claimed, ended; /* sets of instants */

byte elections = ELECTIONS;
byte masterOf[ELECTIONS + 1]; /* what really happened: who was master in each epoch */

#ifdef NO_EPOCH
#define SAME_EPOCH(e) true
#else
#define SAME_EPOCH(e) (epoch == e)
#endif

proctype Node(byte me) {
	byte nominal, known;
	bool allowed, rightful;
end:	do
	:: /* It has heard from its heartbeat that it is master, and scans. */
		atomic { master == me && fire == 0 && next != 0 -> known = epoch; nominal = next };
		/* The claim begins. */
		STATEMENT {
			rightful = (master == me && epoch == known);
			allowed = (master == me && SAME_EPOCH(known));
#ifdef LOCKED
			if :: allowed -> sharers++ :: else -> skip fi
#endif
		};
		/* It takes effect. */
		STATEMENT {
			if
			:: allowed && fire == 0 && next == nominal ->
				HOLDS(I7, rightful && masterOf[known] == me);
				HOLDS(I1, !HAS(claimed, nominal));
#ifdef STRICT
				HOLDS(PROMISE, master == me && epoch == known);
#endif
				claimed = claimed | BIT(nominal); fire = nominal; fireNode = me; next = (next == LAST -> 0 : next + 1)
			:: else -> nominal = 0
			fi;
#ifdef LOCKED
			if :: allowed -> sharers-- :: else -> skip fi;
#endif
			allowed = false; rightful = false; known = 0
		};
		if
		:: nominal != 0 && fire == nominal && fireNode == me -> STATEMENT { ended = ended | BIT(nominal); fire = 0; fireNode = 0 }
		:: else
		fi;
		nominal = 0
	od
}

/* Two handlers may be at it at the same time. */
proctype Handler() {
	byte m, e, to;
end:	do
	:: atomic { elections > 0 -> m = master; e = epoch };
		if :: to = 1 :: to = 2 fi;
		atomic {
			sharers == 0 ->
			if
#ifdef NO_ELECTION
			:: elections > 0 && to != m ->
#else
			:: elections > 0 && to != m && master == m && epoch == e ->
#endif
				elections--; master = to; epoch = e + 1;
				HOLDS(I7, masterOf[epoch] == 0);
				masterOf[epoch] = to
			:: else
			fi;
			m = 0; e = 0; to = 0
		}
	od
}

init {
	atomic { run Node(1); run Node(2); run Handler(); run Handler() }
	timeout ->
	HOLDS(I2, fire == 0 && ended == claimed && next == 0)
}
