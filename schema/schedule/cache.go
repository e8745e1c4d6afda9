package schedule

import (
	"strings"
	"sync"
)

// cacheSize is how many expressions a generation of the cache holds, at about
// half a kilobyte each.
const cacheSize = 4096

// parsed is what was made of expressions so far, in this process.
var parsed cache

// cache keeps the rules, or the refusals, of the expressions in use. It has two
// generations: when the young one is full it becomes the old one, and what the
// old one still held is forgotten unless it was asked for meanwhile. So it
// holds at most 2·cacheSize entries and needs no bookkeeping on a hit.
type cache struct {
	mu         sync.RWMutex
	young, old map[cacheKey]cached
}

type cacheKey struct{ cron, zone string }

type cached struct {
	rule *cron
	err  error
}

// get returns the rule of an expression in a zone.
func (c *cache) get(text, zone string) (*cron, error) {
	if len(text) > maxCron || len(zone) > maxZone {
		return newCron(text, zone) // refused, and too long to be remembered
	}
	key := cacheKey{text, zone}
	c.mu.RLock()
	found, ok := c.young[key]
	c.mu.RUnlock()
	if ok {
		return found.rule, found.err
	}

	c.mu.RLock()
	found, ok = c.old[key]
	c.mu.RUnlock()
	if !ok {
		found.rule, found.err = newCron(text, zone)
	}
	return c.add(cacheKey{strings.Clone(text), strings.Clone(zone)}, found)
}

// add keeps an entry, unless another goroutine was faster: all share the first.
func (c *cache) add(key cacheKey, entry cached) (*cron, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if first, ok := c.young[key]; ok {
		return first.rule, first.err
	}
	if c.young == nil || len(c.young) >= cacheSize {
		c.old, c.young = c.young, make(map[cacheKey]cached)
	}
	c.young[key] = entry
	return entry.rule, entry.err
}

// newCron parses an expression and its zone.
func newCron(text, zone string) (*cron, error) {
	e, err := parseExpression(text)
	if err != nil {
		return nil, err
	}
	z, err := timelineOf(zone)
	if err != nil {
		return nil, err
	}
	c, err := newCalendar(e)
	if err != nil {
		return nil, &FieldError{"cron", text, err.Error()}
	}
	return &cron{calendar: c, zone: z}, nil
}
