package output

import (
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"
)

// gap separates two columns, and neverCut is how wide a column may always be:
// an id fits.
const (
	gap      = 2
	neverCut = 20
)

// widths of characters, the same in every locale.
var widths = &runewidth.Condition{}

// table aligns rows by the widths of their cells. With a width, the widest
// columns are cut until the table fits.
func table(rows [][]string, width int) string {
	var columns []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(columns) {
				columns = append(columns, 0)
			}
			columns[i] = max(columns[i], widths.StringWidth(cell))
		}
	}
	if width > 0 {
		fit(columns, width)
	}
	var out strings.Builder
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			cell = widths.Truncate(cell, columns[i], "…")
			line.WriteString(widths.FillRight(cell, columns[i]+gap))
		}
		out.WriteString(strings.TrimRight(line.String(), " "))
		out.WriteString("\n")
	}
	return out.String()
}

// fit makes the widest columns narrower, one character at a time.
func fit(columns []int, width int) {
	total := gap * (len(columns) - 1)
	for _, c := range columns {
		total += c
	}
	for ; total > width; total-- {
		widest := slices.Index(columns, slices.Max(columns))
		if columns[widest] <= neverCut {
			return
		}
		columns[widest]--
	}
}
