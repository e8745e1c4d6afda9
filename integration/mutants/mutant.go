package main

// mutant is a guard that is taken out.
type mutant struct {
	name  string
	edits []edit
	by    tests
}

// edit replaces every old in a file by new.
type edit struct{ file, old, new string }

// tests are those that must notice.
type tests struct{ pkg, run, kinds string }

func (t tests) String() string {
	text := t.pkg + " " + t.run
	if t.kinds != "" {
		text += " on " + t.kinds
	}
	return text
}

// Where the tests are.

// statements are the tests of the engine's statements, on SQLite in memory.
func statements(run string) tests { return tests{pkg: "./core/internal/store", run: run} }

// engine are the engine's tests on a kind of database.
func engine(kind, run string) tests {
	return tests{pkg: "./integration/enginetest", run: run, kinds: kind}
}
