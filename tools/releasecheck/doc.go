// Releasecheck builds the modules of this repository as a user would get them.
//
// The checkout works through a workspace and replace lines, which no user has.
// So each module is packed as it would be published, without its replace lines
// and with a version set, and served by a module proxy made of files:
//
//	checkout ──publish──▶ <tmp>/proxy/github.com/quartz-cluster/quartz/…/@v/
//	                          ▲
//	README's programs ──▶ go get, go build   in an empty module, with a module
//	every package     ──▶ go build           cache of its own, no workspace
//	quartzctl         ──▶ go install
//
// The programs of the README are its Go code blocks below the comments
// <!-- worker --> and <!-- backoffice -->. Modules of others come from this
// machine's module cache first and from its proxies after that, at the versions
// that the examples pin. Nothing is left behind in the module cache.
//
// With -write it builds nothing but makes the same change to the go.mod files of the
// checkout and prints the tags of the release; CONTRIBUTING.md says when.
package main
