package upgrade

import (
	"fmt"
	"slices"
	"strings"

	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema/internal/catalog"
	"github.com/quartz-cluster/quartz/schema/internal/layout"
)

// Problem is one way in which a table falls short.
type Problem struct {
	Text string // a sentence without its full stop

	kind    problemKind
	column  layout.Column
	retype  bool
	relax   bool
	index   layout.Index
	collate bool
	engine  bool
}

type problemKind int

const (
	noTable problemKind = iota
	noColumn
	wrongColumn
	noIndex
	wrongOptions
	beyondUs
)

// Mendable reports whether a statement of ours mends it.
func (p Problem) Mendable() bool { return p.kind != beyondUs }

// Compare lists the problems of one table; have is nil where it is missing.
func Compare(names layout.Names, want *layout.Table, have *catalog.Table) []Problem {
	c := comparison{names: names, table: names.Config.Table(want.Name), want: want, have: have}
	if have == nil {
		c.add(Problem{kind: noTable}, "there is no table %s", c.table)
		return c.problems
	}
	for _, column := range want.Columns {
		c.compareColumn(column)
	}
	c.compareOptions()
	for _, index := range want.Indexes {
		c.compareIndex(index)
	}
	return c.problems
}

type comparison struct {
	names    layout.Names
	table    string
	want     *layout.Table
	have     *catalog.Table
	problems []Problem
}

func (c *comparison) add(p Problem, format string, args ...any) {
	p.Text = fmt.Sprintf(format, args...)
	c.problems = append(c.problems, p)
}

func (c *comparison) compareColumn(want layout.Column) {
	have, ok := c.have.Columns[want.Name]
	if !ok {
		c.add(Problem{kind: noColumn, column: want}, "table %s lacks column %s", c.table, want.Name)
		return
	}
	if c.names.Dialect == sqldb.SQLite {
		// Whatever type a column declares, it takes values of any size; and what
		// it forbids could only be allowed by copying the table.
		if want.Nullable && !have.Nullable {
			c.add(Problem{kind: beyondUs}, "column %s.%s must allow null, which SQLite can only change by copying the table", c.table, want.Name)
		}
		return
	}
	needed, there := kindOf(want.Type), kindOf(have.Type)
	p := Problem{kind: wrongColumn, column: want, relax: want.Nullable && !have.Nullable}
	switch {
	case there.family != needed.family:
		c.add(Problem{kind: beyondUs}, "column %s.%s is %s and cannot hold %s", c.table, want.Name, have.Type, want.Type)
	case !there.holds(needed):
		p.retype = true
		c.add(p, "column %s.%s is %s, which is too small: %s is needed", c.table, want.Name, have.Type, want.Type)
	case p.relax:
		c.add(p, "column %s.%s must allow null", c.table, want.Name)
	}
}

const collation = "utf8mb4_bin"

// compareOptions looks at what MySQL lets differ from table to table. The scheduler
// needs transactions, and names that differ in case only to be different names.
func (c *comparison) compareOptions() {
	if c.names.Dialect != sqldb.MySQL {
		return
	}
	if !strings.EqualFold(c.have.Engine, "InnoDB") {
		c.add(Problem{kind: wrongOptions, engine: true}, "table %s is kept by %s, not InnoDB", c.table, c.have.Engine)
	}
	for _, column := range c.want.Columns {
		have := c.have.Columns[column.Name].Collation
		if have != "" && have != collation {
			c.add(Problem{kind: wrongOptions, collate: true}, "the texts of table %s are in collation %s, not %s", c.table, have, collation)
			return
		}
	}
}

func (c *comparison) compareIndex(want layout.Index) {
	unique := ""
	if want.Unique {
		unique = "unique "
	}
	on := fmt.Sprintf("%s (%s)", c.table, strings.Join(shown(want.Columns), ", "))
	if slices.ContainsFunc(c.have.Indexes, func(have *catalog.Index) bool { return serves(*have, want) }) {
		return
	}
	for _, have := range c.have.Indexes {
		if !strings.EqualFold(have.Name, c.names.Config.Prefix+want.Name) {
			continue
		}
		if have.Unique != want.Unique || !sameKey(have.Columns, want.Columns) {
			c.add(Problem{kind: beyondUs}, "index %s is not the %sindex on %s that is needed: drop it first", c.names.Config.Prefix+want.Name, unique, on)
		}
		return
	}
	c.add(Problem{kind: noIndex, index: want}, "there is no %sindex on %s", unique, on)
}

// serves reports whether an index, whatever its name, does the work of the one
// that is wanted. One that leaves out rows is known by its name alone.
func serves(have catalog.Index, want layout.Index) bool {
	switch {
	case have.Partial:
		return false
	case want.Unique:
		return have.Unique && slices.Equal(have.Columns, want.Columns)
	default:
		return len(have.Columns) >= len(want.Columns) && slices.Equal(have.Columns[:len(want.Columns)], want.Columns)
	}
}

// sameKey compares two keys, of which expressions are known by their place alone.
func sameKey(have, want []string) bool {
	return slices.EqualFunc(have, want, func(h, w string) bool { return h == w || w == "" })
}

func shown(columns []string) []string {
	out := slices.Clone(columns)
	for i := range out {
		if out[i] == "" {
			out[i] = "an expression"
		}
	}
	return out
}
