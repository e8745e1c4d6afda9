// Package output writes what quartzctl has to say: tables for people, JSON and
// YAML for programs. Whatever stands in the database, what is written drives no
// terminal: each character that is not printable is escaped.
package output
