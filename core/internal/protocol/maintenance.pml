/*
 * Maintenance. A client puts the application into maintenance and waits until
 * every live node has confirmed that it is idle; from then until the end of the
 * maintenance nothing may run. A node claims in one loop and sends heartbeats,
 * which carry its confirmation, in another.
 *
 * @run   idle
 * @guard idle NO_CLAIM    I5      the claim names MAINTENANCE
 * @guard idle NO_SLOTS    PROMISE a node that runs something is not idle
 * @guard idle NO_UNDERWAY PROMISE nor is one with a claim under way or in doubt
 * @guard idle NO_VERSION  PROMISE what is confirmed is the VERSION with which the maintenance began
 */
#include "words.pml"

/* QRTZ_APP and the node's row. */
bool maintenance;
byte version, seen;      /* VERSION; APP_SEEN */

/* The node. */
bool quiet;              /* as its last heartbeat read */
bool underway, running;  /* a claim that was sent and not settled; a slot in use */
byte fires = 3;          /* what there is to claim */

bool confirmed;          /* what the client was told */

proctype Claims() {
	bool allowed, begunInside;
end:	do
	:: atomic { !quiet && fires > 0 && !running -> underway = true };
		/* The claim begins. */
		STATEMENT {
			begunInside = maintenance;
#ifdef NO_CLAIM
			allowed = true
#else
			allowed = !maintenance
#endif
		};
		/* It takes effect, and its fire starts. */
		atomic {
			if
			:: allowed -> HOLDS(I5, !begunInside); HOLDS(PROMISE, !confirmed); fires--; running = true
			:: else
			fi;
			underway = false; allowed = false; begunInside = false
		};
		running = false
	od
}

#ifdef NO_UNDERWAY
#define SETTLED true
#else
#define SETTLED (!underway)
#endif
#ifdef NO_SLOTS
#define UNUSED true
#else
#define UNUSED (!running)
#endif

proctype Heartbeats() {
	byte v;
	bool idle;
	do
	:: atomic { quiet = maintenance; v = version };   /* it reads the application … */
		idle = (quiet && SETTLED && UNUSED);      /* … and looks whether it is idle */
		if
		:: idle -> seen = v /* the next heartbeat says so */
		:: else
		fi;
		idle = false; v = 0
	od
}

#ifdef NO_VERSION
#define CONFIRMED(v) (seen != 0)
#else
#define CONFIRMED(v) (seen >= v)
#endif

proctype Client() {
	byte rounds = 2, v;
end:	do
	:: atomic { rounds > 0 -> rounds--; maintenance = true; version++; v = version };
		atomic { CONFIRMED(v) -> confirmed = true; HOLDS(PROMISE, !running) };
		atomic { confirmed = false; maintenance = false; version++ }
	od
}

init { atomic { run Claims(); run Heartbeats(); run Client() } }
