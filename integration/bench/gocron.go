package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/go-co-op/gocron/v2"
)

// recurGocron runs n jobs of gocron's every second for a while.
func recurGocron(ctx context.Context, n int, span time.Duration) (late lateness, err error) {
	s, err := gocron.NewScheduler()
	if err != nil {
		return late, err
	}
	defer func() { err = errors.Join(err, s.Shutdown()) }()
	h := new(histogram)
	runs := make([]atomic.Int64, n)
	first := firstInstant(n)
	instants := int64(span / time.Second)
	for i := range n {
		run := func() {
			if nth := runs[i].Add(1); nth <= instants {
				h.add(time.Since(first.Add(time.Duration(nth-1) * time.Second)))
			}
		}
		_, err := s.NewJob(gocron.DurationJob(time.Second), gocron.NewTask(run), gocron.WithStartAt(gocron.WithStartDateTime(first)))
		if err != nil {
			return late, err
		}
	}
	s.Start()
	if time.Now().After(first) {
		return late, errors.New("the jobs were not there in time")
	}
	if err := pause(ctx, time.Until(first.Add(span-time.Second+grace))); err != nil {
		return late, err
	}
	return h.lateness(), nil
}
