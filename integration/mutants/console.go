package main

const consoleFolder = "client/console/"

// consoles are the guards of the web console.
var consoles = []mutant{
	{"console: somebody must be asked", []edit{{consoleFolder + "config.go", "c.Authenticate == nil && !c.InsecureLoopback", "c.Requests < -9"}}, page("TestNewNeedsToKnowWhoAsks")},
	{"console: loopback", []edit{{consoleFolder + "actor.go", "c.config.InsecureLoopback && !fromHere(r)", "false && !fromHere(r)"}}, page("TestLoopbackServesThisHostAlone")},
	{"console: loopback is asked besides", []edit{{consoleFolder + "config.go", "if c.Authenticate == nil {", "if c.Authenticate == nil || c.InsecureLoopback {"}},
		page("TestLoopbackAsksWhoItIsWhereItCan")},
	{"console: loopback through a proxy", []edit{{consoleFolder + "actor.go", `if r.Header.Get(header) != "" {`, `if r.Header.Get(header) == "none" {`}},
		page("TestLoopbackServesThisHostAlone")},
	{"console: loopback's address", []edit{{consoleFolder + "actor.go", "err != nil || !net.ParseIP(addr).IsLoopback()", "err != nil || addr == \"\""}}, page("TestLoopbackServesThisHostAlone")},
	{"console: loopback's Host", []edit{{consoleFolder + "actor.go", "\t\treturn true\n\t}\n\treturn false", "\t\treturn true\n\t}\n\treturn true"}},
		page("TestLoopbackServesThisHostAlone")},
	{"console: who is unknown", []edit{{consoleFolder + "actor.go", "actor, err := c.config.Authenticate(r)", "actor, err := Actor{Name: \"x\", Role: Operator}, error(nil)"}},
		page("TestWhoIsUnknownSeesNothing")},
	{"console: an actor's name", []edit{{consoleFolder + "actor.go", `actor.Name == "" || `, ""}}, page("TestAnActorNeedsANameAndARole")},
	{"console: an actor's role", []edit{{consoleFolder + "actor.go", " || actor.Role != ReadOnly && actor.Role != Operator", ""}}, page("TestAnActorNeedsANameAndARole")},
	{"console: who may only read", []edit{{consoleFolder + "route.go", "case route.changes() && actor.Role != Operator:", "case route.changes() && actor.Role == \"\":"}},
		page("TestWhoMayOnlyReadChangesNothing")},
	{"console: another origin", []edit{{consoleFolder + "console.go", "err == nil && c.origin.Check(r) != nil", "err == nil && r == nil"}}, page("TestOtherSitesChangeNothing")},
	{"console: no inline script", []edit{{consoleFolder + "console.go", "script-src 'self'", "script-src 'self' 'unsafe-inline'"}}, page("TestHeaders")},
	{"console: no frame", []edit{{consoleFolder + "console.go", "h.Set(\"X-Frame-Options\", \"DENY\")", ""}}, page("TestHeaders")},
	{"console: nothing is stored", []edit{{consoleFolder + "console.go", "h.Set(\"Cache-Control\", \"no-store\") // ", "// "}}, page("TestHeaders")},
	{"console: a body is JSON", []edit{{consoleFolder + "body.go", "err != nil || kind != jsonType", "err != nil && kind != jsonType"}}, page("TestOtherSitesChangeNothing")},
	{"console: a body is bounded", []edit{{consoleFolder + "body.go", "http.MaxBytesReader(nil, r.Body, limit)", "http.MaxBytesReader(nil, r.Body, 99*limit)"}}, page("TestBodiesAreBounded")},
	{"console: a body is UTF-8", []edit{{consoleFolder + "body.go", "case !utf8.Valid(text):", "case len(text) < 0 && !utf8.Valid(text):"}}, page("TestBodiesAreBounded")},
	{"console: a body has no unknown field", []edit{{consoleFolder + "body.go", "\tdecoder.DisallowUnknownFields()\n", ""}}, page("TestBodiesAreBounded")},
	{"console: a body is one object", []edit{{consoleFolder + "body.go", "!errors.Is(err, io.EOF) {", "err == nil && limit < 0 {"}}, page("TestBodiesAreBounded")},
	{"console: a parameter is known", []edit{{consoleFolder + "params.go", "if !slices.Contains(p.known, name) {", "if !slices.Contains(p.known, name) && name == \"\" {"}},
		page("TestParametersAreThoseThatAreDescribed")},
	{"console: a parameter is given once", []edit{{consoleFolder + "params.go", `p.wrong(name, strings.Join(all, ", "), "must be given once")`, ""}}, page("TestPages")},
	{"console: a page is bounded", []edit{{consoleFolder + "params.go", "n < least || n > most", "n < least"}}, page("TestPages")},
	{"console: requests at a time", []edit{{consoleFolder + "console.go", "make(chan struct{}, config.Requests)", "make(chan struct{}, 99*config.Requests)"}},
		page("TestOnlySoManyRequestsAtATime")},
	{"console: one document at a time", []edit{{consoleFolder + "route.go", "slots = c.single", "slots = make(chan struct{}, 9)"}}, page("TestOnlySoManyRequestsAtATime")},
	{"console: a request's time", []edit{{consoleFolder + "route.go", "context.WithTimeout(r.Context(), c.config.Timeout)", "context.WithCancel(r.Context())"}},
		page("TestADatabaseThatDoesNotAnswerIsATimeout")},
	{"console: what was changed before a failure", []edit{{consoleFolder + "route.go", "errors.As(err, &part)", "errors.As(err, &part) && part.changed < 0"}},
		page("TestWhatWasChangedBeforeAFailureIsTold")},
	{"console: what aliases bring in", []edit{{"internal/yamljson/to.go", "w.out.Len() > w.most", "w.out.Len() > 99*w.most"}},
		tests{pkg: "./internal/yamljson", run: "TestAliasesBringInOnlySoMuch"}},
	{"console: files of one version", []edit{{consoleFolder + "assets.go", `!found || r.PathValue("hash") != a.hash`, "!found"}}, page("TestVersionsOfAssetsDoNotMix")},
}

// page are the console's tests, on SQLite.
func page(run string) tests { return tests{pkg: "./client/console", run: run} }
