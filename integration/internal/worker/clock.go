package worker

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Clock is a clock that several processes take for the database's. It stands in
// a file: the machine's own clock, moved and running faster or slower as a test
// says.
type Clock struct {
	Path string
}

// pace is what the file holds.
type pace struct {
	Offset time.Duration `json:"offset"` // at Since
	Since  time.Time     `json:"since"`
	Drift  float64       `json:"drift"` // seconds gained in a second since then
}

// NewClock makes the file in a folder of the test's.
func NewClock(dir string, offset time.Duration, drift float64) (Clock, error) {
	c := Clock{Path: filepath.Join(dir, "clock.json")}
	return c, c.Set(offset, drift)
}

// Set moves the clock to so much before or behind the machine's.
func (c Clock) Set(offset time.Duration, drift float64) error {
	text, err := json.Marshal(pace{offset, time.Now(), drift})
	if err != nil {
		return err
	}
	// In one step: somebody reads it at any time.
	if err := os.WriteFile(c.Path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(c.Path+".new", c.Path)
}

// Now returns what the clock shows.
func (c Clock) Now() time.Time {
	text, err := os.ReadFile(c.Path)
	var p pace
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil {
		panic(fmt.Sprintf("the test's clock: %v", err))
	}
	now := time.Now()
	return now.Add(p.Offset + time.Duration(p.Drift*float64(now.Sub(p.Since)))).UTC()
}

// Millis is what [sqldb.Clock] asks for.
func (c Clock) Millis() int64 { return c.Now().UnixMilli() }
