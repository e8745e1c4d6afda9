package cli

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

// pictures is a terminal that ends the watch after so many of them.
type pictures struct {
	text strings.Builder
	left int
	end  func()
}

func (p *pictures) Write(text []byte) (int, error) {
	if strings.HasPrefix(string(text), toTop) {
		if p.left--; p.left == 0 {
			p.end()
		}
	}
	return p.text.Write(text)
}

func TestAWatchOnATerminalIsDrawnInPlaceUntilItIsInterrupted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	c, err := client.New(w.db)
	require.NoError(t, err)
	job, err := c.Ensure(t.Context(), client.Declaration{Job: client.Job{App: "billing", Name: "invoices", Class: "x"}})
	require.NoError(t, err)
	hostile, err := c.AddExecute(t.Context(), job.Job.ID, client.Cron("@daily", ""))
	require.NoError(t, err)
	require.NoError(t, w.db.Exec("UPDATE QRTZ_EXECUTE SET STATE = ?, LAST_ERROR = ? WHERE ID = ?",
		schema.Error, "\x1b[2J\r\n"+strings.Repeat("日", 500), int64(hostile.ID)).Error)

	ctx, cancel := context.WithCancel(t.Context())
	screen := &pictures{left: 3, end: cancel}
	var stderr strings.Builder
	p := &Program{
		In: strings.NewReader(""), Out: screen, Err: &stderr, Getenv: func(string) string { return w.dsn() },
		Screen: func() (width, height int) { return 60, 9 },
	}
	require.Equal(t, exitOK, p.Main(ctx, []string{"watch", "--interval", "1ms"}))
	require.Empty(t, stderr.String())
	text, entered := strings.CutPrefix(screen.text.String(), enterScreen)
	require.True(t, entered)
	text, left := strings.CutSuffix(text, leaveScreen)
	require.True(t, left)
	drawn := strings.Split(text, toTop)[1:]
	require.Len(t, drawn, 3)
	for _, picture := range drawn {
		picture, whole := strings.CutSuffix(picture, endOfScreen)
		require.True(t, whole)
		lines := strings.Split(strings.TrimSuffix(picture, endOfLine), endOfLine)
		require.LessOrEqual(t, len(lines), 8, "one less than the terminal has, so that nothing scrolls")
		require.Contains(t, picture, "billing")
		for _, line := range lines {
			require.NotRegexp(t, `[^[:print:]\p{L}…]`, line)
			require.LessOrEqual(t, len([]rune(line)), 60)
		}
	}
}

// The picture tells that the database is away, and the next one that it is back.
func TestAWatchOutlivesTheDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	require.NoError(t, w.db.Exec("ALTER TABLE QRTZ_NODE RENAME TO GONE").Error)
	ctx, cancel := context.WithCancel(t.Context())
	screen, asked := &pictures{left: 2, end: cancel}, 0
	p := &Program{
		In: strings.NewReader(""), Out: screen, Err: &strings.Builder{}, Getenv: func(string) string { return w.dsn() },
		Screen: func() (width, height int) {
			if asked++; asked == 2 { // for the first picture
				require.NoError(t, w.db.Exec("ALTER TABLE GONE RENAME TO QRTZ_NODE").Error)
			}
			return 200, 24
		},
	}
	require.Equal(t, exitOK, p.Main(ctx, []string{"watch", "--interval", "1ms"}))
	drawn := strings.Split(screen.text.String(), toTop)[1:]
	require.Len(t, drawn, 2)
	require.Contains(t, drawn[0], "no such table: QRTZ_NODE")
	require.Contains(t, drawn[1], "MASTER")
}

func TestAScreenThatCannotBeWrittenEndsTheWatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	p := &Program{
		In: strings.NewReader(""), Out: failing{}, Err: &strings.Builder{}, Getenv: func(string) string { return w.dsn() },
		Screen: func() (width, height int) { return 80, 24 },
	}
	require.Equal(t, exitFailed, p.Main(t.Context(), []string{"watch"}))
}
