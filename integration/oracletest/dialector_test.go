package oracletest

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/quartz-cluster/quartz/integration/internal/oralint"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

// What gorm's own builder makes of these calls is why the product writes its SQL
// itself. The rules catch what Oracle would refuse.
func TestTheDialectorsOwnStatementsAreCaught(t *testing.T) {
	t.Parallel()
	db := testdb.Open(t, testdb.OracleH2).Session(&gorm.Session{DryRun: true, SkipDefaultTransaction: true})
	for _, c := range []struct {
		name, rule string
		render     func(db *gorm.DB) *gorm.DB
	}{
		{"a limit beside a lock", "lock-of-a-limited-query", func(db *gorm.DB) *gorm.DB {
			return db.Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"}).Limit(5).Find(&[]schema.Job{})
		}},
		{"a column that is reserved", "reserved-word", func(db *gorm.DB) *gorm.DB {
			return db.Select("APPLICATION", "MODE").Find(&[]schema.App{})
		}},
		{"RETURNING of an UPDATE", "returning-without-into", func(db *gorm.DB) *gorm.DB {
			return db.Model(&schema.Job{ID: 1}).Clauses(clause.Returning{Columns: []clause.Column{{Name: "VERSION"}}}).Update("VERSION", 2)
		}},
		{"an empty text compared", "empty-string", func(db *gorm.DB) *gorm.DB {
			return db.Where("NAME = ?", "").Find(&[]schema.Job{})
		}},
		{"a truth value", "boolean", func(db *gorm.DB) *gorm.DB {
			return db.Where("VERSION = ?", true).Find(&[]schema.Job{})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := c.render(db).Statement
			var rules []string
			for _, f := range oralint.Check(s.SQL.String(), s.Vars) {
				rules = append(rules, f.Rule)
			}
			require.Contains(t, rules, c.rule, s.SQL.String())
		})
	}
	t.Run("a limit of an UPDATE is dropped without a word", func(t *testing.T) {
		s := db.Model(&schema.Job{}).Where("VERSION = 1").Limit(1).Update("VERSION", 2).Statement
		require.NotContains(t, s.SQL.String(), "FETCH")
	})
}
