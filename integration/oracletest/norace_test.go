//go:build !race

package oracletest

var buildFlags []string
