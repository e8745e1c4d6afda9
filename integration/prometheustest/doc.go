// Package prometheustest breaks a cluster of two worker processes under the eyes of a
// real Prometheus server, and reads from that server's API that the alerts of
// examples/observability fire and clear.
//
//	worker "north" ──▶ PostgreSQL, the test's own ◀── worker "south"
//	      ▲                                                 ▲
//	      └─────/metrics, every second── Prometheus ────────┘
//	                                       ▲ rules.yml, targets.json
//	test ──queries, alerts─────────────────┘
//
// The rules are those of the example but for time: every duration in them is divided
// by 30, so that what they look back on, 5 minutes, is 10 seconds. What the product
// itself takes, a lease and a pass of the ClusterMisfireHandler, is not shortened.
//
// promtool, which comes with Prometheus, checks the files of the example and runs the
// unit tests of its rules as they stand.
package prometheustest
