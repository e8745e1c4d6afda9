package oracleh2

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStatementsOfOneShape(t *testing.T) {
	for _, same := range [][2]string{
		{"SELECT 1 FROM T WHERE ID IN (:1, :2)", "SELECT 1\n FROM T WHERE ID IN (:1, :2, :3)"},
		{"SET A = CASE ID WHEN :1 THEN :2 END", "SET A = CASE ID WHEN :1 THEN :2 WHEN :3 THEN :4 END"},
		{"SELECT EVENTS, 1796009072039 FROM T", "SELECT EVENTS, 1796009072040 FROM T"},
	} {
		require.Equal(t, shape(same[0]), shape(same[1]))
	}
	for _, other := range [][2]string{
		{"SELECT 1 FROM T WHERE ID = :1", "SELECT 1 FROM T WHERE ID = 1"},
		{"SET NEXT_FIRE_TIME = 0", "SET NEXT_FIRE_TIME = 86400000"},
	} {
		require.NotEqual(t, shape(other[0]), shape(other[1]))
	}
}
