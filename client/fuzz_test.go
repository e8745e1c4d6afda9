package client

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/schema"
)

// Whatever text is passed as data, it is either refused by name, or nothing, or
// stored as it is and read back as it is.
func FuzzData(f *testing.F) {
	for _, seed := range []string{`{}`, `[]`, `{"a":"ä😀\u0000"}`, "null", " ", "{", `"x"`, "[\"\xff\"]", "[\x00]", `{"a":1}{`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := encodeData(text)
		if err != nil {
			var wrong *FieldError
			require.ErrorAs(t, err, &wrong)
			require.Equal(t, "data", wrong.Field)
			require.Empty(t, got)
			return
		}
		if got == "" {
			require.Nil(t, decodeData(got))
			return
		}
		require.Equal(t, text, got)
		require.LessOrEqual(t, len(got), schema.MaxData)
		require.True(t, utf8.ValidString(got))
		require.True(t, json.Valid([]byte(got)))
		require.Equal(t, got, string(decodeData(got)))
	})
}
