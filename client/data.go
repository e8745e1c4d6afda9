package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/quartz-cluster/quartz/schema"
)

// encodeData makes of what a caller passes as data the text that the column
// holds: a JSON object or array of at most 4,000 bytes, or nothing.
//
// json.RawMessage, []byte and string are JSON already and are stored as they
// are; everything else is marshalled. nil, an empty text and a JSON null are
// nothing. Numbers, strings and booleans alone are refused, since the column
// holds an object or an array.
func encodeData(data any) (string, error) {
	const field = "data"
	text, err := dataText(field, data)
	if err != nil || text == "" {
		return "", err
	}
	switch {
	case !utf8.ValidString(text):
		return "", invalid(field, text, "must be valid UTF-8")
	case !json.Valid([]byte(text)):
		return "", invalid(field, text, "must be JSON: an object or an array")
	case len(text) > schema.MaxData:
		return "", invalid(field, text, fmt.Sprintf("has %d bytes as JSON, at most %d are allowed", len(text), schema.MaxData))
	}
	switch first := bytes.TrimLeft([]byte(text), " \t\r\n")[0]; first {
	case '{', '[':
		return text, nil
	case 'n':
		return "", nil
	default:
		return "", invalid(field, text, "must be a JSON object or array, not a single value")
	}
}

func dataText(field string, data any) (string, error) {
	switch d := data.(type) {
	case nil:
		return "", nil
	case string:
		return d, nil
	case []byte:
		return string(d), nil
	case json.RawMessage:
		return string(d), nil
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // the column is short
	if err := encoder.Encode(data); err != nil {
		return "", invalid(field, fmt.Sprintf("%T", data), "cannot be written as JSON: "+err.Error())
	}
	return string(bytes.TrimSpace(out.Bytes())), nil
}

// decodeData returns a column's text as JSON. Other programs can write a text
// that is none; it is shown as a JSON string, so that one such row does not
// spoil the JSON of a whole list.
func decodeData(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	if json.Valid([]byte(text)) {
		return json.RawMessage(text)
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		return nil
	}
	return quoted
}
