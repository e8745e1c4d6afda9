package cli

import (
	"regexp"
	"slices"
	"strings"
)

// otherFlags are the flags of the fields that are not named alike. Where there are
// several, the first that is given is meant.
var otherFlags = map[string][]string{
	"after": {"from"}, "count": {"times"}, "interval": {"every"}, "n": {"next"}, "retryMax": {"retry"},
	"start": {"at", "start"}, "states": {"state"}, "targets": {"target"}, "timeout": {"run-timeout"},
}

var capital = regexp.MustCompile(`[A-Z]`)

// flagOf returns the flag that a field of the client's was given by, or would be; and
// the field as it is, if that was an argument.
func (p *Program) flagOf(field string) string {
	if p.cmd == nil {
		return field
	}
	name, _, _ := strings.Cut(field, "[")
	flags := otherFlags[name]
	if flags == nil {
		flags = []string{strings.ToLower(capital.ReplaceAllString(name, "-$0"))}
	}
	if i := slices.IndexFunc(flags, p.cmd.Flags().Changed); i >= 0 {
		return "--" + flags[i]
	}
	// An argument may have the name of a flag that was not given, but none of these.
	if last := flags[len(flags)-1]; last != name && p.cmd.Flags().Lookup(last) != nil {
		return "--" + last
	}
	return field
}
