// Package oralint judges SQL as an Oracle server of release 12.2 or later would,
// where the emulation in package oracleh2 is more lenient than Oracle, or means
// something else by the same words.
//
// A [Rule] is a plain function over the tokens of one statement and its binds.
// Each carries the error that Oracle would answer with (or the surprise, where it
// would not complain), a bad example that it must catch and a good one that it
// must let pass. [Check] applies them all; what is allowed all the same stands in
// [Exceptions], each with its reason.
//
// The rules are no parser: they know the constructs that the other databases of
// the product accept, which is where such statements come from.
package oralint
