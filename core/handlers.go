package core

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/quartz-cluster/quartz/schema"
)

// HandlerFunc runs one fire. An error fails the fire; so does a panic.
type HandlerFunc func(ctx context.Context, fire *Fire) error

// Middleware wraps a handler: it may look at the fire before and after, change
// the context, or not call next at all.
type Middleware func(next HandlerFunc) HandlerFunc

// Handlers is a set of handlers by name, the JOB_CLASS of the jobs they run.
// It is safe for concurrent use; a node takes its handlers when it is made.
type Handlers struct {
	mu     sync.Mutex
	byName map[string]HandlerFunc
}

// NewHandlers returns an empty set.
func NewHandlers() *Handlers { return &Handlers{byName: make(map[string]HandlerFunc)} }

// Add registers a handler under name, at most 127 bytes, inside middleware, the
// first one outermost. It panics where AddSafely would return an error: a
// worker's handlers are part of its program.
func (h *Handlers) Add(name string, handler HandlerFunc, middleware ...Middleware) {
	if err := h.AddSafely(name, handler, middleware...); err != nil {
		panic(err)
	}
}

// AddSafely is Add that returns an error when the name is empty, too long or
// taken, or a function is nil.
func (h *Handlers) AddSafely(name string, handler HandlerFunc, middleware ...Middleware) error {
	var bad *ConfigError
	if errors.As(checkText("", name, schema.MaxClass, true), &bad) {
		return fmt.Errorf("quartz: handler name %s %s", show(name), bad.Reason)
	}
	if handler == nil {
		return fmt.Errorf("quartz: handler %q is nil", name)
	}
	for i, m := range middleware {
		if m == nil {
			return fmt.Errorf("quartz: handler %q: middleware %d is nil", name, i)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, taken := h.byName[name]; taken {
		return fmt.Errorf("quartz: handler %q is registered already", name)
	}
	h.byName[name] = wrap(handler, middleware)
	return nil
}

// Names returns the names of all handlers, sorted.
func (h *Handlers) Names() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	names := make([]string, 0, len(h.byName))
	for name := range h.byName {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Get returns the handler with that name, inside its middleware.
func (h *Handlers) Get(name string) (HandlerFunc, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	handler, ok := h.byName[name]
	return handler, ok
}

// Handle registers a handler that takes the fire's data decoded into T. Data
// that does not fit T fails the fire with a [DataError] and does not reach the
// handler. Fields that T does not have are ignored, so that a back office may be
// ahead of its workers. It panics where HandleSafely would return an error: a worker's
// handlers are part of its program.
func Handle[T any](h *Handlers, name string, handler func(ctx context.Context, fire *Fire, data T) error, middleware ...Middleware) {
	if err := HandleSafely(h, name, handler, middleware...); err != nil {
		panic(err)
	}
}

// HandleSafely is Handle that returns an error when the name is empty, too long or
// taken, or a function is nil.
func HandleSafely[T any](h *Handlers, name string, handler func(ctx context.Context, fire *Fire, data T) error, middleware ...Middleware) error {
	if handler == nil {
		return fmt.Errorf("quartz: handler %q is nil", name)
	}
	return h.AddSafely(name, func(ctx context.Context, fire *Fire) error {
		var data T
		if err := fire.Decode(&data); err != nil {
			return err
		}
		return handler(ctx, fire, data)
	}, middleware...)
}

// DataError is what a fire fails with when its data does not fit its handler.
type DataError struct {
	Class string
	Err   error
}

// Error says what does not fit, and nothing of the data: it goes into logs, spans and
// LAST_ERROR.
func (e *DataError) Error() string {
	return fmt.Sprintf("data does not fit handler %q: %s", e.Class, unquoted(e.Err))
}

// unquoted says what a decoder said, without the values that it quotes.
func unquoted(err error) string {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind):
		value, _, _ := strings.Cut(kind.Value, " ") // behind "number" are its digits
		return fmt.Sprintf("at byte %d, field %q: a %s does not go into Go's %s", kind.Offset, kind.Field, value, kind.Type)
	case errors.As(err, &syntax):
		return fmt.Sprintf("at byte %d: no JSON", syntax.Offset)
	case errors.Is(err, errMore), errors.Is(err, io.ErrUnexpectedEOF):
		return err.Error()
	}
	return fmt.Sprintf("the type of a field refuses it with a %T", err)
}

// Unwrap returns what the decoder said.
func (e *DataError) Unwrap() error { return e.Err }

var errMore = errors.New("there is more after the JSON value")

func decode(data []byte, v any) error {
	if len(data) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errMore
	}
	return nil
}

func wrap(handler HandlerFunc, middleware []Middleware) HandlerFunc {
	for _, m := range slices.Backward(middleware) {
		handler = m(handler)
	}
	return handler
}

func itoa(n int) string { return strconv.Itoa(n) }
