/*
 * The lease. A node renews its registration by heartbeats, which may take long
 * in either direction; an observer, another node's ClusterMisfireHandler, looks
 * now and then and removes it once it must be dead. Either may sleep at any
 * moment. The node must have given up by its own clock before it is removed.
 *
 * Time counts in ticks. Three clocks show it: the node's own, which measures
 * durations well, the observer's and the database's, one of which may jump. The
 * margin by which a node gives up earlier makes up for clocks that do not run at
 * the same pace, which is left out here.
 *
 * @run   clocks
 * @guard clocks  NO_SENT      I3 the lease counts from when the heartbeat was sent, not answered
 * @guard clocks  NO_SELF_STOP I3 the node gives up by its own clock
 * @guard clocks  NO_BEAT      I3 the removal names the BEAT by which the node was judged
 * @guard clocks  NO_WATCH     I3 BEAT must have stood still for the lease on the observer's clock
 * @guard clocks  NO_CHECK     I3 TIME_CHECK must be further than the lease from the database's clock
 * @guard clocks  NO_NODE_ID   I3 the heartbeat names the node id
 */
#include "words.pml"

#define LEASE 2 /* after so many ticks others may take over */
#define END 6   /* when the model ends */
#define JUMP 3  /* by so much a clock may jump */
#define MAX(a, b) ((a) > (b) -> (a) : (b))

byte time;                  /* as the node's own clock shows it */
byte ahead_db, ahead_obs;   /* by how much the other clocks are ahead of it … */
byte behind_db;             /* … or behind */
bool jumped;
#define DB (10 + time + ahead_db - behind_db)
#define OBS (time + ahead_obs)
#define FAR(a, b) ((a) > (b) -> (a) - (b) : (b) - (a))

/* The node's row. Id 1 is the node's registration, 2 that of a process that has
   come to the same key after it; 0 is none. */
byte id = 1, beat, check = 10; /* NODE_ID, BEAT, TIME_CHECK */

byte deadline = LEASE; /* until when the node may act, on its own clock */
#ifdef NO_SELF_STOP
#define VALID true
#else
#define VALID (time < deadline)
#endif

proctype Node() {
	byte sent = END; /* when it sent the last heartbeat: one a tick */
	bool stands;
	do
	:: atomic { VALID && time < END && sent != time -> sent = time };
		/* The heartbeat takes effect, however much later. */
		STATEMENT {
			if
#ifdef NO_NODE_ID
			:: id != 0 ->
#else
			:: id == 1 ->
#endif
				HOLDS(I3, id == 1);
				beat++; check = DB; stands = true
			:: else -> stands = false
			fi
		};
		/* It is answered, however much later. A lease that is over does not come back. */
		atomic {
			if
			:: stands && VALID ->
#ifdef NO_SENT
				deadline = MAX(deadline, time + LEASE)
#else
				deadline = MAX(deadline, sent + LEASE)
#endif
			:: else -> break
			fi;
			stands = false
		}
	:: !VALID || time == END -> break
	od
}

#ifdef NO_WATCH
#define STOOD_STILL true
#else
#define STOOD_STILL (FAR(OBS, since) >= LEASE)
#endif
#ifdef NO_CHECK
#define OUT_OF_DATE true
#else
#define OUT_OF_DATE (age > LEASE)
#endif
#ifdef NO_BEAT
#define SAME_BEAT true
#else
#define SAME_BEAT (beat == beatRead)
#endif
proctype Observer() {
	byte beatSeen = 255, since, beatRead, age;
	do
	:: /* It looks, and remembers since when BEAT has not moved. */
		atomic { id == 1 && time < END ->
			STATEMENT {
				beatRead = beat; age = FAR(DB, check);
				if :: beatSeen != beatRead -> beatSeen = beatRead; since = OBS :: else -> skip fi
			}
		};
		/* It judges by what it saw, and removes, however much later. */
		if
		:: STOOD_STILL && OUT_OF_DATE ->
			atomic {
				if
				:: id == 1 && SAME_BEAT ->
					HOLDS(I3, !VALID);
					id = 0
				:: else
				fi
			}
		:: else
		fi;
		age = 0; beatRead = 0
	:: time == END || id != 1 -> break
	od
}

/* Another process that comes to the same key. */
proctype Successor() {
end:	atomic { id == 0 -> id = 2 }
}

proctype Clocks() {
	do
	:: time < END -> time++
	:: atomic { !jumped -> jumped = true;
		if
		:: ahead_db = JUMP
		:: behind_db = JUMP
		:: ahead_obs = JUMP
		fi }
	:: time == END -> break
	od
}

init {
	atomic { run Node(); run Observer(); run Successor(); run Clocks() }
}
