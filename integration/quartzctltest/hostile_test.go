package quartzctltest

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

// What is stored is what was given, byte for byte, and shows as text.
func TestHostileValues(t *testing.T) {
	each(t, func(s shell, _ *lab.Lab) {
		s.ok("migrate", "up")
		app := `<b onmouseover="alert(1)">'; --`
		s.ok("apps", "add", app)
		fill := func(text string, most int) string {
			return strings.Repeat(text, most)[:len(text)*(most/len(text))]
		}
		for _, text := range []string{
			`<script>alert("1")</script>`, `'; DROP TABLE QRTZ_JOB; -- `, `%_\*?`, "ﷺ日本👩‍🚀", "e\u0301\u0300", "../../etc/passwd", "$(reboot)`reboot`",
		} {
			name := strings.TrimSpace(fill(text, schema.MaxName))
			data, err := json.Marshal(map[string]string{"text": fill(text, schema.MaxData/3)})
			require.NoError(s.t, err)
			added := s.fed(string(data), "jobs", "add", "--app", app, "--class", text[:min(len(text), 60)]+"x", "--name", name,
				"--description", fill(text, schema.MaxDescription), "--data", "@-", "-o", "json")
			var job client.JobInfo
			require.NoError(s.t, json.Unmarshal([]byte(added), &job), added)
			var shown client.JobInfo
			require.NoError(s.t, json.Unmarshal([]byte(s.ok("jobs", "show", name, "--app", app, "-o", "json")), &shown))
			require.Equal(s.t, job.ID, shown.ID)
			require.Equal(s.t, name, shown.Name)
			require.Equal(s.t, fill(text, schema.MaxDescription), shown.Description)
			require.JSONEq(s.t, string(data), string(shown.Data))
			s.fails(2, "name", "jobs", "edit", name, "--app", app, "--name", fill(text, schema.MaxName)+strings.Repeat("x", schema.MaxName))
			s.fails(2, "data", "jobs", "edit", name, "--app", app, "--data", `{"x":"`+strings.Repeat("日", schema.MaxData/3)+`"}`)
		}
		for _, args := range [][]string{{"jobs", "list", "--all"}, {"export", app}, {"export", app, "-o", "json"}, {"jobs", "list", "--text", "'; DROP"}} {
			for _, r := range s.ok(args...) {
				require.True(s.t, r == '\n' || strconv.IsPrint(r), "%q in %v", r, args)
			}
		}
		exported := s.ok("export", app)
		require.Contains(s.t, s.fed(exported, "apply", "-f", "-"), "0 are changed")
	})
}

// Nothing that is said has the password in it.
func TestTheWrongPassword(t *testing.T) {
	each(t, func(s shell, _ *lab.Lab) {
		const secret = "hunter2"
		before, rest, _ := strings.Cut(s.dsn, "@")
		s.dsn = before[:strings.LastIndex(before, ":")+1] + secret + "@" + rest
		stdout, stderr, code := s.run("", "apps", "list")
		require.Equal(s.t, 6, code, stderr)
		require.Empty(s.t, stdout)
		require.Equal(s.t, 1, strings.Count(stderr, "\n"))
		require.NotContains(s.t, stderr, secret)
	}, testdb.SQLite) // a file has no password
}
