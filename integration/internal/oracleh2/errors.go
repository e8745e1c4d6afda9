package oracleh2

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/sijms/go-ora/v2/network"
)

// codes pairs H2's error codes with Oracle's.
var codes = map[string]int{
	"23505": 1,     // unique constraint violated
	"23502": 1400,  // cannot insert NULL
	"22001": 12899, // value too large for column
	"22003": 1438,  // value larger than specified precision
	"22018": 1722,  // invalid number
	"21002": 947,   // not enough values
	"42000": 900,   // invalid SQL statement
	"42001": 900,
	"42101": 955, // name is already used by an existing object
	"42111": 955,
	"42102": 942, // table or view does not exist
	"42103": 942,
	"42104": 942,
	"90079": 942,  // H2: schema not found
	"42112": 1418, // specified index does not exist
	"42121": 1430, // column being added already exists in table
	"42122": 904,  // invalid identifier
	"90022": 904,  // H2: function not found
	"40001": 60,   // deadlock detected while waiting for resource
	"50200": 60,   // H2: lock timeout, in a statement that would wait for ever
	"90131": 8177, // can't serialize access for this transaction
	"57014": 1013, // user requested cancel of current operation
	"90040": 1031, // insufficient privileges
	"22012": 1476, // divisor is equal to zero
	"90063": 1086, // savepoint never established
}

// busy and expired are how a statement fails that would not wait, or not longer.
const (
	h2LockTimeout = "50200"
	busy          = 54
	expired       = 30006
)

var h2Code = regexp.MustCompile(`\[(\w{5})-\d+\]`)

// codeOf returns H2's own code of an error, or "".
func codeOf(err error) string {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return ""
	}
	m := h2Code.FindStringSubmatch(pg.Message)
	switch {
	case m == nil:
		return pg.Code
	case m[1] == "50000" && strings.Contains(pg.Message, "object already exists"):
		return "42101" // H2 finds a name taken later than it looks for it
	}
	return m[1]
}

// understood reports whether H2 knew what it was asked to do when it failed: a
// row or a table was not as it should be.
func understood(err error) bool {
	switch codeOf(err) {
	case "", "42000", "42001", "90022", "57014": // no answer; syntax; unknown function; cancelled
		return false
	}
	return true
}

// asOracle returns an error of H2's as go-ora would return Oracle's.
func asOracle(err error) error {
	code := codeOf(err)
	if code == "" {
		return err
	}
	number, known := codes[code]
	if !known {
		number = 600
	}
	return oracleError(number, err)
}

func oracleError(number int, err error) error {
	out := network.NewOracleError(number)
	out.ErrMsg = fmt.Sprintf("ORA-%05d: H2: %v", number, err)
	return out
}
