package client

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/quartz-cluster/quartz/schema"
)

// ID identifies a job or an execute. It has up to 18 digits, more than a
// JavaScript number holds, so in JSON it is a string; a number is read as well.
type ID int64

// ParseID reads an id as people and URLs write it.
func ParseID(text string) (ID, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > schema.MaxID {
		return 0, invalid("id", text, "must be a number of at most 18 digits")
	}
	return ID(n), nil
}

// String returns the digits.
func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// MarshalJSON writes the digits as a string.
func (id ID) MarshalJSON() ([]byte, error) { return strconv.AppendQuote(nil, id.String()), nil }

// UnmarshalJSON reads a string of digits or a number.
func (id *ID) UnmarshalJSON(data []byte) error {
	text := string(data)
	if len(data) > 0 && data[0] == '"' {
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
	}
	parsed, err := ParseID(text)
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

func (id ID) check(field string) error {
	if id < 1 || id > schema.MaxID {
		return invalid(field, int64(id), fmt.Sprintf("must be from 1 to %d", int64(schema.MaxID)))
	}
	return nil
}
