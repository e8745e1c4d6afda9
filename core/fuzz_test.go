package core_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core"
)

// FuzzFireDecode feeds JSON data of any kind to a typed handler's decoder: it
// decodes what encoding/json decodes, refuses everything else by name, and never
// leaves a second value unread.
func FuzzFireDecode(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `[]`, `null`, `{"number":"R-1","cents":5}`, `{"number":5}`, `{"number":"\ud800"}`,
		`{"number":"a"} {"number":"b"}`, `{"cents":1e400}`, `{"number":"`, "\xff", "{\"number\":\"\x00\"}", `[[[[[[[[`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got, want invoice
		fire := core.Fire{Class: "send", Data: data}
		err := fire.Decode(&got)
		if len(data) == 0 {
			require.NoError(t, err)
			return
		}
		if wantErr := json.Unmarshal(data, &want); wantErr != nil {
			var bad *core.DataError
			require.ErrorAs(t, err, &bad, "encoding/json says %v", wantErr)
			require.ErrorContains(t, err, `"send"`)
			return
		}
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

// FuzzHandlerName registers handlers under any name: what is taken can be found
// again, what is not says why.
func FuzzHandlerName(f *testing.F) {
	for _, seed := range []string{"invoice.send", "", " a", "a\x00", "\xff", "üüü", "com.example.Job$Inner"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		h := core.NewHandlers()
		err := h.AddSafely(name, func(context.Context, *core.Fire) error { return nil })
		_, found := h.Get(name)
		require.Equal(t, err == nil, found)
	})
}
