package schema

import (
	"context"
	"strings"

	"gorm.io/gorm"
)

// VerifyError lists in what the tables of a database fall short.
type VerifyError struct {
	// Problems are sentences without their full stops, such as "table
	// QRTZ_EXECUTE lacks column HIGH_TIME: run Migrate".
	Problems []string
}

// Error lists the problems.
func (e *VerifyError) Error() string {
	return "schema: the tables cannot be used: " + strings.Join(e.Problems, "; ")
}

// Verify reports whether the four tables have every column, wide enough, and
// every index that the product needs. What is amiss is a *VerifyError; any other
// error is the database's. It reads no rows and writes nothing.
func Verify(ctx context.Context, db *gorm.DB, opts Options) error {
	t, err := open(db, opts)
	if err != nil {
		return err
	}
	state, err := t.compare(ctx, t.db)
	if err != nil {
		return err
	}
	var e VerifyError
	for _, p := range state.problems {
		text := p.Text
		if p.Mendable() {
			text += ": run Migrate"
		}
		e.Problems = append(e.Problems, text)
	}
	if len(e.Problems) == 0 {
		return nil
	}
	return &e
}
