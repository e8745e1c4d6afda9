package console

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/quartz-cluster/quartz/client"
)

// code tells the failures of a request apart.
type code string

const (
	codeField           code = "invalid_field"
	codeRequest         code = "bad_request"
	codeUnauthenticated code = "unauthenticated"
	codeForbidden       code = "forbidden"
	codeCrossOrigin     code = "cross_origin"
	codeNotFound        code = "not_found"
	codeMethod          code = "method_not_allowed"
	codeExists          code = "already_exists"
	codeContended       code = "contended"
	codeState           code = "state_conflict"
	codeVersion         code = "version_conflict"
	codeTooLarge        code = "too_large"
	codeMediaType       code = "media_type"
	codeBusy            code = "busy"
	codeNoAnswer        code = "no_answer"
	codeTimeout         code = "timeout"
	codeInternal        code = "internal"
)

// failure is the body of every answer that is not 200.
type failure struct {
	status int

	Code      code        `json:"code"`
	Message   string      `json:"message"`
	Field     string      `json:"field,omitempty"`
	Value     string      `json:"value,omitempty"`
	Reason    string      `json:"reason,omitempty"`
	Mistakes  []mistake   `json:"mistakes,omitempty"`
	Kind      client.Kind `json:"kind,omitempty"`
	Key       string      `json:"key,omitempty"`
	State     string      `json:"state,omitempty"`
	Version   *int64      `json:"version,omitempty"`
	Current   *int64      `json:"current,omitempty"`
	Nodes     []string    `json:"nodes,omitempty"`
	Changed   int         `json:"changed,omitempty"`
	Reference string      `json:"reference,omitempty"`
}

// mistake is a field that has an invalid value.
type mistake struct {
	Field  string `json:"field"`
	Value  string `json:"value"`
	Reason string `json:"reason"`
}

func mistakeOf(e *client.FieldError) mistake {
	value := fmt.Sprint(e.Value)
	if len(value) > maxValue {
		value = strings.ToValidUTF8(value[:maxValue], "") + "…"
	}
	return mistake{e.Field, value, e.Reason}
}

func (f *failure) Error() string { return f.Message }

// refuse is a failure that the console itself finds.
func refuse(status int, code code, format string, args ...any) error {
	return &failure{status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// maxValue is how much of a wrong value an answer repeats, in bytes, and
// maxMistakes how many it names.
const maxValue, maxMistakes = 200, 100

func invalid(field string, value any, reason string) error {
	return &client.FieldError{Field: field, Value: value, Reason: reason}
}

// partial is the error of a call that had changed something before it failed.
type partial struct {
	error

	changed int
}

func (p *partial) Unwrap() error { return p.error }

// partly says beside an error how much was changed before.
func partly(err error, changed int) error {
	if err == nil || changed == 0 {
		return err
	}
	return &partial{err, changed}
}

// failed makes a failure of what a handler returned. What the client does not
// say itself is the database's: its text goes to the log, with a number by which
// it is found.
func (c *console) failed(ctx context.Context, route string, err error) *failure {
	var own *failure
	var field *client.FieldError
	var document *client.DocumentError
	var missing *client.NotFoundError
	var exists *client.AlreadyExistsError
	var state *client.StateConflictError
	var version *client.VersionConflictError
	var answer *client.NoAnswerError
	var part *partial
	out := &failure{Message: err.Error()}
	if errors.As(err, &part) {
		out.Changed = part.changed
	}
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &field):
		first := mistakeOf(field)
		out.status, out.Code = http.StatusUnprocessableEntity, codeField
		out.Field, out.Value, out.Reason, out.Message = first.Field, first.Value, first.Reason, field.Error()
		if errors.As(err, &document) {
			out.Message = document.Error()
			for _, e := range document.Mistakes[:min(len(document.Mistakes), maxMistakes)] {
				out.Mistakes = append(out.Mistakes, mistakeOf(e))
			}
		}
	case errors.As(err, &state):
		out.status, out.Code, out.Kind, out.Key, out.State = http.StatusConflict, codeState, state.Kind, state.Key, state.State
		out.Reason = state.Reason
	case errors.As(err, &version):
		out.status, out.Code, out.Kind, out.Key = http.StatusConflict, codeVersion, version.Kind, version.ID.String()
		out.Version, out.Current = &version.Given, &version.Current
	case errors.As(err, &answer):
		out.status, out.Code, out.Nodes = http.StatusGatewayTimeout, codeNoAnswer, answer.Nodes
	case errors.As(err, &missing):
		out.status, out.Code, out.Kind, out.Key = http.StatusNotFound, codeNotFound, missing.Kind, missing.Key
	case errors.As(err, &exists):
		out.status, out.Code, out.Kind, out.Key = http.StatusConflict, codeExists, exists.Kind, exists.Key
	case errors.Is(err, client.ErrContended):
		out.status, out.Code = http.StatusConflict, codeContended
	default:
		out.status, out.Code, out.Reference = http.StatusInternalServerError, codeInternal, rand.Text()[:10]
		out.Message = "the database or the console failed: the log says why, at reference " + out.Reference
		if ctx.Err() != nil {
			out.status, out.Code = http.StatusGatewayTimeout, codeTimeout
			out.Message = "the database did not answer in time: the log says more, at reference " + out.Reference
		}
		level := slog.LevelError
		if errors.Is(ctx.Err(), context.Canceled) {
			level = slog.LevelDebug // the browser has no more use for the answer
		}
		c.config.Logger.Log(ctx, level, "console: a request failed", "route", route, "reference", out.Reference, "error", err)
	}
	return out
}
