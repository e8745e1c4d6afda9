package client

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

var (
	// ErrNotFound says that there is no row of that name or id. It comes as a *NotFoundError.
	ErrNotFound = errors.New("not found")
	// ErrAlreadyExists says that a name or a key is taken. It comes as an *AlreadyExistsError.
	ErrAlreadyExists = errors.New("already exists")
	// ErrContended says that others changed the row each time that the call had read it.
	ErrContended = errors.New("others kept changing the row: try again")
	// ErrInTransaction refuses a call that writes the row of an app inside the caller's
	// transaction: see [Client.WithTx].
	ErrInTransaction = errors.New("writes the row of the app, which every node needs: call it outside the transaction")
)

// FieldError says that a field of a call has an invalid value. Nothing was
// written.
type FieldError struct {
	Field  string // as in the docs, with its place in a list: executes[2].cron
	Value  any    // what was given
	Reason string // completes the sentence: "must be …"
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("%s %s: %s", e.Field, shown(e.Value), e.Reason)
}

func invalid(field string, value any, reason string) error {
	return &FieldError{Field: field, Value: value, Reason: reason}
}

// shown keeps a message readable and on one line whatever was passed in.
func shown(value any) string {
	const most = 100
	text := fmt.Sprint(value)
	if err, ok := value.(error); ok {
		text = err.Error()
	}
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return fmt.Sprintf("%q", text)
}

// within puts the place before the field of a *FieldError: executes[2].cron.
func within(place string, err error) error {
	var field *FieldError
	if errors.As(err, &field) {
		return &FieldError{Field: place + "." + field.Field, Value: field.Value, Reason: field.Reason}
	}
	return err
}

// DocumentError tells everything that is wrong with a [Document], by place, such as
// jobs[2].executes[0].schedule.cron; where a document is wrong throughout, the first
// thousand or so. Nothing was written.
type DocumentError struct{ Mistakes []*FieldError }

// maxMistakes is how many mistakes in a document are enough: a list of a million empty
// objects has two in each.
const maxMistakes = 1_000

// documentError returns the mistakes as an error, if there are any.
func documentError(mistakes []*FieldError) error {
	if len(mistakes) == 0 {
		return nil
	}
	place := map[*FieldError]string{} // jobs[10] comes after jobs[9]
	for _, m := range mistakes {
		place[m] = digits.ReplaceAllStringFunc(m.Field, func(n string) string { return fmt.Sprintf("%9s", n) })
	}
	slices.SortStableFunc(mistakes, func(a, b *FieldError) int { return cmp.Compare(place[a], place[b]) })
	return &DocumentError{mistakes}
}

var digits = regexp.MustCompile(`\d+`)

func (e *DocumentError) Error() string {
	const most = 10
	lines := make([]string, 0, most+1)
	for i, m := range e.Mistakes {
		if i == most {
			lines = append(lines, fmt.Sprintf("and %d more", len(e.Mistakes)-most))
			break
		}
		lines = append(lines, m.Error())
	}
	return strings.Join(lines, "; ")
}

// Unwrap returns the mistakes.
func (e *DocumentError) Unwrap() []error {
	out := make([]error, len(e.Mistakes))
	for i, m := range e.Mistakes {
		out[i] = m
	}
	return out
}

// NoAnswerError says that nodes have not done what was asked of them when the
// caller's context, or the client's limit on a call, ended.
type NoAnswerError struct {
	App    string
	Nodes  []string    // the keys of those that have not
	Verb   schema.Verb // the command that was not answered; empty: of the maintenance
	Waited time.Duration
	Err    error // of the context
}

func (e *NoAnswerError) Error() string {
	what := "have not confirmed that they are idle"
	if e.Verb != "" {
		what = "did not answer " + string(e.Verb)
	}
	return fmt.Sprintf("nodes %s of app %s %s within %s: %v", strings.Join(e.Nodes, ", "), e.App, what, e.Waited.Round(time.Millisecond), e.Err)
}

