// Package cli is the commands of quartzctl, one file per noun. A command parses
// its flags, makes one call of package client, and prints what that returned.
package cli
