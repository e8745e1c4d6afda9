/*
 * Fencing. Two nodes compete for the instants of one execute; the handler may
 * remove either of them at any time, which stands for any pause of a node that
 * is longer than its lease (when it may do so is the matter of lease.pml). The
 * node does not know: its claims, heartbeats and completions go on as if
 * nothing had happened until a heartbeat touches no row; then it registers
 * again, while what it has sent may still be on its way. Fires of nodes that
 * are gone are recorded as LOST.
 *
 * @run   removal                    both nodes are removed, or one of them twice
 * @guard removal NO_LIVE       I3 the claim names the node's live registration
 * @guard removal NO_SWEEP      I2 every pass looks for fires of nodes that are gone, not the removal alone
 * @guard removal NO_FENCE      I3 the completion names the node and the fire
 * @guard removal NO_NEW_ID     I3 a node that registers again does so under a new id
 * @guard removal NO_LOSE_LIVE  I2 taking up a fire names that its node is not registered
 * @guard removal NO_LOSE_FIRE  I2 taking up a fire names the fire as read
 * @guard removal NO_BEAT_ID    I3 the heartbeat names the node id
 */
#include "words.pml"

#define LAST 2 /* the last instant */

/* The row of the execute. */
byte next = 1, fire, fireNode;
bool complete;
byte ended, lost; /* sets of instants: recorded as run, as LOST */

/* QRTZ_NODE: under each of the two keys the id that is registered, 0 for none. */
byte row[3];
byte sequence;    /* NODE_SEQ of the application: the newest node id */
#define LIVE(id) (row[1] == (id) || row[2] == (id))
byte removals = 2;

/* A claim on its way. */
typedef Claim { byte id, nominal, term; bool sent, answered, took };
Claim claim[3];

/* What really happened. */
byte claimed;     /* set of instants */
byte taken;       /* set of instants that were taken from their node */
byte term[3];     /* how often the key's registration was removed */

/* A session of the database, at work for one key. */
proctype Session(byte key) {
	bool allowed, gone;
end:	do
	:: claim[key].sent && !claim[key].answered ->
		/* The claim begins: other rows it sees as they are now, to its end. */
		STATEMENT {
			gone = (claim[key].term != term[key]);
#ifdef NO_LIVE
			allowed = true
#else
			allowed = LIVE(claim[key].id)
#endif
		};
		/* It takes effect, however much later. */
		STATEMENT {
			if
			:: allowed && fire == 0 && next == claim[key].nominal ->
				HOLDS(I3, !gone);
				HOLDS(I1, !HAS(claimed, next));
				claimed = claimed | BIT(next); claim[key].took = true;
				fire = next; fireNode = claim[key].id; next = (next == LAST -> 0 : next + 1)
			:: else -> skip
			fi;
			claim[key].answered = true; allowed = false; gone = false
		}
	od
}

proctype Node(byte key) {
	byte id, nominal, mine; /* its registration; the fire it runs; the term it knows of */

register: /* under an id of its own */
	atomic {
		row[key] == 0 ->
		STATEMENT {
			nominal = 0; mine = term[key];
#ifdef NO_NEW_ID
			if :: id == 0 -> sequence++; id = sequence :: else -> skip fi;
#else
			sequence++; id = sequence;
#endif
			row[key] = id
		}
	};
end:	do
	:: /* Scan and claim. */
		atomic { fire == 0 && next != 0 && (!claim[key].sent || claim[key].answered) ->
			nominal = next; claim[key].answered = false; claim[key].took = false;
			claim[key].id = id; claim[key].nominal = next; claim[key].term = mine; claim[key].sent = true };
		if
		:: atomic { claim[key].answered -> nominal = (claim[key].took -> nominal : 0);
			claim[key].sent = false; claim[key].answered = false; claim[key].took = false }
		:: mine != term[key] -> goto out
		fi;
		if
		:: nominal != 0 -> /* It has run, and is completed, by a node that may be gone by now. */
			STATEMENT {
				if
#ifdef NO_FENCE
				:: fire != 0 ->
#else
				:: fire == nominal && fireNode == id ->
#endif
					HOLDS(I3, fire == nominal && !HAS(taken, nominal));
					ended = ended | BIT(fire); fire = 0; fireNode = 0; complete = (next == 0)
				:: else -> skip
				fi;
				nominal = 0
			}
		:: else
		fi
	:: mine != term[key] -> goto out
	od;

out:	/* A heartbeat of a registration that is gone must touch no row. */
#ifdef NO_BEAT_ID
	HOLDS(I3, row[key] == 0);
#else
	HOLDS(I3, row[key] != id);
#endif
	goto register
}

/* Another process that starts under a key that has become free. It claims nothing here. */
proctype Successor() {
	byte id;
end:	atomic { row[1] == 0 && term[1] > 0 -> sequence++; id = sequence; row[1] = id };
	atomic { if :: row[1] == id -> row[1] = 0 :: else fi }
}

/* The ClusterMisfireHandler removes nodes … */
inline remove(key, id) {
	STATEMENT { removals--; term[key]++; id = row[key]; row[key] = 0 }
}

/* … and takes up fires of nodes that are gone. */
#ifdef NO_LOSE_FIRE
#define SAME_FIRE(f, id) (fire != 0)
#else
#define SAME_FIRE(f, id) (fire == f && fireNode == id)
#endif
#ifdef NO_LOSE_LIVE
#define GONE(id) true
#else
#define GONE(id) (!LIVE(id))
#endif
inline lose(f, id) {
	STATEMENT {
		if
		:: f != 0 && SAME_FIRE(f, id) && GONE(id) ->
			HOLDS(I2, !LIVE(fireNode)); /* a live node's fire is its own */
			lost = lost | BIT(fire); taken = taken | BIT(fire);
			fire = 0; fireNode = 0; complete = (next == 0)
		:: else -> skip
		fi
	}
}

proctype Handler() {
	byte id, f, live1, live2;
end:	do
	:: atomic { removals > 0 && row[1] != 0 -> remove(1, id) }
#ifdef NO_SWEEP
		lose(fire, id)
#endif
	:: atomic { removals > 0 && row[2] != 0 -> remove(2, id) }
#ifdef NO_SWEEP
		lose(fire, id)
#else
	:: /* The sweep reads who is registered, then the fires in flight, and takes up
	      what belongs to nobody of those. */
		atomic { fire != 0 && !LIVE(fireNode) || row[1] == 0 || row[2] == 0 -> live1 = row[1]; live2 = row[2] };
		atomic { f = fire; id = fireNode };
		if
		:: id != live1 && id != live2 -> lose(f, id)
		:: else
		fi;
		live1 = 0; live2 = 0; f = 0; id = 0
#endif
	od
}

init {
	atomic { run Session(1); run Session(2); run Node(1); run Node(2); run Successor(); run Handler() }
	timeout ->
	HOLDS(I2, fire == 0);                 /* nothing is left in flight */
	HOLDS(I2, (ended & lost) == 0);       /* and each instant is accounted for once */
	HOLDS(I2, (ended | lost) == (BIT(1) | BIT(2)));
	HOLDS(I6, complete)
}
