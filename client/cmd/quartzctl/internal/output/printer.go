package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/quartz-cluster/quartz/internal/yamljson"
)

// Format is what is written.
type Format string

// The formats.
const (
	Table Format = "table"
	JSON  Format = "json"
	YAML  Format = "yaml"
)

// Formats lists them.
var Formats = []string{string(Table), string(JSON), string(YAML)}

// Printer writes in one format.
type Printer struct {
	// Out is where to.
	Out io.Writer
	// Format is how. Defaults to "": as a table.
	Format Format
	// Bare leaves out the heads of tables.
	Bare bool
	// Width is how many characters fit on a line of a terminal; longer cells are
	// cut. Defaults to 0: no terminal, and nothing is cut.
	Width int

	shown int // things, so far
}

// Column is a column of a table of T, or a line about one.
type Column[T any] struct {
	Head string
	Cell func(T) string
}

// List writes value, or a table of the items in it.
func List[T any](p *Printer, value any, items []T, columns []Column[T]) error {
	if done, err := p.document(value); done {
		return err
	}
	return ListTable(p, items, columns)
}

// ListTable writes a table of items, whatever the format.
func ListTable[T any](p *Printer, items []T, columns []Column[T]) error {
	var rows [][]string
	if !p.Bare {
		rows = append(rows, cells(columns, func(c Column[T]) string { return c.Head }))
	}
	for _, item := range items {
		rows = append(rows, cells(columns, func(c Column[T]) string { return c.Cell(item) }))
	}
	return p.write(table(rows, p.Width))
}

// Show writes value, or what the columns have to say of it, a line each. Lines
// without a word are left out, and none is cut.
func Show[T any](p *Printer, value T, columns []Column[T]) error {
	if done, err := p.document(value); done {
		return err
	}
	if p.shown++; p.shown > 1 {
		if err := p.write("\n"); err != nil {
			return err
		}
	}
	var rows [][]string
	for _, c := range columns {
		if text := c.Cell(value); text != "" {
			rows = append(rows, []string{Safe(c.Head) + ":", Safe(text)})
		}
	}
	return p.write(table(rows, 0))
}

func cells[T any](columns []Column[T], of func(Column[T]) string) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		if out[i] = Safe(of(c)); out[i] == "" {
			out[i] = "-"
		}
	}
	return out
}

// Say writes value, or a sentence about it.
func (p *Printer) Say(value any, format string, args ...any) error {
	return p.Lines(value, []string{fmt.Sprintf(format, args...)})
}

// Lines writes value, or lines about it.
func (p *Printer) Lines(value any, lines []string) error {
	if done, err := p.document(value); done {
		return err
	}
	var out strings.Builder
	for _, line := range lines {
		out.WriteString(Safe(line) + "\n")
	}
	return p.write(out.String())
}

// document writes value in a format for programs, and reports whether that was
// asked for.
func (p *Printer) document(value any) (bool, error) {
	switch p.Format {
	case JSON, YAML:
	default:
		return false, nil
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return true, err
	}
	if p.Format == JSON {
		return true, p.write(safeJSON(text.String()))
	}
	yaml, err := yamljson.FromJSON(text.Bytes())
	if err != nil {
		return true, err
	}
	if p.shown++; p.shown > 1 {
		yaml = append([]byte("---\n"), yaml...)
	}
	return true, p.write(string(yaml))
}

func (p *Printer) write(text string) error {
	_, err := io.WriteString(p.Out, text)
	return err
}
