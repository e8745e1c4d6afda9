/*
 * What all models share.
 *
 * An invariant is asserted as HOLDS(I1, what must be true). The variables are
 * never set; they are there so that spin prints the name of what was violated.
 */
hidden byte I1; /* one fire, one claim */
hidden byte I2; /* nothing unaccounted */
hidden byte I3; /* who lost the lease touches nothing */
hidden byte I4; /* never back in time, never too early */
hidden byte I5; /* what is paused rests, what somebody wrote stays */
hidden byte I6; /* everything heals by itself */
hidden byte I7; /* one master, one pass, a list of who lives */
hidden byte PROMISE; /* what a policy or a call promises besides */

#define HOLDS(invariant, truth) assert((truth) || invariant)

/* DO(guarded statement) is one statement of SQL: nothing comes between. */
#define STATEMENT d_step

/* Bit n of a set of instants, nodes or attempts. */
#define BIT(n) (1 << (n))
#define HAS(set, n) (((set) >> (n)) & 1)
