package client

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/quartz-cluster/quartz/internal/key"
	"github.com/quartz-cluster/quartz/schema"
)

// checkKey checks what rows are found by: an app, a node key, a class, a name.
func checkKey(field, value string, most int) error {
	if value == "" {
		return invalid(field, value, "must not be empty")
	}
	if err := checkText(field, value, most); err != nil {
		return err
	}
	if flaw := key.Flaw(value); flaw != "" {
		return invalid(field, value, flaw)
	}
	return nil
}

// checkOptionalKey is checkKey for what may be empty.
func checkOptionalKey(field, value string, most int) error {
	if value == "" {
		return nil
	}
	return checkKey(field, value, most)
}

// checkText checks what rows only carry: any text that every database can hold.
func checkText(field, value string, most int) error {
	if !utf8.ValidString(value) {
		return invalid(field, value, "must be valid UTF-8")
	}
	if strings.ContainsRune(value, 0) {
		return invalid(field, value, "must not hold the character NUL")
	}
	if len(value) > most {
		return invalid(field, value, fmt.Sprintf("has %d bytes, at most %d are allowed", len(value), most))
	}
	return nil
}

func checkApp(field, name string) error { return checkKey(field, name, schema.MaxApplication) }

func checkActor(actor string) error { return checkOptionalKey("actor", actor, schema.MaxActor) }

func checkVersion(version int64) error {
	if version < 0 {
		return invalid("version", version, "must be the version that the edit was made from")
	}
	return nil
}

// checkIDs checks a selection; nil is none.
func checkIDs(field string, ids []ID) ([]int64, error) {
	if ids == nil {
		return nil, nil
	}
	if len(ids) > MaxBatch {
		return nil, invalid(field, len(ids), fmt.Sprintf("at most %d can be given", MaxBatch))
	}
	out := make([]int64, len(ids))
	for i, id := range ids {
		if err := id.check(fmt.Sprintf("%s[%d]", field, i)); err != nil {
			return nil, err
		}
		out[i] = int64(id)
	}
	return out, nil
}

func checkStates(field string, states []schema.State) error {
	for _, s := range states {
		if !s.Valid() {
			return invalid(field, s, fmt.Sprintf("must be one of %v", schema.States))
		}
	}
	return nil
}
