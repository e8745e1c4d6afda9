// Backoffice manages the jobs of an app from the command line. It is a program
// to start from: everything it does goes through package client, it never runs a
// job and does not link the engine.
//
//	export QUARTZ_DSN=postgres://user:pw@localhost/db
//	backoffice init
//	backoffice add -class invoice.send -data '{"number":"R-1","email":"ada@example.com"}' -cron '0 0 8 ? * MON-FRI' -zone Europe/Berlin
//	backoffice add -class report.build -data '{"name":"stock","pages":50}' -every 1h -times 24
//	backoffice list
//	backoffice preview 210340817264017408
//	backoffice pause 210340817264017408
//	backoffice serve
package main
