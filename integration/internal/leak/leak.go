package leak

import (
	"time"

	"go.uber.org/goleak"
)

// patience is how long what is ending may take. It bounds a failure.
const patience = 30 * time.Second

// Main is [goleak.VerifyTestMain], for options that [goleak.Find] takes too.
func Main(m goleak.TestingM, options ...goleak.Option) {
	goleak.VerifyTestMain(settled{m, options}, options...)
}

// settled are tests whose run is over when their goroutines are.
type settled struct {
	goleak.TestingM
	options []goleak.Option
}

func (s settled) Run() int {
	code := s.TestingM.Run()
	for end := time.Now().Add(patience); code == 0 && goleak.Find(s.options...) != nil && time.Now().Before(end); {
	}
	return code
}
