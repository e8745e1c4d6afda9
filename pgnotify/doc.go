// Package pgnotify wakes nodes on PostgreSQL: what a client adds, edits, resumes or
// runs now starts at once, and not with the next scan of a node.
//
//	listener, err := pgnotify.NewListener(pgnotify.Config{DSN: dsn})
//	node, err := core.New(db, core.Config{App: "billing", Handlers: handlers, Listener: listener})
//
//	c, err := client.New(db, client.Config{Notifier: pgnotify.Notifier{}})
//
// # What is told
//
//	client                                        node
//	BEGIN                                         LISTEN quartz_…
//	  INSERT INTO QRTZ_EXECUTE …
//	  SELECT pg_notify('quartz_…', '41')
//	COMMIT ───────────────▶ PostgreSQL ─────────▶ are those shards mine? then scan
//
// The channel is that of an app. The payload says which of its shards were touched;
// a node scans only for those that it serves first-hand, so that an add wakes one
// node or a few, and not all. A call tells at most one thing, and PostgreSQL drops
// what a transaction tells twice; what is rolled back is never told.
//
// # A hint and no more
//
// Nothing depends on a notification. Nodes go on scanning every Config.ScanInterval
// (1 s), and one that hears nothing sees what is due with its next scan: that is all
// that a lost notification costs, and all that databases without LISTEN do without.
// There the scan is the poll, and a cheap one: an index range that is mostly empty.
// Clients without a Notifier and nodes without a Listener work beside the others.
// The nodes' own doings, such as retries and recoveries, are told to nobody.
//
// When its connection ends, or the server does not answer within [Config.Check], a
// Listener returns, and core calls it again after 100 ms, then less and less often,
// at last every 5 s. As what was told meanwhile is lost, a node looks at everything
// as soon as it listens again.
//
// # What it costs
//
// Transactions that have notified commit one after the other: each takes a lock on
// all of the server's notifications from before its commit until that is written,
// so that they are heard in the order of the commits ([NOTIFY], and PreCommit_Notify
// in the server's async.c). Clients therefore tell nothing of what comes later than
// in a minute, which every node scans for in time. An application that adds
// thousands of due executes a second from many connections, each in a transaction of
// its own, does better without a Notifier, or with client.AddExecutes.
//
// The server keeps what was told until every listening session has seen it, in a
// queue of 8 GB; once that is full, transactions that have notified fail at their
// commit. It fills only where a session that listens stays in a transaction, which a
// Listener never begins. A transaction that has notified cannot be prepared for a
// two-phase commit.
//
// # PgBouncer
//
// In transaction mode its sessions share connections, and a LISTEN is lost with the
// connection on which it was sent: the DSN of a Listener must lead to PostgreSQL
// itself, or to a pooler in session mode. Otherwise it hears nothing, which it tells
// as trouble once it is given another connection than the one on which it listened.
// Clients may notify through PgBouncer in any mode.
//
// [NOTIFY]: https://www.postgresql.org/docs/current/sql-notify.html
package pgnotify
