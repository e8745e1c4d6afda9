package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/quartz-cluster/quartz/client"
)

// bulk is a call on everything that flags select.
type bulk struct {
	verb, done string // pause, paused
	// count says how many there are, and whether there are more.
	count  func(part client.PageOptions) (n int, more bool, err error)
	change func(part client.PageOptions) (*client.Bulk, error)
}

// inBulk makes the call once that was confirmed, as often as it takes.
func (s *session) inBulk(yes confirmation, b bulk) error {
	n, more, err := b.count(client.PageOptions{Limit: client.MaxLimit})
	if err != nil {
		return err
	}
	number := counted(n, "that matches", "that match")
	if more {
		number = "more than " + number
	}
	if n > 0 {
		if err := s.confirm(yes, "%s%s the %s", strings.ToUpper(b.verb[:1]), b.verb[1:], number); err != nil {
			return err
		}
	}
	all := &client.Bulk{More: true}
	for all.More {
		part, err := b.change(client.PageOptions{Cursor: all.Next})
		if part != nil {
			all.Matched, all.Changed, all.Left = all.Matched+part.Matched, all.Changed+part.Changed, append(all.Left, part.Left...)
			all.More, all.Next = part.More, part.Next
		}
		if err != nil && all.Changed > 0 {
			err = fmt.Errorf("%w (%d were %s before that)", err, all.Changed, b.done)
		}
		if err != nil {
			return err
		}
	}
	if err := s.out.Say(all, "%d were %s", all.Changed, b.done); err != nil {
		return err
	}
	return s.left(all.Left)
}

// selects reports whether flags select what is meant, and not names. Of the flags,
// the narrowing ones make no sense beside names.
func (s *session) selects(names, narrowing []string) (bool, error) {
	given := s.cmd.Flags().Changed
	first := slices.IndexFunc(narrowing, given)
	switch {
	case len(names) > 0 && first >= 0:
		return false, s.wrong("--%s selects many, and %q is one", narrowing[first], names[0])
	case len(names) == 0 && first < 0 && !given("app") && !given("job"):
		return false, s.wrong("say which, or select them with flags")
	}
	return len(names) == 0, nil
}

// some counts the items of a page.
func some[T any](page *client.Page[T], err error) (n int, more bool, _ error) {
	if err != nil {
		return 0, false, err
	}
	return len(page.Items), page.Next != "", nil
}

// executesInBulk is what a verb does with all executes that its flags select.
func (s *session) executesInBulk(
	ctx context.Context, which executeSelection, verb, done string,
	change func(ctx context.Context, filter client.ExecuteFilter) (*client.Bulk, error),
) error {
	filter, err := which.filter(ctx, s)
	if err != nil {
		return err
	}
	return s.inBulk(which.confirmation, bulk{
		verb: verb, done: done,
		count: func(part client.PageOptions) (int, bool, error) {
			return some(pages(paging{PageOptions: part}, func(part client.PageOptions) (*client.Page[client.ExecuteInfo], error) {
				filter.PageOptions = part
				return s.ListExecutes(ctx, filter)
			}))
		},
		change: func(part client.PageOptions) (*client.Bulk, error) {
			filter.PageOptions = part
			return change(ctx, filter)
		},
	})
}

// jobsInBulk is what a verb does with all jobs that its flags select.
func (s *session) jobsInBulk(
	ctx context.Context, which jobSelection, verb, done string,
	change func(ctx context.Context, filter client.JobFilter) (*client.Bulk, error),
) error {
	return s.inBulk(which.confirmation, bulk{
		verb: verb, done: done,
		count: func(part client.PageOptions) (int, bool, error) {
			return some(pages(paging{PageOptions: part}, func(part client.PageOptions) (*client.Page[client.JobInfo], error) {
				return s.ListJobs(ctx, which.filter(part))
			}))
		},
		change: func(part client.PageOptions) (*client.Bulk, error) {
			return change(ctx, which.filter(part))
		},
	})
}
