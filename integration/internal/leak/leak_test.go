package leak

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { Main(m) }

// slow leaves a goroutine behind that takes longer to end than goleak waits.
type slow struct{}

func (slow) Run() int {
	go func() { <-time.After(3 * time.Second) }()
	return 0
}

func TestWhatIsEndingIsWaitedFor(t *testing.T) {
	before := goleak.IgnoreCurrent()
	require.Zero(t, settled{slow{}, []goleak.Option{before}}.Run())
	require.NoError(t, goleak.Find(before))
}
