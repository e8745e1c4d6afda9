// Bench measures the scheduler as its users run it: worker processes on a real
// server, counted where a completion is durable.
//
//	make bench
//	go run ./integration/bench [-scenario 'B1|B3'] [-db postgres,mariadb] [-runs 3] [-scale 1]
//
// Each scenario stands in a file of its own, with what it measures, at which
// settings, and its yardsticks:
//
//	B1  burn-down of 200,000 executes that are due        the bare statements, a narrow table, River
//	B2  N executes every second: share fired, lateness    gocron in process
//	B3  from an add on an idle system to its start        River, from insert to start
//	B4  B1 with 2, 4 and 8 worker processes               one
//	B5  the scan among many rows                          among 1,000
//	B6  2,000,000 fires of 1,000 executes                 its own beginning
//	B7  what a node does while there is nothing to do     one node
//	B8  B1 with metrics and traces, of few or all runs    B1 unseen
//
//	plans  every query with its indexes and its time among 1,000,000 executes
//
// Machines differ and are seldom idle, so only ratios count. A yardstick is
// measured in the same run as what it is compared with, the runs follow each other,
// and what is printed are medians over the runs, of the figures and of the ratios:
//
//	bench <scenario>[/<figure>] <database> <median> <unit> ratio=<median> yardstick=<name> yardstick_figure=<median> runs=<n> min=<…> max=<…>
//
// A figure with several yardsticks has a line for each; one without has
// yardstick=none, and a ratio to nothing is left out. scale=… ends the lines of a
// run that was shrunk by -scale, whose figures say little.
//
// River is of the newest version that builds with the Go version of this repository.
//
// The measuring and the measured share the machine. Processes talk in lines of
// JSON, and nothing is measured by asking the database while it is under load:
//
//	bench ──config in the environment──▶ worker process
//	      ◀──ready──  ──go──▶            registers, works
//	      ◀──counts, starts──            what its observer or its handlers saw
//	      ──stop──▶   ◀──end──           what it measured over its life
package main
