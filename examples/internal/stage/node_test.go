package stage

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNodeRefusesWhatTheBackOfficeDidNotWrite(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, Program{}.runNode("{", strings.NewReader(""), io.Discard), nodeEnv)
	require.ErrorContains(t, Program{}.runNode("{}", strings.NewReader(""), io.Discard), "the DSN is empty")
}
