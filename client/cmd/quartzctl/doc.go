// Quartzctl manages the jobs of a quartz cluster from the command line: through
// the database alone, as back offices do. `quartzctl --help` tells what it can do,
// docs/quartzctl.md the same as a page.
package main
