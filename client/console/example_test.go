package console_test

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/console"
)

func Example() {
	db, err := gorm.Open(sqlite.Open("file::memory:"))
	if err != nil {
		log.Fatal(err)
	}
	pool, err := db.DB()
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	c, err := client.New(db)
	if err != nil {
		log.Fatal(err)
	}
	h, err := console.New(c, console.Config{
		Authenticate: func(r *http.Request) (console.Actor, error) {
			user, err := signedIn(r)
			if err != nil {
				return console.Actor{}, err
			}
			role := console.ReadOnly
			if user.OnCall {
				role = console.Operator
			}
			return console.Actor{Name: user.Name, Role: role}, nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/console/", http.StripPrefix("/console", h))

	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/console/", nil))
	fmt.Println(answer.Code)
	// Output: 401
}

type user struct {
	Name   string
	OnCall bool
}

// signedIn stands for what the back office knows of its users.
func signedIn(*http.Request) (user, error) { return user{}, errors.New("nobody is signed in") }
