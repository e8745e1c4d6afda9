package said_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/internal/said"
)

func TestAnErrorIsToldOnce(t *testing.T) {
	t.Parallel()
	told := said.Errors{}
	require.True(t, told.New(errors.New("read tcp 10.0.0.1:51234: reset by peer")))
	require.False(t, told.New(errors.New("read tcp 10.0.0.1:51236: reset by peer")))
	require.True(t, told.New(errors.New("permission denied")))
	require.False(t, told.New(errors.New("read tcp 10.0.0.1:9: reset by peer")))
	clear(told)
	require.True(t, told.New(errors.New("permission denied")))
}
