// Package worker is a worker process for tests: a test binary that starts itself
// again, with handlers whose runs stand in the ledger.
//
//	func TestMain(m *testing.M) {
//		worker.MainIfAsked() // does not return in a worker process
//		goleak.VerifyTestMain(m)
//	}
//
// The test and its process talk in lines:
//
//	test ──{"config":…} in the environment──▶ process
//	     ◀──ready, with the keys of its nodes──
//	     ──stop──▶                                 drains, leaves
//	     ◀──stopped, with what is left behind──    exit code 0
//
// The process ends with the test whatever becomes of it: when its standard input
// ends, which the death of the test's process does too, and on Linux by a signal
// of the kernel's.
package worker
