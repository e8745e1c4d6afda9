package schema_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"strings"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/schema"
)

func open() *gorm.DB {
	db, err := gorm.Open(sqlite.Open("file::memory:"), &gorm.Config{})
	if err != nil {
		log.Fatal(err)
	}
	pool, err := db.DB()
	if err != nil {
		log.Fatal(err)
	}
	pool.SetMaxOpenConns(1) // each connection would have a memory of its own
	return db
}

func closeAll(db *gorm.DB) {
	pool, err := db.DB()
	if err == nil {
		err = pool.Close()
	}
	if err != nil {
		log.Fatal(err)
	}
}

func ExampleMigrate() {
	ctx := context.Background()
	db := open()
	defer closeAll(db)

	// Old rows of the Java edition without a zone meant the zone of its servers.
	opts := schema.Options{DefaultZone: "Europe/Berlin", Logger: slog.New(slog.DiscardHandler)}
	if err := schema.Migrate(ctx, db, opts); err != nil {
		log.Fatal(err)
	}
	fmt.Println("verified:", schema.Verify(ctx, db, opts) == nil)
	// Output: verified: true
}

func ExampleVerify() {
	ctx := context.Background()
	db := open()
	defer closeAll(db)

	var problems *schema.VerifyError
	if err := schema.Verify(ctx, db, schema.Options{}); errors.As(err, &problems) {
		fmt.Println(problems.Problems[0])
	}
	// Output: there is no table QRTZ_APP: run Migrate
}

func ExampleDDL() {
	ddl, err := schema.DDL("postgres", schema.Options{TablePrefix: "BILLING_", DatabaseSchema: "ops"})
	if err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(ddl) {
		if strings.HasPrefix(line, "CREATE TABLE") {
			fmt.Print(line)
		}
	}
	// Output:
	// CREATE TABLE ops.BILLING_APP (
	// CREATE TABLE ops.BILLING_NODE (
	// CREATE TABLE ops.BILLING_JOB (
	// CREATE TABLE ops.BILLING_EXECUTE (
}

func ExampleUpgradeDDL() {
	ctx := context.Background()
	db := open()
	defer closeAll(db)

	opts := schema.Options{Logger: slog.New(slog.DiscardHandler)}
	if err := schema.Migrate(ctx, db, opts); err != nil {
		log.Fatal(err)
	}
	if err := db.Exec("DROP INDEX QRTZ_EXECUTE_SCAN").Error; err != nil {
		log.Fatal(err)
	}
	statements, err := schema.UpgradeDDL(ctx, db, opts)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.Join(statements, ";\n"))
	// Output: CREATE INDEX QRTZ_EXECUTE_SCAN ON QRTZ_EXECUTE (APPLICATION, SHARD, NEXT_FIRE_TIME, ID)
}
