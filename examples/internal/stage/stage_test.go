package stage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/core/observe"
	"github.com/quartz-cluster/quartz/examples/internal/stage"
	"github.com/quartz-cluster/quartz/examples/internal/stagetest"
)

// program's nodes join, and its second fails.
var program = stage.Program{
	Name: "example", About: "example shows nothing.", Prefix: "EXAMPLE_",
	Node: func(ctx context.Context, _ *gorm.DB, cfg stage.NodeConfig, book *stage.Ledger) error {
		if cfg.Key == "node-2" {
			return errors.New("there is no second")
		}
		book.Observe(ctx, observe.Event{Kind: observe.Registered, Node: cfg.Key})
		<-ctx.Done()
		return nil
	},
	Show: func(ctx context.Context, s *stage.Stage) (bool, error) {
		fmt.Fprintln(s.Out, s.Prefix)
		hear := func(e stage.Event) { fmt.Fprintf(s.Out, "%s %s %q\n", e.Node, e.Kind, e.Text) }
		_, first := s.Start(ctx, hear)
		_, second := s.Start(ctx, hear)
		s.Stop(hear)
		return true, errors.Join(first, second)
	},
}

func TestMain(m *testing.M) { stagetest.Main(m, program) }

func TestNodeThatEndsByItselfIsNamed(t *testing.T) {
	t.Parallel()
	code, text, stderr := stagetest.Play(t.Context(), t, program, stagetest.Lease, t.TempDir()+"/shared.db")
	require.Equal(t, 1, code)
	require.Equal(t, "node: there is no second\nexample: node-2 ended: exit status 1\n", stderr)
	require.Regexp(t, `^EXAMPLE_\w{5}_
node-1 joined ""
node-2 gone "exit status 1"
node-1 gone ""
$`, text)
}

func TestFlags(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"-h"}, 0, "-dsn"},
		{[]string{"-duration", "3s"}, 2, "-duration is 3s: it must be from 4s to 10m"},
		{[]string{"-lease", "2m"}, 2, "-lease is 2m0s: it must be from 500ms to 30s"},
		{[]string{"now"}, 2, `"now" is no flag`},
		{[]string{"-nodes", "9"}, 2, "flag provided but not defined: -nodes"},
		{[]string{"-dsn", ":memory:"}, 1, `the DSN is ":memory:"`},
		{[]string{"-dsn", "redis://localhost"}, 1, `the DSN begins with "redis://"`},
	} {
		var out, stderr bytes.Buffer
		require.Equal(t, c.code, program.Run(t.Context(), c.args, &out, &stderr), c.args)
		require.Contains(t, stderr.String(), c.want, c.args)
		require.Empty(t, out.String(), c.args)
	}
}
