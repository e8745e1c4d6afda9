package coretest

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/internal/run"
)

// NewFire makes up a fire of class that is due now, with data as its JSON data:
// []byte, string and json.RawMessage are taken as JSON, nil as none, anything
// else is marshalled. Change what matters to the test.
func NewFire(class string, data any) (*core.Fire, error) {
	raw, err := rawJSON(data)
	if err != nil {
		return nil, fmt.Errorf("coretest: data of a fire of %q: %w", class, err)
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	return &core.Fire{
		App: "test", Node: "test", JobID: 1, Class: class, ExecuteID: 1,
		NominalTime: now, ActualTime: now, Attempt: 1, Fence: now.UnixMilli(), Data: raw,
	}, nil
}

func rawJSON(data any) (json.RawMessage, error) {
	var raw json.RawMessage
	switch d := data.(type) {
	case nil:
		return nil, nil
	case json.RawMessage:
		raw = d
	case []byte:
		raw = d
	case string:
		raw = json.RawMessage(d)
	default:
		return json.Marshal(d)
	}
	if !json.Valid(raw) {
		return nil, fmt.Errorf("%q is not JSON", raw)
	}
	return raw, nil
}

// Run runs the handler registered for class, inside its own middleware, with a
// made-up fire that carries data, and returns what it returned. A panic is
// returned as a [core.PanicError], as a node records it.
func Run(ctx context.Context, handlers *core.Handlers, class string, data any) error {
	fire, err := NewFire(class, data)
	if err != nil {
		return err
	}
	return RunFire(ctx, handlers, fire)
}

// RunFire is [Run] with a fire of the caller's.
func RunFire(ctx context.Context, handlers *core.Handlers, fire *core.Fire) (err error) {
	handler, ok := handlers.Get(fire.Class)
	if !ok {
		return fmt.Errorf("coretest: no handler is registered for class %q: there are %q", fire.Class, handlers.Names())
	}
	defer func() {
		if v := recover(); v != nil {
			err = run.Panicked(v)
		}
	}()
	return handler(ctx, fire)
}
