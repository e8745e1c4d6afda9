package schema

import (
	"crypto/rand"
	"encoding/binary"
	"sync/atomic"
	"time"
)

// MaxID is the largest id of a job or an execute: 18 digits, which every
// database's column holds.
const MaxID = 999_999_999_999_999_999

var (
	idEpoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	lastID  atomic.Int64
)

const idRandom = 1_000_000

// NewID makes an id for a job or an execute without asking anybody: the
// milliseconds since 2020 followed by six random digits, always above the last
// one of this process. Two processes clash once in a million when they make one
// in the same millisecond, so whoever inserts tries again with another on a
// duplicate key. Ids fit their 18 digits until the year 2051.
func NewID() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	ms := time.Now().UnixMilli() - idEpoch
	id := ms*idRandom + int64(binary.BigEndian.Uint64(b[:])%idRandom)
	for {
		last := lastID.Load()
		id = max(id, last+1)
		if lastID.CompareAndSwap(last, id) {
			return id
		}
	}
}
