package layout

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Layout is what a file lays out.
type Layout struct {
	Tables []*Table
}

// Table is a CREATE TABLE and what is created on the table.
type Table struct {
	Name    string // EXECUTE
	Create  string // the whole statement, without comments
	Options string // what follows the columns: WITH (fillfactor = 70)
	Columns []Column
	Indexes []Index
}

// Column is a column as its table defines it.
type Column struct {
	Name     string // MODE, also where the file has to quote it
	Quoted   string // as the file writes it
	Type     string // varchar(50)
	Rest     string // DEFAULT 0 NOT NULL
	Nullable bool
}

// Definition is what stands in CREATE TABLE and in ADD COLUMN.
func (c Column) Definition() string {
	return strings.TrimSpace(c.Quoted + " " + c.Type + " " + c.Rest)
}

// Index is a CREATE INDEX.
type Index struct {
	Name    string // EXECUTE_SCAN
	Create  string
	Unique  bool
	Columns []string // an expression is an empty string
}

// Table returns the table of that name, or nil.
func (l *Layout) Table(name string) *Table {
	for _, t := range l.Tables {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// Column returns the column of that name and whether there is one.
func (t *Table) Column(name string) (Column, bool) {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return t.Columns[i], true
}

var (
	comment     = regexp.MustCompile(`--[^\n]*`)
	space       = regexp.MustCompile(`\s+`)
	createTable = regexp.MustCompile(`^CREATE TABLE QRTZ_([A-Z]+) \((.*)$`)
	createIndex = regexp.MustCompile(`^CREATE (UNIQUE )?INDEX QRTZ_([A-Z_]+) ON QRTZ_([A-Z]+) \((.*)$`)
	column      = regexp.MustCompile(`^("?)([A-Z_]+)"? ([A-Za-z0-9]+(?: ?\([^)]*\))?) ?(.*)$`)
	plain       = regexp.MustCompile(`^"?([A-Z_]+)"?$`)
)

// Parse reads a file.
func Parse(sql string) (*Layout, error) {
	l := &Layout{}
	for statement := range strings.SplitSeq(comment.ReplaceAllString(sql, ""), ";") {
		statement = strings.TrimSpace(space.ReplaceAllString(statement, " "))
		var err error
		switch {
		case statement == "":
		case createTable.MatchString(statement):
			err = l.addTable(statement)
		case createIndex.MatchString(statement):
			err = l.addIndex(statement)
		default:
			err = fmt.Errorf("layout: neither CREATE TABLE nor CREATE INDEX: %s", statement)
		}
		if err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *Layout) addTable(statement string) error {
	m := createTable.FindStringSubmatch(statement)
	items, options := list(m[2])
	t := &Table{Name: m[1], Create: statement, Options: options}
	for _, item := range items {
		if strings.HasPrefix(item, "CONSTRAINT ") || strings.HasPrefix(item, "PRIMARY KEY ") {
			continue
		}
		c := column.FindStringSubmatch(item)
		if c == nil {
			return fmt.Errorf("layout: table %s: no column: %s", t.Name, item)
		}
		t.Columns = append(t.Columns, Column{
			Name: c[2], Quoted: c[1] + c[2] + c[1], Type: c[3], Rest: c[4],
			Nullable: !strings.Contains(c[4], "NOT NULL"),
		})
	}
	l.Tables = append(l.Tables, t)
	return nil
}

func (l *Layout) addIndex(statement string) error {
	m := createIndex.FindStringSubmatch(statement)
	t := l.Table(m[3])
	if t == nil {
		return fmt.Errorf("layout: index %s on a table that is not created before it", m[2])
	}
	keys, _ := list(m[4])
	for i, key := range keys {
		if p := plain.FindStringSubmatch(key); p != nil {
			keys[i] = p[1]
		} else {
			keys[i] = ""
		}
	}
	t.Indexes = append(t.Indexes, Index{Name: m[2], Create: statement, Unique: m[1] != "", Columns: keys})
	return nil
}

// list splits "a, b(1, 2)) rest" into a and b(1, 2), and rest.
func list(s string) (items []string, rest string) {
	depth, from := 0, 0
	for i, r := range s {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth < 0 || depth == 0 && r == ',' {
			items = append(items, strings.TrimSpace(s[from:i]))
			from = i + 1
		}
		if depth < 0 {
			break
		}
	}
	return items, strings.TrimSpace(s[from:])
}
