package main

import "github.com/quartz-cluster/quartz/examples/internal/stage"

var program = stage.Program{
	Name: "master",
	About: "master shows a job that only the master of three nodes runs, kills the master in\n" +
		"the middle of it, and accounts for every fire.",
	Prefix: "MASTER_",
	Node:   runNode,
	Show:   perform,
}

func main() { program.Main() }
