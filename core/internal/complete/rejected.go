package complete

import (
	"context"
	"slices"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/internal/wait"
)

// sift sends a batch, and the halves of one that the database rejects: what it will not
// take is put apart, and neither the others of its batch nor those behind wait for it.
func (c *Completer) sift(ctx context.Context, batch []Item) (left []Item, err error) {
	left, err = c.send(ctx, batch)
	switch {
	case !store.Rejected(err) || len(left) == 0:
		return left, err
	case len(left) == 1:
		c.reject(left[0])
		left[0].Trouble(err)
		return nil, nil
	}
	half := len(left) / 2
	first, err := c.sift(ctx, left[:half])
	if err != nil {
		return append(first, left[half:]...), err
	}
	second, err := c.sift(ctx, left[half:])
	return append(first, second...), err
}

// reject puts an outcome apart.
func (c *Completer) reject(item Item) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rejected = append(c.rejected, item)
	c.held[item.Ref] = false
}

// retry tries what was rejected until ctx ends, one each time, as somebody may have
// mended what it was rejected for: then the next ones at once.
func (c *Completer) retry(ctx context.Context) {
	for wait.For(ctx, maxPause) {
		for c.retryFirst(ctx) && ctx.Err() == nil {
		}
	}
}

// retryFirst tries the one that has waited for longest and reports whether it was taken.
func (c *Completer) retryFirst(ctx context.Context) bool {
	c.mu.Lock()
	if len(c.rejected) == 0 {
		c.mu.Unlock()
		return false
	}
	item := c.rejected[0]
	c.mu.Unlock()
	left, _ := c.send(ctx, []Item{item}) // what it fails with was told
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rejected = append(slices.Delete(c.rejected, 0, 1), left...)
	if len(left) > 0 {
		return false
	}
	delete(c.held, item.Ref)
	c.rest()
	return true
}
