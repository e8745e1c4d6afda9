// Package client manages the jobs that clusters of workers run: it adds, finds,
// edits, pauses and deletes applications, nodes, jobs and executes in the four
// tables, and never runs a job itself. It needs nothing but an open *gorm.DB on
// which schema.Migrate has been called, and it starts no goroutine.
//
//	c, err := client.New(db)
//	job, err := c.AddJob(ctx, client.Job{App: "billing", Class: "invoice.send", Data: Invoice{ID: 7}})
//	_, err = c.AddExecute(ctx, job.ID, client.Cron("0 0 8 ? * MON-FRI", "Europe/Berlin"))
//	_, err = c.AddExecute(ctx, job.ID, client.Every(5*time.Second).Times(10))
//	_, err = c.AddExecute(ctx, job.ID, client.Now(), client.WithData(Invoice{ID: 8}))
//
// # Words
//
// An app is a cluster: its nodes compete for its executes. A job says what to
// run: the class, which is the name of a handler, and JSON data. An execute says
// when: it is a schedule below a job. EXECUTING means enabled, not running.
//
// # Errors
//
// What a call was told and what it found are told apart by their types:
//
//	ErrNotFound            there is no such row: a *NotFoundError says which
//	ErrAlreadyExists       the name or the key is taken: an *AlreadyExistsError says which
//	ErrContended           others kept changing the row: try again
//	ErrInTransaction       the call is refused in the caller's transaction
//	*FieldError            a field has an invalid value; nothing was written
//	*StateConflictError    the row is in a state in which the call makes no sense
//	*VersionConflictError  the row was edited since it was read
//	*NoAnswerError         nodes have not done in time what was asked of them
//	*DocumentError         all *FieldErrors of a document
//
// Everything else is the database's, wrapped, and never taken for "not found"; or says how
// [WithTx] and the like are meant. The text of an error begins with the row or the node
// that it is about (job 7: not found), and of what is about none with the name of the
// call (add execute: interval "1ms": must be …).
//
// # Lists
//
// A list comes page by page, for people to turn: a [Page] and the cursor of the next. For
// programs, which want all there is, or the first that fits, AllApps, AllNodes, AllJobs,
// AllExecutes and AllRunning turn the pages, of which some may be empty, themselves:
//
//	for e, err := range c.AllExecutes(ctx, client.ExecuteFilter{App: "billing", Failing: true}) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(e.ID, e.LastError)
//	}
//
// # Edits and fires
//
// The VERSION of a row counts clients' edits and nothing else. An edit names the
// version that it was made from and fails with a *VersionConflictError when
// somebody was faster; the engine's claims and completions never make it fail.
// An edit that leaves the schedule alone leaves the next fire alone. One that
// changes it computes the next fire anew, after every instant that was ever
// claimed and not before the database's now, and counts the due instants that
// it passes over as skipped.
//
// A pause holds for every claim that begins after it; a fire claimed before
// runs. Pausing a job or an app leaves the states of everything below it as
// they are. Only calls that say so in their name reach further: With executes,
// with nodes.
//
// # Policies
//
// [Policies] say how the fires of an execute overlap, are retried, time out, are
// recovered after the loss of a node, and which nodes run them. Each has an option
// for AddExecute, a field for AddExecutes and Ensure, and an edit:
//
//	_, err = c.AddExecute(ctx, job.ID, client.Every(time.Minute),
//		client.OnOverlap(schema.Queue), client.Timeout(5*time.Minute),
//		client.Retry(3, time.Second), client.Recover(), client.OnMaster())
//	_, err = c.UpdateExecute(ctx, e.ID, e.Version, client.SetTimeout(time.Hour))
//
// # Who did it
//
// Whatever changes a row writes down who did it: the actor of the context, which
// a back office's middleware puts there ([WithActor]), that of [Client.As], or
// [Config].Actor. JobInfo and ExecuteInfo show the last one as UpdatedBy. Apps and
// nodes have it among the [Client.Events] instead; edits of jobs and executes are
// not told there, since every node needs the row that holds them.
//
//	ctx = client.WithActor(ctx, user.Name)
//
// # Fires
//
// A fire is one instant of one execute, and a retry or a recovery is a further
// attempt of it; [FireID] names it. What runs beside its execute's schedule has a
// row of its own, a child: the engine's, which no list shows unless it is asked
// for, and which no edit touches.
//
//	fires, err := c.RunNow(ctx, e.ID)                              // once, beside the schedule
//	page, err := c.Running(ctx, client.RunningFilter{App: "billing"})
//	err = c.CancelFire(ctx, page.Items[0].FireID)                  // on whatever node it runs
//	n, err := c.Cancel(ctx, e.ID)                                  // all that runs or waits
//	_, err = c.SuspendExecute(ctx, e.ID)                           // and ResumeExecute goes on from the checkpoint
//
// [ExecuteInfo].Recent are the last fires of an execute, each attempt for itself: when,
// for how long, where and how they ended.
//
// # Operators
//
// [Client.DrainNode], [Client.RejoinNode], [Client.StopNode] and [Client.PingNode]
// ask something of a node and wait for its own answer. [Client.BeginMaintenance]
// and [Client.WaitMaintenance] hold an app until every live node has confirmed that
// it is idle. [Client.PreferMaster], [Client.BarNode] and [Client.SetMode] say who
// is master, and what runs there. All of it, and what happens by itself, is among
// the [Client.Events] of the app for 24 hours. Package client/alert tells a listener
// of what goes wrong.
//
// # Documents
//
// A [Document] is what an app's jobs and executes are, without ids, counts and next
// fires: as a file under version control, or on the way to another app. [Client.Diff]
// tells what [Client.Apply] would change; applied twice, it changes nothing the
// second time, and an operator's pause stays unless the document says otherwise.
//
//	doc, err := c.Export(ctx, "billing")              // marshal it as JSON
//	doc, err := client.ReadDocument(text)             // all mistakes, each with its place
//	diff, err := c.Diff(ctx, *doc, client.ApplyOptions{Prune: true})
//	diff, err := c.Apply(ctx, *doc, client.ApplyOptions{App: "billing-test"})
//
// Package clienttest has assertions for programs' own tests of what they have added.
//
// # Transactions
//
// A call is one transaction of its own, or, through [Client.WithTx] and
// [Client.WithSQLTx], a part of the caller's:
//
//	err := db.Transaction(func(tx *gorm.DB) error {
//		if err := tx.Create(&order).Error; err != nil {
//			return err
//		}
//		_, err := c.WithTx(tx).AddExecute(ctx, job, client.Now(), client.WithData(order))
//		return err
//	})
//
// There, a call that fails takes back what it wrote itself and leaves the
// transaction usable, unless the database has ended it (a deadlock). Calls that
// write the row of an app, which those on nodes do to write down what happened, are
// refused with [ErrInTransaction]: every node needs that row, and nobody may hold it for as long as the
// caller's transaction takes. For the same reason a
// job or a node that is added there does not lock its app on Oracle, nor, at
// REPEATABLE READ, on MySQL: an app that is deleted at that very moment leaves
// the row without one until a node registers under the name again. A call above
// READ COMMITTED sees what the transaction's snapshot holds, and may be refused
// by the database where others were faster.
//
// # Wake-ups
//
// Nodes look for what is due every second. [Config.Notifier] tells them when they
// need not wait for that; package pgnotify has one for PostgreSQL. Without it, or
// where what it tells is lost, all that is added or changed starts a scan later.
//
// # Time
//
// The database's clock decides what "now" is; the clock of the machine that
// calls is never asked. Times are returned in UTC and have milliseconds; only
// those of a preview are in the zone of their schedule. In JSON a duration is a number
// of nanoseconds where its name ends in Ns, and a text such as "5s" in schedules and
// documents.
package client
