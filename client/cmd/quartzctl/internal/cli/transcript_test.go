package cli

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client/cmd/quartzctl/internal/database"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var update = flag.Bool("update", false, "write down what is said now")

// Each file of testdata is a transcript: commands, and what they say. They run
// one after the other on a SQLite database of their own, whose clock stands at
// noon. The files of an archive stand behind the transcript.
//
//	$ quartzctl apps show nope        a command; before it, VARIABLE=value, behind it, < file
//	APP:  nope                        what it writes to the standard output,
//	! quartzctl: app nope: not found  to the standard error,
//	[3]                               and its exit code, unless that is 0
//	sql> UPDATE …                     what others do meanwhile
//	at> 2027-03-01T12:00:05Z          the time that it has come to
//
// TTY=60 stands for a terminal of that width, at which a person sits. Ids and
// cursors are numbered in the order in which they appear.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			require.NoError(t, err)
			w := newWorld(t, archive.Files)
			got := w.run(string(archive.Comment))
			if *update {
				archive.Comment = []byte(got)
				require.NoError(t, os.WriteFile(file, txtar.Format(archive), 0o600))
				return
			}
			sameLines(t, string(archive.Comment), got)
		})
	}
}

// sameLines shows the first line that differs, and not the whole texts.
func sameLines(t *testing.T, want, got string) {
	t.Helper()
	wants, gots := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(wants), len(gots)) {
		require.Equal(t, wants[i], gots[i], "line %d; go test -update writes it down", i+1)
	}
	require.Len(t, gots, len(wants), "go test -update writes it down")
}

// Each command stands in a transcript.
func TestEveryCommandIsInATranscript(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		all.Write(text)
	}
	for _, cmd := range commands((&Program{}).Root()) {
		require.Regexp(t, `(?m)^\$ .*`+cmd.CommandPath()+`\b`, all.String())
	}
}

// world is what a transcript runs in.
type world struct {
	t     *testing.T
	dir   string
	db    *gorm.DB
	now   time.Time
	seen  [2][]string // the ids and cursors as they really are, in the order in which they appeared
	stdin map[string][]byte
}

