package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// MaxPage is how many items a page of the API has at most.
const MaxPage = 200

// params reads the parameters of a GET. It keeps the first mistake, and the names
// that were asked for: others are mistakes too.
type params struct {
	given url.Values
	known []string
	err   error
}

// done ends the reading with what was wrong.
func (p *params) done() error {
	for name := range p.given {
		if !slices.Contains(p.known, name) {
			return refuse(http.StatusBadRequest, codeRequest, "%q is no parameter here; there are: %s", name, strings.Join(p.known, ", "))
		}
	}
	return p.err
}

func (p *params) wrong(name, value, reason string) {
	if p.err == nil {
		p.err = invalid(name, value, reason)
	}
}

// text is the only value of a parameter; "" is none.
func (p *params) text(name string) string {
	p.known = append(p.known, name)
	switch all := p.given[name]; len(all) {
	case 0:
		return ""
	case 1:
		return all[0]
	default:
		p.wrong(name, strings.Join(all, ", "), "must be given once")
		return ""
	}
}

// read reads a parameter that is no text; without one it is the zero value.
func read[T any](p *params, name, reason string, parse func(text string) (T, error)) T {
	var none T
	text := p.text(name)
	if text == "" {
		return none
	}
	out, err := parse(text)
	if err != nil {
		p.wrong(name, text, reason)
		return none
	}
	return out
}

func (p *params) id(name string) client.ID {
	return read(p, name, "must be a number of at most 18 digits", client.ParseID)
}

func (p *params) flag(name string) bool {
	return read(p, name, "must be true or false", strconv.ParseBool)
}

// choice is a flag that need not be given.
func (p *params) choice(name string) *bool {
	if p.text(name) == "" {
		return nil
	}
	out := p.flag(name)
	return &out
}

func (p *params) time(name string) time.Time {
	return read(p, name, "must be a time such as 2027-01-31T08:00:00Z", func(text string) (time.Time, error) { return time.Parse(time.RFC3339Nano, text) })
}

func (p *params) duration(name string) time.Duration {
	return read(p, name, "must be a duration such as 10s", time.ParseDuration)
}

// number is from least to most; without one it is fallback.
func (p *params) number(name string, least, most, fallback int) int {
	if p.given.Get(name) == "" {
		p.text(name)
		return fallback
	}
	n := read(p, name, "must be a whole number", strconv.Atoi)
	if n < least || n > most {
		p.wrong(name, p.given.Get(name), "must be from "+strconv.Itoa(least)+" to "+strconv.Itoa(most))
	}
	return n
}

func (p *params) states(name string) []schema.State {
	p.known = append(p.known, name)
	out := make([]schema.State, len(p.given[name]))
	for i, text := range p.given[name] {
		out[i] = schema.State(text)
	}
	return out
}

func (p *params) page() client.PageOptions {
	return client.PageOptions{
		Limit: p.number("limit", 1, MaxPage, client.DefaultLimit), Cursor: p.text("cursor"), Descending: p.flag("descending"),
	}
}
