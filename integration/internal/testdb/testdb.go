package testdb

import (
	"fmt"
	"maps"
	"sync"
	"testing"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/quartz-cluster/quartz/integration/internal/oracleh2"
)

// poolSize keeps a test's pool small enough that many parallel tests fit on one
// server; a test that wants another size sets it on the pool it was given.
const poolSize = 10

// DB is one pool of connections and the place it leads to.
type DB struct {
	// Gorm is the open pool, closed when the test ends.
	Gorm *gorm.DB

	// Kind is the database product behind it.
	Kind Kind

	// DSN opens the same place from another process, through [OpenDSN].
	DSN string
}

// Option changes how a test's place is connected to.
type Option func(params map[string]string)

// Param adds a parameter to the DSN, in the words of the kind's driver:
// Param("clientFoundRows", "true") on MySQL, Param("lock_timeout", "500") on
// PostgreSQL.
func Param(name, value string) Option {
	return func(params map[string]string) { params[name] = value }
}

// Each runs test as one subtest per kind of [Kinds], each on a place of its own.
func Each(t *testing.T, test func(t *testing.T, db DB), options ...Option) {
	t.Helper()
	for _, kind := range Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			test(t, New(t, kind, options...))
		})
	}
}

// New opens a pool on the test's place of this kind, which the first call makes.
func New(t testing.TB, kind Kind, options ...Option) DB {
	t.Helper()
	dsn := DSN(t, kind, options...)
	db, err := OpenDSN(kind, dsn)
	if err != nil {
		t.Fatalf("open %s: %v", kind, err)
	}
	pool, err := db.DB()
	if err != nil {
		t.Fatalf("open %s: %v", kind, err)
	}
	t.Cleanup(func() {
		if err := pool.Close(); err != nil {
			t.Errorf("close %s: %v", kind, err)
		}
	})
	return DB{Gorm: db, Kind: kind, DSN: dsn}
}

// Open is [New] for a test that needs the gorm handle alone.
func Open(t testing.TB, kind Kind, options ...Option) *gorm.DB {
	t.Helper()
	return New(t, kind, options...).Gorm
}

// DSN returns the way to the test's place of this kind, which the first call
// makes, for a process of its own.
func DSN(t testing.TB, kind Kind, options ...Option) string {
	t.Helper()
	dsn, err := kind.with(placeOf(t, kind), options)
	if err != nil {
		t.Fatalf("%s DSN: %v", kind, err)
	}
	return dsn
}

// OpenDSN opens a place by the DSN that [DSN] returned, with a silent logger,
// as a worker process does. The caller closes it.
func OpenDSN(kind Kind, dsn string) (*gorm.DB, error) {
	dialector, err := kind.dialector(dsn)
	if err != nil {
		return nil, err
	}
	db, err := gorm.Open(dialector, &gorm.Config{Logger: logger.Discard})
	if err != nil {
		// gorm hands the pool back also when the first ping of it failed.
		if db != nil {
			if pool, poolErr := db.DB(); poolErr == nil {
				_ = pool.Close()
			}
		}
		return nil, err
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(poolSize)
	pool.SetMaxIdleConns(poolSize)
	return db, nil
}

// places remembers the DSN of each running test's place.
var places = struct {
	sync.Mutex
	dsn map[testing.TB]map[Kind]string
}{dsn: map[testing.TB]map[Kind]string{}}

// Need leaves the test out where the caller left out the kind of server that it needs.
func Need(t testing.TB, kind Kind) {
	t.Helper()
	if kind.leftOut(t) {
		t.Skipf("needs a %s server, which -short or %s leaves out", kind, kindsEnv)
	}
}

// placeOf returns the DSN of the test's place and makes the place when this is
// the first call. Its removal is registered before any pool on it is opened, so
// that it comes after they are closed.
func placeOf(t testing.TB, kind Kind) string {
	t.Helper()
	places.Lock()
	defer places.Unlock()
	if dsn, ok := places.dsn[t][kind]; ok {
		return dsn
	}
	Need(t, kind)
	dsn, drop, err := kind.create(t)
	if err != nil {
		t.Fatal(err)
	}
	mine := maps.Clone(places.dsn[t])
	if mine == nil {
		mine = map[Kind]string{}
	}
	mine[kind] = dsn
	places.dsn[t] = mine
	t.Cleanup(func() {
		places.Lock()
		delete(places.dsn, t)
		places.Unlock()
		if err := drop(); err != nil {
			t.Errorf("remove the test's place on %s: %v", kind, err)
		}
	})
	return dsn
}

// create makes a place and returns its DSN and what removes it.
func (k Kind) create(t testing.TB) (dsn string, drop func() error, err error) {
	switch k {
	case SQLite:
		return createSQLite(t)
	case OracleH2:
		return createOracleH2(t.Context())
	default:
		return Create(k)
	}
}

// Create makes a place on the server of a kind, for a program that is no test: it
// returns the DSN and what removes the place.
func Create(k Kind, options ...Option) (dsn string, drop func() error, err error) {
	server, err := k.server()
	if err != nil {
		return "", nil, err
	}
	switch k {
	case Postgres:
		dsn, drop, err = createPostgres(server)
	case MariaDB, MySQL:
		dsn, drop, err = createMySQL(k, server)
	case Oracle:
		dsn, drop, err = createOracle(server)
	default:
		err = fmt.Errorf("%q has no server; the kinds are %v", k, allKinds)
	}
	if err == nil {
		dsn, err = k.with(dsn, options)
	}
	if err != nil {
		return "", nil, fmt.Errorf("create a place on %s (%s): %w", k, k.env(), err)
	}
	return dsn, drop, nil
}

// with returns the DSN with what the options add to it.
func (k Kind) with(dsn string, options []Option) (string, error) {
	params := map[string]string{}
	for _, option := range options {
		option(params)
	}
	return k.withParams(dsn, params)
}

func (k Kind) withParams(dsn string, params map[string]string) (string, error) {
	if len(params) == 0 {
		return dsn, nil
	}
	switch k {
	case MariaDB, MySQL:
		return withMySQLParams(dsn, params), nil
	default:
		return withURLParams(dsn, params)
	}
}

func (k Kind) dialector(dsn string) (gorm.Dialector, error) {
	switch k {
	case SQLite:
		return openSQLite(dsn), nil
	case Postgres:
		return openPostgres(dsn), nil
	case MariaDB, MySQL:
		return openMySQL(dsn), nil
	case Oracle:
		return openOracle(dsn), nil
	case OracleH2:
		return oracleh2.Open(dsn)
	default:
		return nil, fmt.Errorf("%q is no kind of database; the kinds are %v", k, allKinds)
	}
}
