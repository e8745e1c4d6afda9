// Package console is a web console for the apps, nodes, jobs and executes of
// package client, as one http.Handler for a back office to mount:
//
//	h, err := console.New(c, console.Config{
//		Authenticate: func(r *http.Request) (console.Actor, error) {
//			user, err := sessions.User(r) // as the back office knows its users
//			if err != nil {
//				return console.Actor{}, err
//			}
//			return console.Actor{Name: user.Name, Role: console.Operator}, nil
//		},
//	})
//	if err != nil {
//		return err
//	}
//	mux.Handle("/console/", http.StripPrefix("/console", h))
//
// All URLs of the page are relative, so any prefix will do. The page and its
// scripts are part of the program, need no build step and call no other host. The
// console keeps no session and nothing else between two requests: behind a round
// robin, any replica answers any request. The page loads its scripts by their
// common hash, so that those of two versions never mix; while replicas of two
// versions are up, a page may have to be loaded again.
//
// # Who may do what
//
// Signing in is the back office's: Config.Authenticate maps each request to an
// [Actor], whose name stands in UPDATED_BY of what it changes, among the app's
// events, and in the log. A [ReadOnly] actor looks at everything, an [Operator]
// changes everything: jobs run code, so an operator of the console is one who may
// run what handlers there are, with any data. There are no rights on single apps.
//
// # What keeps others out
//
// A change is a POST with a JSON body, which a form cannot send, and is refused
// where the browser says that a page of another origin sends it: Sec-Fetch-Site, or
// else Origin against Host, by net/http's CrossOriginProtection, which follows
// https://words.filippo.io/csrf. No token is needed, and none is there to be lost.
// The content security policy allows what this handler serves and nothing else, no
// inline script or style among it; nobody may frame the page. Serve it by TLS: without, a
// browser tells nothing of where a request comes from but Origin.
//
// Bodies, pages and the number of requests at a time are bounded, and with them
// the memory that the console takes.
//
// # The API
//
// The page works through a JSON API below api/, which a program may use as well:
// api/openapi.yaml describes it. Every failure has one form, in which a code, the
// field and the state that was found can be told apart; what the database says goes
// to the log alone, with the reference that the answer names.
package console
