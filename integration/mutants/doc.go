// Mutants takes every guard of the code out, one at a time, and runs the quickest
// tests that must notice.
//
//	go run ./integration/mutants [-run name] [-list]
//
// A mutant is an edit of the sources that the compiler is given in place of the
// file, by its -overlay: the working tree stays as it is. For each there is a line:
//
//	mutant claim/postgres: VERSION     killed by TestARunSeesTheLastEdit
//	mutant claim/postgres: something   SURVIVED
//
// It fails where one survives, does not build, or has nothing to edit any more, and
// where the tests fail without any mutant.
package main
