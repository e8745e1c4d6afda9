// Package proxy stands between one node and its database and does to their
// connections what a network does.
//
//	node ──▶ proxy ──▶ database        requests: up
//	     ◀──       ◀──                 replies:  down
//
//	Cut      nothing passes, in either direction; connections stay open
//	Deafen   requests pass, replies do not: half open
//	Mute     replies pass, requests do not
//	Slow     each direction takes so much longer
//	Refuse   whoever connects is turned away, and who is connected cut off
//	Heal     all that ends
//
// What is held by Cut, Deafen and Mute is kept and passed on by Heal, as TCP
// sends again what was not acknowledged. So a statement of a node that has given
// up on it long ago still reaches the database: that is what a network does too.
// And it is carried out: PostgreSQL's requests to cancel, which a driver sends on
// another connection, never arrive. Were one faster than its statement once, a test
// would not see what it is about.
//
// A [Rule] picks single statements. The proxy reads as much of the protocols of
// PostgreSQL and MySQL as it takes to know a statement's text and the
// transaction it is in, also where it was prepared before. It can lose the reply
// of one that it passed on, so that its outcome is unknown, or deliver it late,
// to a connection that the node has lost already.
package proxy
