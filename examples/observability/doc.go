// Observability shows a cluster from outside. It starts two workers, which serve their
// metrics, and a Prometheus that asks for them; lets one class of jobs fail; kills a
// worker after a third of the time; and prints the alerts that come of it. Meanwhile
// Prometheus can be asked at the address that it prints.
//
//	go run ./examples/observability
//
//	back office ──▶ database ◀── node-1 ◀──/metrics── Prometheus ◀── Grafana
//	                         ◀── node-2 ◀──/metrics──     ▲
//	                                │                 rules.yml
//	                                └──OTLP──▶ Tempo, Loki
//
// Prometheus is taken from PATH; scripts/provision installs Debian's. Where
// OTEL_EXPORTER_OTLP_TRACES_ENDPOINT and OTEL_EXPORTER_OTLP_LOGS_ENDPOINT say where to,
// back office and workers send their traces and logs as well. docker-compose.yml has
// Grafana with a dashboard, Tempo and Loki.
//
// What to copy: telemetry.go and node.go into a worker, prometheus/rules.yml into
// Prometheus, grafana/dashboards/quartz.json into Grafana. docs/observability.md says
// what every metric and alert means.
package main
