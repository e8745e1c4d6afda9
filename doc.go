// Package quartz is the root of a clustered job scheduler on the database a
// team already runs.
//
// Worker binaries embed [github.com/quartz-cluster/quartz/core], back-office
// programs embed [github.com/quartz-cluster/quartz/client]; the two meet in the
// four tables of [github.com/quartz-cluster/quartz/schema] and nowhere else.
// This package holds no code of its own.
package quartz