// Unwrap returns the context's error.
func (e *NoAnswerError) Unwrap() error { return e.Err }

// Kind names what an error is about.
type Kind string

// The kinds of things that the client manages.
const (
	KindApp     Kind = "app"
	KindNode    Kind = "node"
	KindJob     Kind = "job"
	KindExecute Kind = "execute"
	KindFire    Kind = "fire"
)

// NotFoundError says that there is no row of that name or id. It is [ErrNotFound].
type NotFoundError struct {
	Kind Kind
	Key  string // id or name; of a node app/key
	Of   string // what has no such name: "app billing", "job 7"; "" of an id, an app and a node
}

func (e *NotFoundError) Error() string { return named(e.Kind, e.Key, e.Of) + ": not found" }

// Unwrap returns ErrNotFound.
func (e *NotFoundError) Unwrap() error { return ErrNotFound }

// AlreadyExistsError says that a name or a key is taken. It is [ErrAlreadyExists].
type AlreadyExistsError struct {
	Kind Kind
	Key  string // the name; of a node app/key
	Of   string // what has that name already: "app billing", "job 7"; "" of an app and a node
}

func (e *AlreadyExistsError) Error() string { return named(e.Kind, e.Key, e.Of) + ": already exists" }

// Unwrap returns ErrAlreadyExists.
func (e *AlreadyExistsError) Unwrap() error { return ErrAlreadyExists }

func named(kind Kind, key, of string) string {
	if of == "" {
		return fmt.Sprintf("%s %s", kind, key)
	}
	return fmt.Sprintf("%s %q of %s", kind, key, of)
}

func notFound(kind Kind, key any) error { return &NotFoundError{Kind: kind, Key: fmt.Sprint(key)} }

// StateConflictError says that a call makes no sense in the state in which the
// row is: resuming what has nothing left to fire, deleting what others need.
type StateConflictError struct {
	Kind   Kind   `json:"kind"`
	Key    string `json:"key"`   // id or name
	State  string `json:"state"` // as it was found: PAUSED, Y or N for apps and nodes, "not running" for fires
	Reason string `json:"reason"`
}

func (e *StateConflictError) Error() string {
	return fmt.Sprintf("%s %s is %s: %s", e.Kind, e.Key, e.State, e.Reason)
}

// VersionConflictError says that somebody has edited the row since it was read.
// Read it again, and decide again.
type VersionConflictError struct {
	Kind    Kind
	ID      ID
	Given   int64 // the version that the edit was made from
	Current int64 // the version that was found
}

func (e *VersionConflictError) Error() string {
	return fmt.Sprintf("%s %s has version %d, the edit was made from version %d: read it again", e.Kind, e.ID, e.Current, e.Given)
}

// explained adds to an error the call's name, and to a database's what the caller can
// do about it.
func explained(call string, err error) error {
	if sqldb.MissingTable(err) {
		return fmt.Errorf("%s: the tables are missing or older than this client (schema.Migrate creates and upgrades them): %w", call, err)
	}
	return fmt.Errorf("%s: %w", call, err)
}

// told reports whether an error is the client's own word to its caller on a row or a
// node, which it names.
func told(err error) bool {
	var state *StateConflictError
	var version *VersionConflictError
	var answer *NoAnswerError
	return errors.Is(err, ErrNotFound) || errors.Is(err, ErrAlreadyExists) ||
		errors.As(err, &answer) || errors.As(err, &state) || errors.As(err, &version)
}

func nodeConflict(row schema.Node, reason string) error {
	return &StateConflictError{Kind: KindNode, Key: row.Application + "/" + row.Key, State: string(row.State), Reason: reason}
}

func executeConflict(row schema.Execute, reason string) error {
	return &StateConflictError{Kind: KindExecute, Key: ID(row.ID).String(), State: string(row.State), Reason: reason}
}
