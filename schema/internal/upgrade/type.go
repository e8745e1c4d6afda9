package upgrade

import (
	"regexp"
	"strconv"
	"strings"
)

// kind is what values a column takes: numbers of that many digits, or texts of
// that many characters.
type kind struct {
	family string
	size   int
}

const (
	number = "number"
	text   = "text"

	unlimited = 1 << 30
)

var typeWords = regexp.MustCompile(`^([a-z0-9 ]+?) ?(?:\((\d+)[^)]*\))?( unsigned)?( zerofill)?$`)

// kindOf reads a type in the words of any of the databases.
func kindOf(name string) kind {
	m := typeWords.FindStringSubmatch(strings.ToLower(strings.TrimSpace(name)))
	if m == nil {
		return kind{family: name}
	}
	size := unlimited
	if m[2] != "" {
		size, _ = strconv.Atoi(m[2])
	}
	switch m[1] {
	case "bigint", "int8": // a display width says nothing about size
		return kind{number, 19}
	case "integer", "int", "int4":
		return kind{number, 10}
	case "mediumint":
		return kind{number, 7}
	case "smallint", "int2":
		return kind{number, 5}
	case "tinyint":
		return kind{number, 3}
	case "number", "numeric", "decimal":
		return kind{number, size}
	case "varchar", "character varying", "varchar2", "nvarchar2", "nvarchar":
		return kind{text, size}
	case "char", "character", "bpchar", "nchar":
		return kind{text, min(size, 255)}
	case "tinytext":
		return kind{text, 255}
	case "text", "mediumtext", "longtext", "clob", "nclob":
		return kind{text, unlimited}
	}
	return kind{family: name}
}

// holds reports whether a column of type k takes every value of type want.
func (k kind) holds(want kind) bool {
	return k.family == want.family && k.size >= want.size
}
