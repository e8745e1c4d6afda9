package testdb

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// Kind is a database product that tests run on.
type Kind string

// The kinds, by the names that subtests and QUARTZ_TEST_KINDS use.
const (
	SQLite   Kind = "sqlite"
	Postgres Kind = "postgres"
	MariaDB  Kind = "mariadb"
	MySQL    Kind = "mysql"
	Oracle   Kind = "oracle"
	OracleH2 Kind = "oracle-h2" // Oracle's dialector over H2: see package oracleh2
)

// IsOracle reports whether the product takes the kind for Oracle.
func (k Kind) IsOracle() bool { return k == Oracle || k == OracleH2 }

// kindsEnv narrows Each to the kinds it lists.
const kindsEnv = "QUARTZ_TEST_KINDS"

var allKinds = []Kind{SQLite, Postgres, MariaDB, MySQL, Oracle, OracleH2}

// Kinds returns what [Each] runs on: every kind that belongs to a full run
// (SQLite, PostgreSQL, MariaDB) and those whose server was given besides. Oracle's
// emulation is slow, and package oracletest runs all suites on it.
func Kinds(t testing.TB) []Kind {
	t.Helper()
	if list := os.Getenv(kindsEnv); list != "" {
		kinds, err := parseKinds(list)
		if err != nil {
			t.Fatal(err)
		}
		return kinds
	}
	if testing.Short() {
		return []Kind{SQLite}
	}
	kinds := []Kind{SQLite, Postgres, MariaDB}
	for _, optional := range []Kind{MySQL, Oracle} {
		if os.Getenv(optional.env()) != "" {
			kinds = append(kinds, optional)
		}
	}
	return kinds
}

func parseKinds(list string) ([]Kind, error) {
	var kinds []Kind
	for name := range strings.SplitSeq(list, ",") {
		kind := Kind(strings.TrimSpace(name))
		if !slices.Contains(allKinds, kind) {
			return nil, fmt.Errorf("%s: %q is no kind of database; the kinds are %v", kindsEnv, name, allKinds)
		}
		kinds = append(kinds, kind)
	}
	return kinds, nil
}

// leftOut says whether the run was told to do without the kind's server. A
// server that is merely missing is not left out: it fails the test.
func (k Kind) leftOut(t testing.TB) bool {
	narrowed := testing.Short() || os.Getenv(kindsEnv) != ""
	return narrowed && k != SQLite && !slices.Contains(Kinds(t), k)
}

// env names the variable that holds the DSN of the kind's server.
func (k Kind) env() string {
	return "QUARTZ_TEST_" + strings.ToUpper(string(k)) + "_DSN"
}

// server returns the DSN of the kind's server, or an error that says where one
// is to be had.
func (k Kind) server() (string, error) {
	if dsn := os.Getenv(k.env()); dsn != "" {
		return dsn, nil
	}
	hint := "`make test` starts one, `make servers-up` keeps one running"
	switch k {
	case MySQL:
		hint = "`make test-mysql` starts one"
	case Oracle:
		hint = "`docker compose up -d --wait oracle` starts one"
	}
	return "", fmt.Errorf("no %s server: %s is empty (%s; `go test -short` does without)", k, k.env(), hint)
}
