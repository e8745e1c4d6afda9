package telemetry

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Line is one line of a log.
type Line struct {
	Process string
	Text    string
	Fields  map[string]any
	Time    time.Time
}

// Field returns the value under a key as text, "" where there is none.
func (l Line) Field(key string) string {
	if value, ok := l.Fields[key]; ok {
		return fmt.Sprint(value)
	}
	return ""
}

// Lines returns what all processes have logged so far, by time.
func Lines(dir string) (out []Line, err error) {
	err = read(dir, logs, func(process string, text []byte) error {
		line := Line{Process: process, Text: string(text)}
		numbers := json.NewDecoder(bytes.NewReader(text))
		numbers.UseNumber() // an id has more digits than a float
		if err := numbers.Decode(&line.Fields); err != nil {
			return err
		}
		if line.Time, err = time.Parse(time.RFC3339Nano, line.Field("time")); err != nil {
			return err
		}
		out = append(out, line)
		return nil
	})
	slices.SortStableFunc(out, func(a, b Line) int { return cmp.Compare(a.Time.UnixNano(), b.Time.UnixNano()) })
	return out, err
}
