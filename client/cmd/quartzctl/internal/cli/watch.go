package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/cmd/quartzctl/internal/output"
	"github.com/quartz-cluster/quartz/internal/wait"
	"github.com/quartz-cluster/quartz/schema"
)

// What a terminal is told: to show another screen without a cursor, and the first
// one again; to write over the old picture, line by line, and to forget the rest.
const (
	enterScreen = "\x1b[?1049h\x1b[?25l"
	leaveScreen = "\x1b[?25h\x1b[?1049l"
	toTop       = "\x1b[H"
	endOfLine   = "\x1b[K\r\n"
	endOfScreen = "\x1b[J"
)

// snapshot is how things are at one time.
type snapshot struct {
	*client.Overview

	Nodes   []*client.NodeInfo    `json:"nodes"`   // the live ones
	Running []*client.RunningFire `json:"running"` // the first of them
	Failing []*client.ExecuteInfo `json:"failing"` // likewise
	Next    []*client.ExecuteInfo `json:"next"`    // to fire
}

// watchedRows is how many of each list are shown, except of the live nodes.
const watchedRows = 10

func (p *Program) watch() *cobra.Command {
	var interval time.Duration
	var count int
	cmd := p.onApp("watch [APP]", "Watch how an app, or each of them, is doing", func(ctx context.Context, s *session, args []string) error {
		if interval <= 0 {
			return s.wrong("--interval %s must be longer than nothing", interval)
		}
		look := func(ctx context.Context) (snapshot, error) { return s.look(ctx, first(args)) }
		if p.Screen != nil && s.out.Format == output.Table {
			return s.watchScreen(ctx, interval, count, look)
		}
		return s.watchLines(ctx, interval, max(count, 1), look)
	})
	cmd.Long = `Watch how an app, or each of them, is doing: its nodes, what runs, what fails and
what fires next. On a terminal the picture is drawn anew until it is interrupted;
elsewhere one is printed.`
	cmd.Flags().DurationVar(&interval, "interval", 2*time.Second, "time between two looks")
	cmd.Flags().IntVar(&count, "count", 0, "how often to look (default once, on a terminal without end)")
	return cmd
}

// look takes a snapshot.
func (s *session) look(ctx context.Context, app string) (snapshot, error) {
	var out snapshot
	var err error
	if out.Overview, err = s.Overview(ctx, app); err != nil {
		return out, err
	}
	live := true
	out.Nodes = []*client.NodeInfo{}
	for node, err := range s.AllNodes(ctx, client.NodeFilter{App: app, Live: &live}) {
		if err != nil {
			return out, err
		}
		out.Nodes = append(out.Nodes, node)
	}
	part := paging{PageOptions: client.PageOptions{Limit: watchedRows}}
	running, err := pages(part, func(part client.PageOptions) (*client.Page[client.RunningFire], error) {
		return s.Running(ctx, client.RunningFilter{PageOptions: part, App: app})
	})
	if err != nil {
		return out, err
	}
	executes := func(filter client.ExecuteFilter) (*client.Page[client.ExecuteInfo], error) {
		return pages(part, func(part client.PageOptions) (*client.Page[client.ExecuteInfo], error) {
			filter.PageOptions, filter.App = part, app
			return s.ListExecutes(ctx, filter)
		})
	}
	failing, err := executes(client.ExecuteFilter{Failing: true})
	if err != nil {
		return out, err
	}
	next, err := executes(client.ExecuteFilter{Sort: client.SortNextFire, States: []schema.State{schema.Executing}})
	if err != nil {
		return out, err
	}
	out.Running, out.Failing, out.Next = running.Items, failing.Items, next.Items
	return out, nil
}

// print writes a snapshot as tables.
func (v snapshot) print(out *output.Printer) error {
	if err := out.Lines(nil, []string{formatTime(v.At), ""}); err != nil {
		return err
	}
	return errors.Join(
		output.ListTable(out, v.Apps, overviewColumns),
		section(out, "Nodes", v.Nodes, nodeColumns),
		section(out, "Running", v.Running, runningColumns),
		section(out, "Failing", v.Failing, executeColumns),
		section(out, "Next", v.Next, executeColumns),
	)
}

// section writes a table, unless it is empty.
func section[T any](out *output.Printer, title string, items []T, columns []output.Column[T]) error {
	if len(items) == 0 {
		return nil
	}
	if err := out.Lines(nil, []string{"", title}); err != nil {
		return err
	}
	return output.ListTable(out, items, columns)
}

// watchLines prints one snapshot after the other.
func (s *session) watchLines(ctx context.Context, interval time.Duration, count int, look func(ctx context.Context) (snapshot, error)) error {
	for i := range count {
		if i > 0 {
			if !wait.For(ctx, interval) {
				return ctx.Err()
			}
			if s.out.Format == output.Table {
				if err := s.out.Lines(nil, []string{""}); err != nil {
					return err
				}
			}
		}
		now, err := look(ctx)
		if err != nil {
			return err
		}
		if s.out.Format == output.Table {
			err = now.print(s.out)
		} else {
			err = s.out.Say(now, "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// watchScreen draws snapshots one over the other until it is interrupted. What goes
// wrong meanwhile is shown, and tried again: the database may come back.
func (s *session) watchScreen(ctx context.Context, interval time.Duration, count int, look func(ctx context.Context) (snapshot, error)) (err error) {
	if _, err := io.WriteString(s.program.Out, enterScreen); err != nil {
		return err
	}
	defer func() {
		_, leaveErr := io.WriteString(s.program.Out, leaveScreen)
		err = errors.Join(err, leaveErr)
	}()
	for i := 0; count == 0 || i < count; i++ {
		if i > 0 && !wait.For(ctx, interval) {
			return nil
		}
		now, lookErr := look(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err := s.draw(now, lookErr); err != nil {
			return err
		}
	}
	return nil
}

// draw writes a snapshot over the one before, as far as the terminal is wide and
// high.
func (s *session) draw(now snapshot, wrong error) error {
	width, height := s.program.Screen()
	var text bytes.Buffer
	if wrong != nil {
		fmt.Fprintf(&text, "%s\n", output.Safe(s.program.sentence(wrong)))
	} else if err := now.print(&output.Printer{Out: &text, Bare: s.out.Bare, Width: width}); err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")
	lines = lines[:min(len(lines), max(height-1, 1))]
	var screen strings.Builder
	screen.WriteString(toTop)
	for _, line := range lines {
		screen.WriteString(runewidth.Truncate(line, width, "…") + endOfLine)
	}
	screen.WriteString(endOfScreen)
	_, err := io.WriteString(s.program.Out, screen.String())
	return err
}
