package client

import (
	"context"
	"iter"
)

// AllApps is [Client.ListApps] without pages: see [Page].
func (c *Client) AllApps(ctx context.Context, filter AppFilter) iter.Seq2[*AppInfo, error] {
	return all(ctx, filter, c.ListApps)
}

// AllNodes is [Client.ListNodes] without pages: see [Page].
func (c *Client) AllNodes(ctx context.Context, filter NodeFilter) iter.Seq2[*NodeInfo, error] {
	return all(ctx, filter, c.ListNodes)
}

// AllJobs is [Client.ListJobs] without pages: see [Page].
func (c *Client) AllJobs(ctx context.Context, filter JobFilter) iter.Seq2[*JobInfo, error] {
	return all(ctx, filter, c.ListJobs)
}

// AllExecutes is [Client.ListExecutes] without pages: see [Page].
func (c *Client) AllExecutes(ctx context.Context, filter ExecuteFilter) iter.Seq2[*ExecuteInfo, error] {
	return all(ctx, filter, c.ListExecutes)
}

// AllRunning is [Client.Running] without pages: see [Page].
func (c *Client) AllRunning(ctx context.Context, filter RunningFilter) iter.Seq2[*RunningFire, error] {
	return all(ctx, filter, c.Running)
}

// all turns the pages of a list, from the beginning whenever it is ranged over.
func all[F, T any, P interface {
	*F
	page() *PageOptions
}](ctx context.Context, filter F, list func(context.Context, F) (*Page[T], error)) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		filter := filter
		part := P(&filter).page()
		if part.Limit == 0 {
			part.Limit = MaxLimit
		}
		for {
			page, err := list(ctx, filter)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			part.Cursor = page.Next
		}
	}
}

// page is how [all] finds the options in the filter that embeds them.
func (o *PageOptions) page() *PageOptions { return o }
