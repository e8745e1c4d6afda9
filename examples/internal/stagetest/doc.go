// Package stagetest is what the tests of a [stage.Program] share.
package stagetest
