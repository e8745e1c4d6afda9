// Package retry says whether a failed fire runs again, and when.
package retry
