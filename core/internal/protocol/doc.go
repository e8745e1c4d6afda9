// Package protocol says how nodes, the ClusterMisfireHandler and clients work on
// the same four tables without a coordinator, and holds the models that this was
// checked with. There is no code here.
//
// # The rules
//
// There are no locks that last. Whoever wants to change a row reads it, decides,
// and writes with an UPDATE that names what it read; 0 rows mean that somebody was
// faster, and that nothing happened. What concerns two rows is one short
// transaction, which locks an execute before its children.
//
// A database shows a statement its own row as it is when the statement gets to it,
// but other rows, in a sub-select, as they were when the statement began. So each
// guard on another row (the node's registration, the states of app, job and
// origin, the master's epoch, the children) holds for what begins after a change,
// while a claim that had begun may still land after it. Nothing relies on its not
// landing:
//
//   - a claim of a node that has been removed is found by the standing sweep;
//   - what must not happen beside a claim changes the row that is claimed as well:
//     a run-now adds 1 to the VERSION of an execute of which only so many fires run
//     at a time, and taking a fire off an execute needs a claim before it, which
//     moved NEXT_FIRE_TIME;
//   - a node confirms maintenance only once no claim of its own is under way;
//   - that a claim of the old master may land just after a change of master is the
//     one thing left: its fire belongs to the old tenure, and is nobody else's.
//
// A call that is not answered has happened, has not, or will. A claim therefore
// names the latest time of the database at which it may take effect, and what
// became of it is asked on the row and in the child that the fire may have gone to
// meanwhile. Yes is an answer at any time; no, after that time, of a row that nobody
// has locked, as whoever has may still be deciding.
//
// A fire moves from its execute to a child and never back. Who looks for it (its
// completion, its checkpoint, an order to stop it) looks at the execute first.
//
// # A node
//
// Seen from QRTZ_NODE: a row with NODE_ID is a live node; one without keeps an
// operator's pause of the key.
//
//	          register                  removed, or left
//	 absent ------------>  live  -------------------------> absent
//	                       |  ^
//	      removed or left, |  | register, under a new id
//	      paused           v  |
//	                       kept
//
//	node absent -> live    engine   it registers
//	node live -> absent    engine   it leaves, or its lease is over
//	node live -> kept      engine   the same while an operator has paused it
//	node kept -> live      engine   somebody registers under the key
//	node absent -> kept    client   an operator adds a key by hand
//	node kept -> absent    client   and deletes it
//
// The node itself stops acting when its lease is over by its own clock, which is
// before anybody may remove it; see package member.
//
// # A job
//
// INIT and PAUSED are an operator's word. COMPLETE and ERROR sum up its executes
// and stop nothing.
//
//	job INIT -> EXECUTING      client   started
//	job INIT -> PAUSED         client
//	job EXECUTING -> PAUSED    client   paused
//	job COMPLETE -> PAUSED     client
//	job ERROR -> PAUSED        client
//	job PAUSED -> EXECUTING    client   resumed
//	job EXECUTING -> COMPLETE  engine   all its executes are
//	job ERROR -> COMPLETE      engine
//	job EXECUTING -> ERROR     engine   all that is left of them are in ERROR
//	job COMPLETE -> ERROR      engine
//	job COMPLETE -> EXECUTING  engine   one of them is enabled again, by the client in the same breath
//	job ERROR -> EXECUTING     engine
//
// # An execute
//
//	           start              nothing left to fire
//	 INIT ------------> EXECUTING ----------------------> COMPLETE
//	   |                 |  ^   |                             |
//	   |           pause |  |   | cannot be scheduled,        | another schedule,
//	   |                 v  |   v failed too often            v resumed
//	   +-------------> PAUSED  ERROR --> EXECUTING, PAUSED   EXECUTING
//
//	execute INIT -> EXECUTING      client   started
//	execute INIT -> PAUSED         client
//	execute EXECUTING -> PAUSED    client   paused, suspended
//	execute ERROR -> PAUSED        client
//	execute COMPLETE -> PAUSED     client   suspended while a fire of it runs or waits
//	execute PAUSED -> EXECUTING    client   resumed
//	execute PAUSED -> COMPLETE     client   resumed after its last fire
//	execute ERROR -> EXECUTING     client   mended, resumed
//	execute COMPLETE -> EXECUTING  client   another schedule, resumed
//	execute EXECUTING -> COMPLETE  engine   nothing is left to fire, and nothing in flight on its row
//	execute EXECUTING -> ERROR     engine   it cannot be scheduled, or failed PAUSE_AFTER times in a row
//
// # A fire
//
// A fire is due once its instant has come, in flight while a row has its FIRE_TIME,
// and waiting while a child carries it that is to be claimed. Where it ends, one of
// the outcomes is written.
//
//	          claim               over
//	   due ---------> in flight ---------> SUCCEEDED, FAILED, TIMED_OUT, CANCELLED, LOST
//	    |              |  ^   ^ |
//	    | policy    no |  |   +-+ spilled: the row is its child's now
//	    v         more v  | claim, as the next attempt
//	  skipped        waiting -----------> CANCELLED, LOST
//
//	fire due -> flight         engine   claimed, attempt 1
//	fire due -> skipped        engine   MISFIRE, OVERLAP or DEADLINE
//	fire flight -> SUCCEEDED   engine
//	fire flight -> FAILED      engine   retries are used up
//	fire flight -> TIMED_OUT   engine   the same
//	fire flight -> CANCELLED   engine   a client asked for it
//	fire flight -> LOST        engine   its node is gone, recoveries are used up
//	fire flight -> waiting     engine   retry, recovery, hand-over, suspension
//	fire flight -> flight      engine   spilled into a child
//	fire waiting -> flight     engine   claimed, one attempt more
//	fire waiting -> LOST       engine   only one node might run it, and that is gone
//	fire due -> skipped        client   an edit passes over it
//	fire waiting -> CANCELLED  client   dropped before it was claimed
//
// Of a pass of the ClusterMisfireHandler see package misfire, of the guards
// package store.
//
// # The models
//
// Beside this file stand models in Promela, which spin explores over every
// interleaving; `make model` does it. Each is one concern, small enough for that:
//
//	claim.pml        claims, completions, edits, the Java edition's client, lost answers
//	fence.pml        removal, zombies, registering again, the standing sweep
//	lease.pml        heartbeats, three clocks, who may be removed when
//	recovery.pml     recovery, hand-over, suspension, checkpoints, deletion, retention
//	overlap.pml      fires that overlap: spilling, orders, read-back
//	occupied.pml     executes whose fires must not overlap, retries and run-nows
//	copies.pml       the copies of what runs on all nodes
//	master.pml       the master's tenures
//	maintenance.pml  confirming that a node is idle
//	handler.pml      passes of the handler that mix
//
// words.pml holds what they share: HOLDS(I1, x) asserts an invariant of the design,
// STATEMENT { … } is one statement of SQL, `atomic` a transaction or a read. A
// process is a node, a session of the database at work for one, a handler or a
// client, and everything may stop anywhere for any time. The head of each model
// lists its guards, each of which can be taken out (-DNO_…), and which invariant
// then breaks. `scripts/model -v claim NO_HIGH` prints how.
package protocol
