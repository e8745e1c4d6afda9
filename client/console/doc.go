// Package console is a web console for the apps, nodes, jobs and executes of
// package client, as one http.Handler for a back office to mount. It needs no
// build step, calls no other host and keeps no session: any replica answers any
// request.
//
//	c, err := client.New(db)
//	h, err := console.New(c, console.Config{
//		Authenticate: func(r *http.Request) (console.Actor, error) {
//			user, err := session.User(r) // of the back office's own
//			return console.Actor{Name: user.Name, Role: console.Operator}, err
//		},
//	})
//	mux.Handle("/console/", http.StripPrefix("/console", h))
//
// All URLs of the page are relative, so the prefix is of no matter.
package console
