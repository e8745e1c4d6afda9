package cli

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
)

// The pages of a search may be short: a list reads on until it is full, or at its end.
func TestAListReadsOnUntilItIsFull(t *testing.T) {
	t.Parallel()
	search := func(part client.PageOptions) (*client.Page[int], error) { // finds one on every other page, of ten
		at, _ := strconv.Atoi(part.Cursor)
		page := &client.Page[int]{}
		if at%2 == 1 {
			page.Items = []*int{&at}
		}
		if at++; at < 10 {
			page.Next = strconv.Itoa(at)
		}
		return page, nil
	}
	for _, c := range []struct {
		of   paging
		n    int
		next string
	}{
		{paging{PageOptions: client.PageOptions{Limit: 2}}, 2, "4"},
		{paging{PageOptions: client.PageOptions{Limit: 2, Cursor: "8"}}, 1, ""},
		{paging{}, 5, ""},
		{paging{all: true}, 5, ""},
	} {
		page, err := pages(c.of, search)
		require.NoError(t, err)
		require.Len(t, page.Items, c.n)
		require.Equal(t, c.next, page.Next)
	}
}
