package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"

	"github.com/quartz-cluster/quartz/integration/internal/testdb"
)

// series are the runs of one figure.
type series struct {
	scenario string
	kind     testdb.Kind
	figure             // of the last run
	values   []float64 // by run
	yards    [][]yard  // by run
	scale    float64
}

// label is the scenario's name, and the figure's where it has several.
func (s *series) label() string {
	if s.name == "" {
		return s.scenario
	}
	return s.scenario + "/" + s.name
}

// line is one figure beside one yardstick.
type line struct {
	*series

	yard   string // none
	of     float64
	ratios []float64 // of the runs whose yardstick was not 0
}

// lines returns one line for each yardstick of the figure, or one for none.
func (s *series) lines() []line {
	if len(s.figure.yards) == 0 {
		return []line{{series: s, yard: "none"}}
	}
	out := make([]line, len(s.figure.yards))
	for i := range out {
		var values, ratios []float64
		for run, yards := range s.yards {
			values = append(values, yards[i].value)
			if yards[i].value != 0 {
				ratios = append(ratios, s.values[run]/yards[i].value)
			}
		}
		out[i] = line{s, s.figure.yards[i].name, median(values), ratios}
	}
	return out
}

// ratio renders the median of the ratios, if there is any.
func (l line) ratio() string {
	if len(l.ratios) == 0 {
		return ""
	}
	return short(median(l.ratios))
}

// String renders the line for machines.
func (l line) String() string {
	text := fmt.Sprintf("bench %s %s %s %s", l.label(), l.kind, short(median(l.values)), l.unit)
	if len(l.ratios) > 0 {
		text += " ratio=" + l.ratio()
	}
	text += " yardstick=" + l.yard
	if l.yard != "none" {
		text += " yardstick_figure=" + short(l.of)
	}
	text += fmt.Sprintf(" runs=%d min=%s max=%s", len(l.values), short(slices.Min(l.values)), short(slices.Max(l.values)))
	if l.scale != 1 {
		text += " scale=" + strconv.FormatFloat(l.scale, 'g', -1, 64)
	}
	return text
}

// report prints everything, for people and for machines.
func report(out io.Writer, all []*series) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nscenario\tdatabase\tmedian\tunit\tfrom\tto\tratio\tyardstick\tits median")
	var lines []line
	for _, s := range all {
		lines = append(lines, s.lines()...)
	}
	for _, l := range lines {
		from, to := slices.Min(l.values), slices.Max(l.values)
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s", l.label(), l.kind, short(median(l.values)), l.unit, short(from), short(to))
		if l.yard != "none" {
			fmt.Fprintf(table, "\t%s\t%s\t%s", l.ratio(), l.yard, short(l.of))
		}
		fmt.Fprintln(table)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	for _, l := range lines {
		if _, err := fmt.Fprintln(out, l); err != nil {
			return err
		}
	}
	return nil
}

// median returns the middle of some values.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[half-1] + sorted[half]) / 2
	}
	return sorted[half]
}

// short renders a figure with as many digits as it may deserve.
func short(v float64) string {
	digits := 0
	switch abs := max(v, -v); {
	case abs < 10:
		digits = 3
	case abs < 1000:
		digits = 1
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}

// find returns the series of a figure among all, which it adds if it is new.
func find(all []*series, like series) ([]*series, *series) {
	i := slices.IndexFunc(all, func(s *series) bool { return s.label() == like.label() && s.kind == like.kind })
	if i >= 0 {
		return all, all[i]
	}
	return append(all, &like), &like
}
