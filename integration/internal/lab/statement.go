package lab

import (
	"slices"
	"strings"
)

// Kind is what a statement of the engine does.
type Kind string

// The kinds of statement that tests interfere with.
const (
	Scan     Kind = "scan"
	Claim    Kind = "claim" // where a claim is a transaction: its first statement, which locks
	Take     Kind = "take"  // the UPDATE of a claim
	ReadBack Kind = "read back"
	Complete Kind = "complete"
	Beat     Kind = "heartbeat"
	Register Kind = "register"
	Leave    Kind = "leave"
	Answer   Kind = "answer" // to a command
	WinPass  Kind = "win pass"
	Flights  Kind = "flights" // what the handler reads of a node that is gone
	End      Kind = "end"     // writes one outcome the long way: a fire lost, or that of a child
	Other    Kind = "other"
)

// kindsOf tells what a statement does, by words that no other has. A claim in
// one statement is both Claim and Take.
func kindsOf(query string) []Kind {
	has := func(words ...string) bool {
		for _, w := range words {
			if !strings.Contains(query, w) {
				return false
			}
		}
		return true
	}
	switch {
	case has("(SELECT e.ID, e.PID, e.NAME"):
		return []Kind{Scan}
	case has("UPDATE", "HIGH_TIME = NULLIF", "RETURNING"):
		return []Kind{Claim, Take}
	case has("SELECT ID, VERSION, JOB_TYPE"):
		return []Kind{Claim}
	case has("UPDATE", "HIGH_TIME = NULLIF"):
		return []Kind{Take}
	case has("SELECT ID, FIRE_TIME, FIRE_ATTEMPT, FIRE_NODE"):
		return []Kind{ReadBack}
	case has("UPDATE", "LAST_END_TIME", "LOST_COUNT = "):
		return []Kind{End}
	case has("LAST_FIRE_TIME = FIRE_TIME"):
		return []Kind{Complete}
	case has("BEAT = BEAT + 1"):
		return []Kind{Beat}
	case has("UPDATE", "NODE_SEQ = "):
		return []Kind{Register}
	case has("DELETE FROM", "_NODE"):
		return []Kind{Leave}
	case has("SET COMMAND = NULL, COMMAND_ACK = "):
		return []Kind{Answer}
	case has("SELECT e.ID, e.PID, e.FIRE_TIME, e.FIRE_ATTEMPT"):
		return []Kind{Flights}
	case has("UPDATE", "TIME_NEXT = ", "TIME_PRE"):
		return []Kind{WinPass}
	}
	return []Kind{Other}
}

// Is reports whether a statement does that.
func Is(query string, kind Kind) bool { return slices.Contains(kindsOf(query), kind) }
