package member

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core/observe"
)

// deadlock is how PostgreSQL ends one of two that wait for each other.
type deadlock struct{}

func (deadlock) Error() string    { return "deadlock detected" }
func (deadlock) SQLState() string { return "40P01" }

// A database that answers is not away, whatever it answers.
func TestAHeartbeatThatGivesWayIsNoDatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	var told []observe.Event
	away, tried := 0, 0
	m := &Membership{cfg: Config{
		Failed: func() bool { away++; return away == 1 }, Tried: func() { tried++ }, Tell: func(e observe.Event) { told = append(told, e) },
	}}
	m.trouble(deadlock{})
	require.Equal(t, []observe.Event{{Kind: observe.Refused, Reason: "heartbeat", Err: deadlock{}}}, told)
	require.Equal(t, []int{0, 1}, []int{away, tried})
	cut := errors.New("connection refused")
	m.trouble(cut)
	m.trouble(cut)
	require.Equal(t, []observe.Event{{Kind: observe.DatabaseAway, Err: cut}}, told[1:])
	require.Equal(t, []int{2, 1}, []int{away, tried})
}
