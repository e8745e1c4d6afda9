// Package observe is how core says what happens: one Observer hears every
// event of a node, and logs, metrics and alerts are built upon it.
package observe
