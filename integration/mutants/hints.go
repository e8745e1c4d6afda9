package main

const (
	notifyFile   = "client/notify.go"
	listenerFile = "pgnotify/listener.go"
)

// hints are the guards of what wakes nodes: that it wakes those that it must, and
// nobody else, and takes no change with it.
var hints = []mutant{
	{"hint: for the node's own shards", []edit{{"core/internal/scan/place.go", "if own {", "if own || true {"}},
		tests{pkg: "./core/internal/scan", run: "TestAHintWakesWhomItIsFor"}},
	{"hint: for what is due soon", []edit{{notifyFile, "schema.MaxScanInterval.Milliseconds()", "9*schema.MaxScanInterval.Milliseconds()"}},
		calls("TestNodesAreToldWhatIsDue")},
	{"hint: for all that was resumed", []edit{{"client/execute_state.go", "job.Application, schema.HintShards)", "job.Application, c.due(row, now))"}},
		calls("TestNodesAreToldWhatIsDue")},
	{"hint: a notifier that fails", []edit{{notifyFile, "return tx.RollbackToSavepoint(ctx, hintPoint)", "return nil"}}, calls("TestANotifierThatFails")},
	{"hint: a point of its own", []edit{{"client/call.go", `"quartz_client", "quartz_hint"`, `"quartz_client", "quartz_client"`}},
		tests{pkg: "./integration/clienttest", run: "TestANotifierThatFails", kinds: "mariadb"}},
	{"listener: everything, once it listens", []edit{{listenerFile, "\thint(\"\")\n", ""}}, wakes("TestAListenerWhoseConnectionIsKilled")},
	{"listener: the server answers", []edit{{listenerFile, "return l.ask(ctx, conn, name)", "return nil"}}, wakes("TestAConnectionThatIsSilentlyDead")},
	{"listener: the session listens", []edit{{listenerFile, "err == nil && !listens", "err == nil && !listens && false"}}, wakes("TestASessionThatListensNoMore")},
}

// wakes are the tests of pgnotify.
func wakes(run string) tests {
	return tests{pkg: "./integration/pgnotifytest", run: run, kinds: "postgres"}
}
