package main

import "github.com/quartz-cluster/quartz/examples/internal/stage"

var program = stage.Program{
	Name: "quickstart",
	About: "quickstart shows three nodes and a back office at work, kills one node in the\n" +
		"middle of a run, and accounts for every fire.",
	Prefix: "QUICK_",
	Node:   runNode,
	Show:   perform,
}

func main() { program.Main() }
