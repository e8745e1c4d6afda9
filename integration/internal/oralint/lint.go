package oralint

import (
	"fmt"
	"strings"
)

// Finding is a breach of a rule.
type Finding struct {
	Rule string // the rule's name
	Why  string // what Oracle would do
	Near string // the words at fault
}

func (f Finding) String() string { return fmt.Sprintf("%s: %s (near %q)", f.Rule, f.Why, f.Near) }

// Rule is one thing that Oracle does not take, or takes to mean something else.
type Rule struct {
	Name string
	Why  string
	Bad  []Example // each must be caught
	Good []Example // each must pass

	check func(s *statement)
}

// Example is a statement and its binds.
type Example struct {
	SQL   string
	Binds []any
}

// Exception lets the statements that begin with Prefix pass a rule.
type Exception struct {
	Rule   string
	Prefix string
	Reason string
}

// Check returns what Oracle would have against a statement.
func Check(sql string, binds []any) []Finding {
	s := &statement{tokens: scan(sql), binds: binds, nth: map[int]int{}}
	for i, t := range s.tokens {
		if t.kind == bind {
			s.nth[i] = len(s.placed)
			s.placed = append(s.placed, i)
		}
	}
	for i := range Rules {
		if excepted(Rules[i].Name, sql) {
			continue
		}
		s.rule = &Rules[i]
		s.rule.check(s)
	}
	return s.findings
}

func excepted(rule, sql string) bool {
	for _, e := range Exceptions {
		if e.Rule == rule && strings.HasPrefix(sql, e.Prefix) {
			return true
		}
	}
	return false
}

// statement is what a rule looks at.
type statement struct {
	tokens   []token
	binds    []any
	placed   []int       // the tokens of the binds
	nth      map[int]int // the binds by token
	rule     *Rule
	findings []Finding
}

// at returns a token, or one that is nothing at all outside the statement.
func (s *statement) at(i int) token {
	if i < 0 || i >= len(s.tokens) {
		return token{kind: sign, depth: -1}
	}
	return s.tokens[i]
}

// found reports the words around token i.
func (s *statement) found(i int) {
	var near []string
	for j := max(0, i-1); j < min(len(s.tokens), i+4); j++ {
		near = append(near, s.tokens[j].text)
	}
	s.findings = append(s.findings, Finding{s.rule.Name, s.rule.Why, strings.Join(near, " ")})
}

// follow reports whether the words stand one after the other from token i on.
func (s *statement) follow(i int, words ...string) bool {
	for j, w := range words {
		if !s.at(i + j).is(w) {
			return false
		}
	}
	return true
}

// every calls fn for each token.
func (s *statement) every(fn func(i int, t token)) {
	for i, t := range s.tokens {
		fn(i, t)
	}
}

// forbid reports every place at which the words stand one after the other.
func forbid(sequences ...string) func(*statement) {
	return func(s *statement) {
		s.every(func(i int, _ token) {
			for _, q := range sequences {
				if s.follow(i, strings.Fields(q)...) {
					s.found(i)
				}
			}
		})
	}
}

// close returns the index of the parenthesis that closes the one at i.
func (s *statement) close(i int) int {
	for j := i + 1; j < len(s.tokens); j++ {
		if s.tokens[j].is(")") && s.tokens[j].depth == s.tokens[i].depth {
			return j
		}
	}
	return len(s.tokens)
}

// open returns the index of the parenthesis around token i, or -1.
func (s *statement) open(i int) int {
	for j := i - 1; j >= 0; j-- {
		if s.tokens[j].is("(") && s.tokens[j].depth == s.tokens[i].depth-1 {
			return j
		}
	}
	return -1
}

// items counts what the commas separate between two parentheses.
func (s *statement) items(open int) int {
	n := 1
	for i, end := open+1, s.close(open); i < end; i++ {
		if s.tokens[i].is(",") && s.tokens[i].depth == s.tokens[open].depth+1 {
			n++
		}
	}
	return n
}

// find returns the first token from i on, at the given depth, that is one of the
// words; it stops where the parentheses around token i end.
func (s *statement) find(i, depth int, words ...string) int {
	for ; i < len(s.tokens) && s.tokens[i].depth >= depth; i++ {
		if s.tokens[i].depth == depth && s.tokens[i].is(words...) {
			return i
		}
	}
	return -1
}

// ddl reports whether the statement defines something.
func (s *statement) ddl() bool { return s.at(0).is("CREATE", "ALTER", "DROP") }