func newWorld(t *testing.T, files []txtar.File) *world {
	w := &world{t: t, dir: t.TempDir(), now: time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC), stdin: map[string][]byte{}}
	for _, file := range files {
		require.NoError(t, os.WriteFile(filepath.Join(w.dir, file.Name), file.Data, 0o600))
		w.stdin[file.Name] = file.Data
	}
	var err error
	w.db, err = database.Open(t.Context(), w.dsn(), database.Options{Create: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, database.Close(w.db)) })
	require.NoError(t, schema.Migrate(t.Context(), w.db, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
	return w
}

func (w *world) dsn() string { return "sqlite:" + filepath.Join(w.dir, "quartz.db") }

// run returns the transcript with what is said now.
func (w *world) run(transcript string) string {
	var out strings.Builder
	for line := range strings.Lines(transcript) {
		line = strings.TrimSuffix(line, "\n")
		kind, rest, _ := strings.Cut(line, " ")
		switch kind {
		case "#":
			out.WriteString("\n" + line + "\n")
		case "$":
			out.WriteString("\n" + line + "\n" + w.masked(w.command(w.unmasked(rest))))
		case "sql>":
			out.WriteString("\n" + line + "\n")
			require.NoError(w.t, w.db.Exec(w.unmasked(rest)).Error, line)
		case "at>":
			out.WriteString("\n" + line + "\n")
			at, err := time.Parse(time.RFC3339, rest)
			require.NoError(w.t, err, line)
			w.now = at
		}
	}
	return strings.TrimPrefix(regexp.MustCompile(`\n\n(# .*\n)\n`).ReplaceAllString(out.String(), "\n\n$1"), "\n")
}

// command runs one, and returns what it said.
func (w *world) command(line string) string {
	env := map[string]string{dsnVariable: w.dsn()}
	args := shellWords(w.t, line)
	for {
		name, value, found := strings.Cut(args[0], "=")
		if !found {
			break
		}
		env[name], args = value, args[1:]
	}
	var in io.Reader = strings.NewReader("")
	if i := slices.Index(args, "<"); i > 0 {
		data, ok := w.stdin[args[i+1]]
		require.True(w.t, ok, args[i+1])
		in, args = bytes.NewReader(data), args[:i]
	}
	require.Equal(w.t, "quartzctl", args[0])
	var stdout, stderr strings.Builder
	p := &Program{
		In: in, Out: &stdout, Err: &stderr, Actor: "ada@office", Getenv: func(name string) string { return env[name] },
		Prepare: func(db *gorm.DB) error { return db.Use(sqldb.Clock(w.now.UnixMilli)) },
	}
	if env["TTY"] != "" {
		width, err := strconv.Atoi(env["TTY"])
		require.NoError(w.t, err)
		p.Asks, p.Screen = true, func() (int, int) { return width, 24 }
	}
	code := p.Main(w.t.Context(), args[1:])
	out := stdout.String()
	for _, r := range out + stderr.String() {
		require.True(w.t, r == '\n' || strconv.IsPrint(r), "%q can drive a terminal, in what %s said", r, line)
	}
	for line := range strings.Lines(stderr.String()) {
		out += "! " + line
	}
	if code != 0 {
		out += fmt.Sprintf("[%d]\n", code)
	}
	return out
}

// kinds are what differs from run to run: ids and cursors.
var kinds = [2]struct {
	real, mask *regexp.Regexp
	format     string
}{
	{regexp.MustCompile(`\b[1-9]\d{16,17}\b`), regexp.MustCompile(`\b0{12}(\d{6})\b`), "%018d"},
	{regexp.MustCompile(`\beyJ[\w-]{10,}`), regexp.MustCompile(`\bCURSOR-(\d+)\b`), "CURSOR-%d"},
}

// masked puts in the place of what differs from run to run what does not.
func (w *world) masked(text string) string {
	host, err := os.Hostname()
	require.NoError(w.t, err)
	text = strings.NewReplacer(w.dir, "$WORK", `"hostName": "`+host+`"`, `"hostName": "HOST"`, "hostName: "+host+"\n", "hostName: HOST\n",
		runtime.Version(), "GO", runtime.GOOS+"/"+runtime.GOARCH, "SYSTEM").Replace(text)
	text = regexp.MustCompile(`(answered after |within |"?roundTripNs"?: )[0-9.]+(ms|s)?`).ReplaceAllString(text, "${1}N")
	text = regexp.MustCompile(`(?m)^(node-\d +)[0-9.]+m?s +`).ReplaceAllString(text, "${1}N  ")
	for k, kind := range kinds {
		text = kind.real.ReplaceAllStringFunc(text, func(name string) string {
			i := slices.Index(w.seen[k], name)
			if i < 0 {
				i = len(w.seen[k])
				w.seen[k] = append(w.seen[k], name)
			}
			return fmt.Sprintf(kind.format, i+1)
		})
	}
	return text
}

func (w *world) unmasked(text string) string {
	text = strings.ReplaceAll(text, "$WORK", w.dir)
	for k, kind := range kinds {
		text = kind.mask.ReplaceAllStringFunc(text, func(mask string) string {
			n, err := strconv.Atoi(kind.mask.FindStringSubmatch(mask)[1])
			require.NoError(w.t, err)
			require.LessOrEqual(w.t, n, len(w.seen[k]), "%s was not seen before", mask)
			return w.seen[k][n-1]
		})
	}
	return text
}

// shellWords splits a line as a shell does, with 'quotes', $'\x1b' and \' alone.
func shellWords(t *testing.T, line string) []string {
	var out []string
	word, started := "", false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; c {
		case '\\':
			i++
			word += line[i : i+1]
		case '\'':
			n := strings.IndexByte(line[i+1:], '\'')
			require.GreaterOrEqual(t, n, 0, line)
			text := line[i+1 : i+1+n]
			if prefix, ok := strings.CutSuffix(word, "$"); ok {
				unquoted, err := strconv.Unquote(`"` + strings.ReplaceAll(text, `"`, `\"`) + `"`)
				require.NoError(t, err, line)
				word, text = prefix, unquoted
			}
			word, started = word+text, true
			i += n + 1
		case ' ':
			if started || word != "" {
				out = append(out, word)
			}
			word, started = "", false
		default:
			word += string(c)
		}
	}
	if started || word != "" {
		out = append(out, word)
	}
	return out
}

func TestAnInterruptEndsAnyCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stderr strings.Builder
	p := &Program{In: strings.NewReader(""), Out: io.Discard, Err: &stderr, Getenv: func(string) string { return w.dsn() }}
	require.Equal(t, exitInterrupted, p.Main(ctx, []string{"apps", "list"}))
	require.Equal(t, "quartzctl: "+errInterrupted.Error()+"\n", stderr.String())
}

// failing is an output that takes nothing.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestAnOutputThatFailsIsAFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for _, args := range []string{"apps list", "apps list -o json", "apps list -o yaml", "apps add a", "version", "cron explain @daily"} {
		var stderr strings.Builder
		p := &Program{In: strings.NewReader(""), Out: failing{}, Err: &stderr, Getenv: func(string) string { return w.dsn() }}
		require.Equal(t, exitFailed, p.Main(t.Context(), strings.Fields(args)), args)
		require.Equal(t, "quartzctl: the disk is full\n", stderr.String())
	}
}
