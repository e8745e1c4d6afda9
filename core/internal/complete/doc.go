// Package complete writes the outcomes of fires to the database, in batches
// that grow with the load, and keeps them through a database outage until each
// is written, found superseded, or left by a node that stops. What the database
// rejects, as a constraint or a trigger does, is tried apart from the others.
package complete
