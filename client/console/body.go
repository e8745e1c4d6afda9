package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/quartz-cluster/quartz/client"
)

const jsonType = "application/json"

// maxBody is how long the body of a change may be that carries no document: data,
// which is the longest, has 4,000 bytes, and more where its letters are escaped.
const maxBody = 64 << 10

// readBody reads a JSON body of at most limit bytes into out. A body of another
// type is refused before it is read: what a form of another site can send is one.
func readBody(r *http.Request, limit int64, out any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != jsonType {
		return refuse(http.StatusUnsupportedMediaType, codeMediaType, "the Content-Type must be %s", jsonType)
	}
	text, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return refuse(http.StatusRequestEntityTooLarge, codeTooLarge, "the body has more than %d bytes", limit)
	case err != nil:
		return refuse(http.StatusBadRequest, codeRequest, "the body ended early")
	case !utf8.Valid(text): // of which the decoder would make something else
		return refuse(http.StatusBadRequest, codeRequest, "the body must be UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(out); err != nil {
		return unreadable(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return refuse(http.StatusBadRequest, codeRequest, "the body must be one JSON object")
	}
	return nil
}

func unreadable(err error) error {
	var field *client.FieldError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &field):
		return field
	case errors.As(err, &kind):
		return invalid(fieldOf(kind.Field), kind.Value, "must be "+kindOf(kind.Type.Kind().String()))
	}
	return refuse(http.StatusBadRequest, codeRequest, "the body is not what it should be: %s", strings.TrimPrefix(err.Error(), "json: "))
}

// fieldOf is the client's name of the field at a path in a body.
func fieldOf(path string) string {
	return strings.TrimSuffix(path[strings.LastIndexByte(path, '.')+1:], "Ns")
}

// kindOf is JSON's word for a kind of Go's.
func kindOf(kind string) string {
	switch {
	case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "uint"), strings.HasPrefix(kind, "float"):
		return "a number"
	case kind == "slice":
		return "an array"
	case kind == "bool":
		return "true or false"
	case kind == "string":
		return "a text"
	}
	return "an object"
}
