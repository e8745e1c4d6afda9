// Package lab runs nodes in the test's own process, on a place of testdb, and
// keeps an account of everything they ran.
//
//	test ──client──────────────┐
//	     ──Start──▶ node ─Pool─┼─▶ database
//	     ──Start──▶ node ─Pool─┘
//	                  └─runs──▶ Ledger
//
// Each node has connections of its own behind a [Pool], which can fail, delay or
// falsify single statements: the test names what a statement does ([Claim],
// [Complete], [Beat] and so on) and what happens to it.
//
// When the test ends, its nodes are stopped and the ledger is checked: no fire
// ran twice, and none before its time on the database's clock.
package lab
