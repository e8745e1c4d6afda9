// Package schematest checks the four tables on every database: creating them,
// upgrading those of the Java edition, and doing so from many processes at once.
package schematest

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/integration/internal/leak"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

func TestMain(m *testing.M) { leak.Main(m) }

func quiet() schema.Options { return schema.Options{Logger: slog.New(slog.DiscardHandler)} }

func requireProblem(t *testing.T, err error, want string) {
	t.Helper()
	var problems *schema.VerifyError
	require.ErrorAs(t, err, &problems)
	require.Contains(t, problems.Problems, want)
}

// column returns the name of a column as a statement must write it.
func column(db testdb.DB, name string) string {
	if name == "MODE" && db.Kind.IsOracle() {
		return `"MODE"`
	}
	return name
}

func count(t *testing.T, db *gorm.DB, query string, args ...any) int64 {
	t.Helper()
	var n int64
	require.NoError(t, db.Raw(query, args...).Row().Scan(&n), query)
	return n
}

// dropIndex drops an index of QRTZ_EXECUTE.
func dropIndex(t *testing.T, db testdb.DB, name string) {
	t.Helper()
	statement := "DROP INDEX QRTZ_EXECUTE_" + name
	if db.Gorm.Dialector.Name() == "mysql" {
		statement += " ON QRTZ_EXECUTE"
	}
	require.NoError(t, db.Gorm.Exec(statement).Error)
}
