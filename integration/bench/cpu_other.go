//go:build !unix

package main

import "time"

// cpuTime returns nothing on a system that does not tell; B7 leaves it out then.
func cpuTime() time.Duration { return 0 }
