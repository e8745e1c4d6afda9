package cli

import (
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/cmd/quartzctl/internal/output"
)

// paging is the flags that say which part of a list is wanted.
type paging struct {
	client.PageOptions

	all bool
}

func (o *paging) bind(cmd *cobra.Command) {
	f := cmd.Flags()
	f.IntVar(&o.Limit, "limit", client.DefaultLimit, fmt.Sprintf("how many to show, at most %d", client.MaxLimit))
	f.BoolVar(&o.all, "all", false, "show all of them")
	f.StringVar(&o.Cursor, "cursor", "", "go on where the page before ended")
	f.BoolVar(&o.Descending, "desc", false, "the other way round: what was added last comes first, or the last by name")
	cmd.MarkFlagsMutuallyExclusive("all", "limit")
}

// pages reads one page, or all of them as one. A page of a search may be short: it is
// read on until it is full.
func pages[T any](o paging, read func(part client.PageOptions) (*client.Page[T], error)) (*client.Page[T], error) {
	part := o.PageOptions
	limit := cmp.Or(part.Limit, client.DefaultLimit)
	if o.all {
		part.Limit = client.MaxLimit
	}
	out, err := read(part)
	for err == nil && out.Next != "" && (o.all || len(out.Items) < limit) {
		var more *client.Page[T]
		part.Cursor = out.Next
		if !o.all {
			part.Limit = limit - len(out.Items)
		}
		if more, err = read(part); err == nil {
			out.Items, out.Next = append(out.Items, more.Items...), more.Next
		}
	}
	return out, err
}

// list prints a page, and says aloud where it is not the last.
func list[T any](s *session, page *client.Page[T], columns []output.Column[*T]) error {
	if err := output.List(s.out, page, page.Items, columns); err != nil {
		return err
	}
	if page.Next != "" && s.out.Format == output.Table {
		fmt.Fprintf(s.program.Err, "there are more: --all shows them, --cursor %s the next ones\n", page.Next)
	}
	return nil
}
