package proxy

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Statement is what a node sends.
type Statement struct {
	Text string
	InTx bool
	Tx   []string // the statements before it in the same transaction
}

// Has reports whether the statement, or one before it in its transaction,
// contains all of the words.
func (s Statement) Has(words ...string) bool {
	for _, text := range append(slices.Clip(s.Tx), s.Text) {
		if containsAll(text, words) {
			return true
		}
	}
	return false
}

// Takes reports whether the statement makes changes lasting: it commits a
// transaction, or stands alone.
func (s Statement) Takes() bool { return !s.InTx || isCommit(s.Text) }

func containsAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// Action is what becomes of a statement. The zero Action passes it on.
type Action struct {
	// Lose passes it on, drops the reply and ends the connection.
	Lose bool
	// Late ends the node's connection at once and delivers the statement after
	// that time.
	Late time.Duration
	// Hold passes it on after that time.
	Hold time.Duration
	// Slow passes its reply on after that time.
	Slow time.Duration
	// Then is called once the statement was passed on and answered (Lose), or
	// the node's connection ended (Late).
	Then func()
}

// Rule says what becomes of a statement.
type Rule func(Statement) Action

// Every does the same to every nth statement that the condition holds for, and
// counts them in tried.
func Every(n int64, holds func(Statement) bool, do Action, tried *atomic.Int64) Rule {
	var seen atomic.Int64
	return func(s Statement) Action {
		if !holds(s) || seen.Add(1)%n != 0 {
			return Action{}
		}
		tried.Add(1)
		return do
	}
}
