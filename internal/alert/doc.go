// Package alert is what core/alert and client/alert have in common: what an alert is, and
// a [Board] that tells a listener of each breach once when it begins and once when it is
// over.
package alert
