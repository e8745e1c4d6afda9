package main

import (
	"time"

	"github.com/quartz-cluster/quartz/examples/internal/stage"
)

var program = stage.Program{
	Name: "observability",
	About: "observability shows two workers, one of which it kills, to a Prometheus server with\n" +
		"alert rules, and prints the alerts as they fire.",
	Prefix:   "SEEN_",
	Duration: 10 * time.Minute,
	Node:     runNode,
	Show:     perform,
}

func main() { program.Main() }
