package core

import (
	"os"
	"reflect"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// The README's table has every field, and every variable beside one.
func TestTheReadmeListsTheConfiguration(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	var fields, variables []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| [^|]+ \\|(?: `(QUARTZ_\\w+)`)? \\|").FindAllStringSubmatch(string(text), -1) {
		fields = append(fields, row[1])
		if row[2] != "" {
			variables = append(variables, row[2])
		}
	}
	for i := range reflect.TypeFor[Config]().NumField() {
		require.Contains(t, fields, reflect.TypeFor[Config]().Field(i).Name)
	}
	for _, s := range settings {
		require.Contains(t, variables, s.env)
	}
	require.Len(t, variables, len(settings))
}
