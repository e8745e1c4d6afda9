// Package browsertest walks the web console in a real browser: Chromium without a
// window, two replicas of a back office behind one address and path prefix, two
// live nodes, PostgreSQL.
//
//	Chromium ──▶ /office/console/ ──round robin──▶ replica 1 ─┐
//	  │                                        └─▶ replica 2 ─┼─▶ database ◀── north, south
//	  └─DevTools protocol─▶ test                              ┘
//
// A test finds things as a person does, and by the data-test attributes of the
// console where words are no help; it clicks and types through the browser's own
// input events. Each tab keeps an account of what must never happen: an error on
// the console, an exception, a violation of the content security policy, a request
// to another origin, a dialog of the browser. A test fails at its end for any.
//
// Chromium is that of QUARTZ_TEST_CHROMIUM, or found in PATH. axe-core, which looks
// for what people with disabilities could not use, is the axe.min.js that
// QUARTZ_TEST_AXE names or scripts/provision has put into the user's cache.
//
// Pictures of every page, light, dark and 400 px wide, are written to the folder
// of QUARTZ_SCREENSHOTS, by default screenshots beside this file, for a person to
// look at.
package browsertest
