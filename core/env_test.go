package core_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core"
)

func TestFromEnvReplacesOnlyWhatIsSet(t *testing.T) {
	t.Setenv("QUARTZ_APP", "billing")
	t.Setenv("QUARTZ_SLOTS", "7")
	t.Setenv("QUARTZ_HEARTBEAT", "2s")
	t.Setenv("QUARTZ_LABELS", "gpu, eu ,")
	t.Setenv("QUARTZ_MIGRATE", "true")
	t.Setenv("QUARTZ_NODE_KEY", "")
	c, err := core.FromEnv(core.Config{NodeKey: "kept", Lease: time.Minute})
	require.NoError(t, err)
	require.Equal(t, core.Config{
		App: "billing", Slots: 7, Heartbeat: 2 * time.Second, Labels: []string{"gpu", "eu"}, Migrate: true,
		NodeKey: "kept", Lease: time.Minute,
	}, c)
}

func TestFromEnvNamesTheVariableAndTheValue(t *testing.T) {
	for name, test := range map[string]struct{ value, says string }{
		"QUARTZ_SLOTS":   {"many", `environment variable QUARTZ_SLOTS: "many" is not a whole number`},
		"QUARTZ_LEASE":   {"5", `environment variable QUARTZ_LEASE: "5" is not a duration such as 1m30s`},
		"QUARTZ_MIGRATE": {"yes please", `environment variable QUARTZ_MIGRATE: "yes please" is neither true nor false`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, test.value)
			_, err := core.FromEnv(core.Config{})
			require.EqualError(t, err, "quartz: "+test.says)
		})
	}
}
