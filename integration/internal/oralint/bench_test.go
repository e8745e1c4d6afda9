package oralint

import (
	"fmt"
	"strings"
	"testing"
)

// A batch of completions: the widest statement that is sent.
func BenchmarkCheck(b *testing.B) {
	var sql strings.Builder
	var binds []any
	sql.WriteString("UPDATE T SET A = CASE ID")
	for i := range 100 {
		fmt.Fprintf(&sql, " WHEN :%d THEN :%d", 2*i+1, 2*i+2)
		binds = append(binds, int64(i), nil)
	}
	sql.WriteString(" END")
	for b.Loop() {
		Check(sql.String(), binds)
	}
}
