// Package layout reads the SQL files of the four tables, so that each column and
// each index is written down once: the files are what a DBA runs, what creates
// the tables, what older tables are compared with and what is added to them.
//
// It understands no more SQL than those files use: CREATE TABLE with a column or
// a constraint per item, and CREATE INDEX. In the files every name has the
// default prefix; [Names] puts the configured names in their place.
package layout
