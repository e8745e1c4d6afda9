package core_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/core/coretest"
)

type invoice struct {
	Number string `json:"number"`
	Cents  int64  `json:"cents"`
}

func TestHandleDecodesTheData(t *testing.T) {
	t.Parallel()
	h := core.NewHandlers()
	var got []invoice
	core.Handle(h, "send", func(_ context.Context, _ *core.Fire, i invoice) error {
		got = append(got, i)
		return nil
	})
	require.NoError(t, coretest.Run(t.Context(), h, "send", invoice{"R-1", 5}))
	require.NoError(t, coretest.Run(t.Context(), h, "send", `{"number":"R-2","unknown":true}`))
	require.NoError(t, coretest.Run(t.Context(), h, "send", nil))
	require.Equal(t, []invoice{{"R-1", 5}, {"R-2", 0}, {}}, got)

	var bad *core.DataError
	require.ErrorAs(t, coretest.Run(t.Context(), h, "send", `{"cents":"five"}`), &bad)
	require.Equal(t, "send", bad.Class)
	require.Len(t, got, 3, "data that does not fit must not reach the handler")
}

// What a fire fails with is logged, so it must not quote the data.
func TestADataErrorQuotesNoData(t *testing.T) {
	t.Parallel()
	type payment struct {
		Card int32     `json:"card"`
		Due  time.Time `json:"due"`
	}
	decode := func(data string) error { return (&core.Fire{Class: "pay", Data: []byte(data)}).Decode(new(payment)) }
	for data, says := range map[string]string{
		`{"card":4711471147114711}`: `data does not fit handler "pay": at byte 24, field "card": a number does not go into Go's int32`,
		`{"due":"4711"}`:            `data does not fit handler "pay": the type of a field refuses it with a *time.ParseError`,
		`{"card":4711x}`:            `data does not fit handler "pay": at byte 13: no JSON`,
		`{"card":4711`:              `data does not fit handler "pay": unexpected EOF`,
		`{"card":5} 4711`:           `data does not fit handler "pay": there is more after the JSON value`,
	} {
		require.EqualError(t, decode(data), says)
	}
	var cause *time.ParseError
	require.ErrorAs(t, decode(`{"due":"4711"}`), &cause, "the program may know")
	require.Equal(t, "4711", cause.Value)
}

func TestHandlersRefuseWhatCannotRun(t *testing.T) {
	t.Parallel()
	h := core.NewHandlers()
	require.NoError(t, h.AddSafely("taken", nothing))
	require.ErrorContains(t, h.AddSafely("taken", nothing), `handler "taken" is registered already`)
	require.ErrorContains(t, h.AddSafely("", nothing), "is required")
	require.ErrorContains(t, h.AddSafely(strings.Repeat("h", 128), nothing), "must be at most 127 bytes")
	require.ErrorContains(t, h.AddSafely("a\tb", nothing), "must not hold the control character U+0009")
	require.ErrorContains(t, h.AddSafely("nil", nil), `handler "nil" is nil`)
	require.ErrorContains(t, h.AddSafely("nil", nothing, nil), "middleware 0 is nil")
	require.ErrorContains(t, core.HandleSafely[invoice](h, "typed", nil), `handler "typed" is nil`)
	require.Panics(t, func() { h.Add("taken", nothing) })
	require.Equal(t, []string{"taken"}, h.Names())
}

func TestMiddlewareWrapsInOrder(t *testing.T) {
	t.Parallel()
	var order []string
	mark := func(name string) core.Middleware {
		return func(next core.HandlerFunc) core.HandlerFunc {
			return func(ctx context.Context, fire *core.Fire) error {
				order = append(order, name)
				return next(ctx, fire)
			}
		}
	}
	h := core.NewHandlers()
	h.Add("x", func(context.Context, *core.Fire) error {
		order = append(order, "handler")
		return errors.New("no")
	}, mark("first"), mark("second"))
	require.EqualError(t, coretest.Run(t.Context(), h, "x", nil), "no")
	require.Equal(t, []string{"first", "second", "handler"}, order)
}

func TestRunReportsAPanicAsANodeDoes(t *testing.T) {
	t.Parallel()
	h := core.NewHandlers()
	cause := errors.New("boom")
	h.Add("x", func(context.Context, *core.Fire) error { panic(cause) })
	err := coretest.Run(t.Context(), h, "x", nil)
	var panicked *core.PanicError
	require.ErrorAs(t, err, &panicked)
	require.ErrorIs(t, err, cause)
	require.ErrorContains(t, coretest.Run(t.Context(), h, "y", nil), `no handler is registered for class "y"`)
	require.ErrorContains(t, coretest.Run(t.Context(), h, "x", "{"), "is not JSON")
}
