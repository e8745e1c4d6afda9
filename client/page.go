package client

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/quartz-cluster/quartz/client/internal/store"
)

// The sizes of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 1000
)

// PageOptions says which part of a list to return.
type PageOptions struct { //nolint:recvcheck // all turns the pages in place
	// Limit is how many items to return, at most 1,000. Defaults to 50.
	Limit int
	// Cursor is the Next of the page before; "" is the first page. It belongs
	// to the same list in the same order.
	Cursor string
	// Descending turns the order round: the newest job or execute first, the
	// last app or node by name first.
	Descending bool
}

// MaxLook is how many rows a list looks at for a page, at most.
const MaxLook = 750

// Page is a part of a list. Rows that are added while one turns the pages move
// no others: none is shown twice, none is left out.
//
// A page may be short, even empty, and have a Next: a list that searches, for a text,
// a state or whatever else few rows may have, ends a page after [MaxLook] rows, so that
// no page takes long among however many. Only a page without a Next is the last.
//
// [Client.AllExecutes] and its like turn the pages themselves. They yield item by item and
// read the next page, which is a call of its own with the client's CallTimeout, when the
// one before is through; between the pages they hold no
// connection, and what changes meanwhile is seen as the next page finds it. What goes
// wrong, the end of the context included, is yielded once, with no item, and is the last.
// Limit is how many they read at a time, 1,000 unless it is set, not how many they yield:
// to have fewer, break out of the loop. Each range over what they return begins anew.
type Page[T any] struct {
	Items []*T   `json:"items"`
	Next  string `json:"next,omitempty"` // the cursor of the next page; "" at the end
}

// cursor is the last key of a page.
type cursor struct {
	List       Kind   `json:"l"`
	Descending bool   `json:"d,omitempty"`
	Sort       Sort   `json:"s,omitempty"`
	App        string `json:"a,omitempty"`
	Key        string `json:"k,omitempty"`
	ID         int64  `json:"i,omitempty"`
	Fire       int64  `json:"f,omitempty"`
}

func (c cursor) String() string {
	text, err := json.Marshal(c)
	if err != nil {
		return "" // strings and numbers always have a JSON form
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// span checks the options and returns them with the key to go on after. It asks
// for one row more than wanted, which tells whether there is a next page.
func (o PageOptions) span(list Kind) (store.Span, cursor, error) {
	if o.Limit < 0 || o.Limit > MaxLimit {
		return store.Span{}, cursor{}, invalid("limit", o.Limit, fmt.Sprintf("must be from 1 to %d, or 0 for %d", MaxLimit, DefaultLimit))
	}
	if o.Limit == 0 {
		o.Limit = DefaultLimit
	}
	span := store.Span{Limit: o.Limit + 1, Descending: o.Descending, Within: MaxLook}
	if o.Cursor == "" {
		return span, cursor{List: list, Descending: o.Descending}, nil
	}
	var at cursor
	text, err := base64.RawURLEncoding.DecodeString(o.Cursor)
	if err != nil || json.Unmarshal(text, &at) != nil || at.List == "" ||
		strings.ContainsRune(at.App+at.Key, 0) {
		return span, at, invalid("cursor", o.Cursor, "must be the Next of the page before")
	}
	if at.List != list || at.Descending != o.Descending {
		return span, at, invalid("cursor", o.Cursor, "belongs to another list or another order")
	}
	return span, at, nil
}

// page makes a page of rows, one more than wanted if there are more. reach is how far
// the list has looked; without an ID it has come to the end.
func page[R, I any](rows []R, span store.Span, reach cursor, info func(R) *I, last func(R) cursor) *Page[I] {
	next := ""
	if reach.ID != 0 {
		next = reach.String()
	}
	if len(rows) == span.Limit {
		rows = rows[:span.Limit-1]
		next = last(rows[len(rows)-1]).String()
	}
	return &Page[I]{Items: infos(rows, info), Next: next}
}
