package schedule

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // for hosts without data of zones
)

// maxZone is the longest zone name, as long as its column.
const maxZone = 50

// LoadZone returns a time zone by its IANA name; the empty name is UTC. Every
// error is a *FieldError and suggests the nearest name, if one is near.
//
// It is stricter than time.LoadLocation: Local and the like, which mean
// something else on every machine, are refused, and so is a name in other than
// its own spelling, which some file systems would let pass.
//
// The rules of a zone are those of the host's data (ZONEINFO, or its tz database), and of
// the copy in the program where the host has none: keep the data alike on all hosts. A
// program that has loaded a zone keeps its rules; those of newer data are for the fires
// after the next one, which is in the database already.
func LoadZone(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	refuse := func(reason string) (*time.Location, error) {
		if s := suggestZone(name); s != "" {
			reason += fmt.Sprintf("; did you mean %q?", s)
		}
		return nil, &FieldError{"zone", name, reason}
	}
	if len(name) > maxZone {
		return nil, &FieldError{"zone", name, fmt.Sprintf("is longer than %d characters", maxZone)}
	}
	switch {
	case name == "Local", name == "localtime", name == "posixrules", name == "Factory":
		return nil, &FieldError{"zone", name, "is another zone on every machine: write an IANA name such as Europe/Berlin, or nothing for UTC"}
	case strings.HasPrefix(name, "posix/"), strings.HasPrefix(name, "right/"):
		return refuse("is a file of the tz database but no zone")
	case respelt(name):
		return refuse("is no IANA time zone as it is spelt")
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return refuse("is no IANA time zone")
	}
	return loc, nil
}
