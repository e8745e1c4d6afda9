package key_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/internal/key"
)

func TestFlaw(t *testing.T) {
	t.Parallel()
	for text, flaw := range map[string]string{
		"billing":      "",
		"Zürich 東京 #2": "",
		"":             "", // whether it may be empty is the caller's to say
		"a\xff":        "must be valid UTF-8",
		"a\x00b":       "must not hold the control character U+0000",
		"a\n":          "must not hold the control character U+000A",
		"a\x7fb":       "must not hold the control character U+007F",
		"a\u0080b":     "must not hold the control character U+0080",
		"a\u009fb":     "must not hold the control character U+009F",
		" a":           "must not begin or end with a blank",
		"a\u00a0":      "must not begin or end with a blank",
	} {
		require.Equal(t, flaw, key.Flaw(text), "%q", text)
	}
}
