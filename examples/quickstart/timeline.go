package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/quartz-cluster/quartz/examples/internal/stage"
)

// timeline prints what happens, a line for each event, with a lane for each node.
type timeline struct {
	out    io.Writer
	colour bool
	zero   time.Time // second 0.000
	nodes  []string
	dead   map[string]bool
}

// marks are what an event leaves in its node's lane.
var marks = map[stage.Kind]string{stage.Started: ">", stage.Done: "<", stage.Failed: "<", stage.Killed: "X", stage.Left: "."}

// ANSI colours.
const (
	dim  = "2"
	red  = "1;31"
	bold = "1"
)

func (t *timeline) header() {
	t.printf(bold, "\n seconds  %s  node     execute  what\n", strings.Join(laneNumbers(len(t.nodes)), " "))
}

func laneNumbers(n int) []string {
	numbers := make([]string, n)
	for i := range numbers {
		numbers[i] = fmt.Sprint(i + 1)
	}
	return numbers
}

// print prints an event; its Node may be the back office, which has no lane.
func (t *timeline) print(e stage.Event) {
	lanes := make([]string, len(t.nodes))
	for i, n := range t.nodes {
		switch {
		case n == e.Node && marks[e.Kind] != "":
			lanes[i] = marks[e.Kind]
		case n == e.Node:
			lanes[i] = "*"
		case t.dead[n]:
			lanes[i] = "."
		default:
			lanes[i] = "|"
		}
	}
	if e.Kind == stage.Killed || e.Kind == stage.Left {
		t.dead[e.Node] = true
	}
	t.printf(colourOf(e.Kind), "%8.3f  %s  %-8s %-8s %s\n", e.At.Sub(t.zero).Seconds(), strings.Join(lanes, " "), e.Node, e.Name, t.words(e))
}

func colourOf(k stage.Kind) string {
	switch k {
	case stage.Done, stage.Left:
		return dim
	case stage.Killed, stage.Lost, stage.Failed, stage.Trouble:
		return red
	case stage.Removed, added, stage.Skipped:
		return bold
	}
	return ""
}

func (t *timeline) words(e stage.Event) string {
	due := fmt.Sprintf("(due %.3f)", e.Nominal.Sub(t.zero).Seconds())
	switch e.Kind {
	case stage.Started:
		return fmt.Sprintf("starts %d ms late %s", e.At.Sub(e.Nominal).Milliseconds(), due)
	case stage.Done:
		return fmt.Sprintf("done after %s %s", short(e.Took), due)
	case stage.Failed:
		return fmt.Sprintf("failed after %s %s: %s", short(e.Took), due, e.Text)
	case stage.Lost:
		return fmt.Sprintf("recorded LOST %s: %s", due, e.Text)
	case stage.Removed:
		return fmt.Sprintf("removes %s from the cluster: no heartbeat for the time of a lease", e.Peer)
	default:
		return strings.TrimSpace(string(e.Kind) + " " + e.Text)
	}
}

// short is a duration with three digits or so.
func short(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "less than 1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	default:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
}

// printf prints in a colour, if there is one and out is a terminal. Whether the
// line can be written decides nothing: the exit code tells the result.
func (t *timeline) printf(colour, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if t.colour && colour != "" {
		text = "\x1b[" + colour + "m" + strings.TrimSuffix(text, "\n") + "\x1b[0m\n"
	}
	_, _ = io.WriteString(t.out, text)
}

// isTerminal reports whether w shows colours.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	if runtime.GOOS == "windows" && os.Getenv("WT_SESSION") == "" {
		return false // its old console does not know the codes
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
