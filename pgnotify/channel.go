package pgnotify

import (
	"crypto/sha256"
	"encoding/hex"
)

// channel returns the channel of an app. PostgreSQL cuts names after 63 bytes and
// folds their case, so it is made of a hash.
func channel(app string) string {
	sum := sha256.Sum256([]byte(app))
	return "quartz_" + hex.EncodeToString(sum[:16])
}
