// Package prometheus runs a Prometheus server for examples and tests, and asks it.
//
//	folder/prometheus.yml   as [Start] finds it
//	       targets.json     which [Targets] writes, and prometheus.yml may name
//	       data/            what the server has stored
//
// The server is the program that QUARTZ_TEST_PROMETHEUS names or that PATH has;
// scripts/provision installs Debian's. It listens on the loopback interface, and ends
// with the process that started it.
package prometheus
