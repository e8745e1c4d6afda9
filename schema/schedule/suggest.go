package schedule

import (
	_ "embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// zoneList is the names of the tz database, one on a line. It serves to suggest
// names; which zones there are is for the database itself to say.
//
//go:embed zones.txt
var zoneList string

// zoneNames maps the names in small letters to the names.
var zoneNames = sync.OnceValue(func() map[string]string {
	names := make(map[string]string)
	for name := range strings.Lines(zoneList) {
		name = strings.TrimSpace(name)
		names[strings.ToLower(name)] = name
	}
	return names
})

// respelt tells whether a name is a zone's but for its capitals.
func respelt(name string) bool {
	known, ok := zoneNames()[strings.ToLower(name)]
	return ok && known != name
}

// javaZones are the short ids of Java that the tz database does not have, and
// cities that people look for in vain.
var javaZones = map[string]string{
	"ACT": "Australia/Darwin", "AET": "Australia/Sydney", "AGT": "America/Argentina/Buenos_Aires",
	"ART": "Africa/Cairo", "AST": "America/Anchorage", "BET": "America/Sao_Paulo", "BST": "Asia/Dhaka",
	"CAT": "Africa/Harare", "CNT": "America/St_Johns", "CST": "America/Chicago", "CTT": "Asia/Shanghai",
	"EAT": "Africa/Addis_Ababa", "ECT": "Europe/Paris", "IET": "America/Indiana/Indianapolis",
	"IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "MIT": "Pacific/Apia", "NET": "Asia/Yerevan",
	"NST": "Pacific/Auckland", "PLT": "Asia/Karachi", "PNT": "America/Phoenix", "PRT": "America/Puerto_Rico",
	"PST": "America/Los_Angeles", "SST": "Pacific/Guadalcanal", "VST": "Asia/Ho_Chi_Minh",
	"CEST": "Europe/Berlin", "EDT": "America/New_York", "CDT": "America/Chicago",
	"MDT": "America/Denver", "PDT": "America/Los_Angeles", "Z": "UTC", "UT": "UTC",
	"ASIA/BEIJING": "Asia/Shanghai", "BEIJING": "Asia/Shanghai",
}

// oddOffsets have a zone without daylight saving, or the best known with it,
// that keeps them; whole hours are Etc/GMT-14 to Etc/GMT+12.
var oddOffsets = map[string]string{
	"-9:30": "Pacific/Marquesas", "-3:30": "America/St_Johns", "+3:30": "Asia/Tehran", "+4:30": "Asia/Kabul",
	"+5:30": "Asia/Kolkata", "+5:45": "Asia/Kathmandu", "+6:30": "Asia/Yangon", "+8:45": "Australia/Eucla",
	"+9:30": "Australia/Darwin", "+10:30": "Australia/Lord_Howe", "+12:45": "Pacific/Chatham",
}

var offsetForm = regexp.MustCompile(`^(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2}))?(?::?00)?$`)

// suggestZone returns the zone that was probably meant, or "".
func suggestZone(name string) string {
	name = strings.TrimSpace(name)
	upper := strings.ToUpper(name)
	if z, ok := zoneNames()[strings.ToLower(name)]; ok {
		return z
	}
	if z, ok := javaZones[upper]; ok {
		return z
	}
	if m := offsetForm.FindStringSubmatch(upper); m != nil {
		return offsetZone(m[1], m[2], m[3])
	}
	for _, prefix := range []string{"posix/", "right/"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return suggestZone(rest)
		}
	}
	return nearestZone(strings.ToLower(strings.ReplaceAll(name, " ", "_")))
}

// offsetZone finds a fixed offset. The names of the tz database have the sign
// that ships used: Etc/GMT-8 is eight hours ahead of UTC.
func offsetZone(sign, hours, minutes string) string {
	h, _ := strconv.Atoi(hours)
	if m, _ := strconv.Atoi(minutes); m != 0 {
		return oddOffsets[fmt.Sprintf("%s%d:%s", sign, h, minutes)]
	}
	switch {
	case h == 0:
		return "UTC"
	case sign == "+" && h <= 14:
		return fmt.Sprintf("Etc/GMT-%d", h)
	case sign == "-" && h <= 12:
		return fmt.Sprintf("Etc/GMT+%d", h)
	}
	return ""
}

// nearestZone returns the zone whose name, or whose city, takes the fewest
// changed letters, if that is at most one in three.
func nearestZone(lower string) string {
	if len(lower) > maxZone {
		return ""
	}
	best, bestName := len(lower)/3+1, ""
	for folded, name := range zoneNames() {
		city := folded[strings.LastIndexByte(folded, '/')+1:]
		d := min(edits(lower, folded), edits(lower, city))
		if d < best || d == best && bestName != "" && name < bestName {
			best, bestName = d, name
		}
	}
	return bestName
}

// edits is the Levenshtein distance: how many letters are to be put in, taken
// out or changed to make one word of the other.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
