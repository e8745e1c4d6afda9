package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// action is what a command does with the database.
type action func(ctx context.Context, s *session, args []string) error

// group returns a command that is there for those below it.
func group(use, short string, below ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.ArbitraryArgs, SuggestionsMinimumDistance: 2}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		text := fmt.Sprintf("%q is no command of %s", args[0], cmd.CommandPath())
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			text += ", but " + strings.Join(near, " and ") + " is"
		}
		return usageError{cmd, text}
	}
	cmd.AddCommand(below...)
	return cmd
}

// verb returns a command that does something with the database. What it takes is
// read from use: each further word is an argument, one in brackets may be left
// out, and the last may be many where dots follow it.
func (p *Program) verb(use, short string, do action) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: takes(use), RunE: func(cmd *cobra.Command, args []string) error {
		return p.withSession(cmd, false, func(ctx context.Context, s *session) error { return do(ctx, s, args) })
	}}
}

// takes checks the number of arguments.
func takes(use string) cobra.PositionalArgs {
	words := strings.Fields(use)[1:]
	least, most := 0, len(words)
	for _, word := range words {
		if !strings.HasPrefix(word, "[") {
			least++
		}
		if strings.Contains(word, "...") {
			most = -1
		}
	}
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return errors.New("say which " + strings.Trim(words[len(args)], "."))
		case most >= 0 && len(args) > most:
			return fmt.Errorf("%q is one argument too many", args[most])
		}
		return nil
	}
}

// mustHave names flags without which the command makes no sense.
func mustHave(cmd *cobra.Command, flags ...string) {
	for _, flag := range flags {
		if err := cmd.MarkFlagRequired(flag); err != nil {
			panic(err) // there is no such flag
		}
	}
}

// commands lists those that do something, depth first.
func commands(cmd *cobra.Command) []*cobra.Command {
	if !cmd.HasSubCommands() {
		return []*cobra.Command{cmd}
	}
	var out []*cobra.Command
	for _, below := range cmd.Commands() {
		out = append(out, commands(below)...)
	}
	return out
}
