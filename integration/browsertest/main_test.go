package browsertest

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/quartz-cluster/quartz/integration/internal/lab"
)

// suite is the run of all tests, after which the browser goes.
type suite struct{ *testing.M }

func (s suite) Run() int {
	defer closeBrowser()
	return s.M.Run()
}

func TestMain(m *testing.M) {
	lab.AtOnce(3)
	goleak.VerifyTestMain(suite{m})
}
