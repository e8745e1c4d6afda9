package browsertest

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/console"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/schema"
)

// hostile are short texts that would do harm wherever they are more than text.
var hostile = []string{
	`<img src=x onerror="pwned=1">`,
	`<script>pwned=1</script>`,
	`"><svg onload=alert(1)>`,
	`' OR 1=1; DROP TABLE QRTZ_JOB; --`,
	`javascript:alert(1)//%0a${alert(1)}`,
	`a/b?c=d&e#f%2e%2e/../..\`,
	"日本語 🚀 \u202egnirts \u200b é",
}

// Whatever a text holds, it is shown as that text: of a row, of an error, of an
// actor, of an address, and of what somebody types.
func TestHostileTextsAreTexts(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	huge := strings.Repeat(hostile[0]+"W", schema.MaxError)
	o.fault = errors.New(huge + "\x00\x1b[31m\r\n")
	label := hostile[1]
	o.node(hostile[0], lab.With(func(c *core.Config) { c.Labels, c.Build = []string{label}, hostile[2] }))
	data := map[string]string{"long": strings.Repeat("W", 3000)}
	for _, text := range hostile {
		_, err := o.Client.AddApp(t.Context(), client.App{Name: text})
		require.NoError(t, err)
		data[text] = text
	}
	var execute int64
	for _, text := range hostile {
		job := o.JobOf(client.Job{Class: bad, Name: text, Description: text, Data: data})
		execute = o.ExecuteOf(job, client.Every(time.Hour), client.Named(text))
	}
	o.JobOf(client.Job{Class: strings.Repeat("W", schema.MaxClass), Name: strings.Repeat("w", schema.MaxName)})
	row := o.UntilRow(execute, func(e schema.Execute) bool { return e.FailCount > 0 }, "it failed")

	p := o.enter(hostile[0], console.Operator)
	p.mayRefuse(404, 422)
	p.text(hostile[:1]...)
	for place, texts := range map[string][]string{
		"":                                      hostile,
		"nodes":                                 hostile[:3],
		"jobs":                                  hostile,
		"executes":                              hostile,
		"jobs/" + id(row.PID):                   {hostile[6]},
		"jobs/" + id(row.PID) + "/edit":         {hostile[6]},
		"executes/" + id(execute):               {hostile[6], hostile[0] + "W" + hostile[0]},
		"executes/" + id(execute) + "/edit":     {hostile[6]},
		"jobs?text=" + url.QueryEscape("%' --"): {"%' --", "No such job"},
		"elsewhere/%E0%A4%A":                    {"There is no such page"},
		"<script>pwned=1</script>":              {"There is no such page"},
		"jobs/<img src=x onerror=pwned=1>":      {"must be a number"},
	} {
		p.goes(place)
		p.text(texts...)
	}
	p.goes("jobs/none")
	p.reads(test("live"), "Not refreshed") // what was refused is not asked again
	for _, text := range hostile {
		p.goes("apps/" + url.PathEscape(text))
		p.reads(test("title"), text)
		p.text(text)
		p.goes("jobs?app=" + url.QueryEscape(text))
		p.text("No such job")
	}
	p.goes("executes/" + id(execute))
	p.text(hostile[6])
	p.look("hostile-execute")
	p.goes("jobs")
	p.text(hostile...)
	p.look("hostile-jobs")

	for i, text := range append(hostile, "a bell \a", strings.Repeat("W", 4000)) {
		p.goes("jobs/add")
		p.see(test("job-form"))
		p.choose(test("app"), lab.App)
		p.write(test("class"), quick)
		p.write(test("name"), "typed "+text)
		p.write(test("data"), `{"text": "`+strings.NewReplacer(`"`, `\"`, `\`, `\\`).Replace(text)+`"}`)
		p.click(test("submit"))
		if i >= len(hostile) {
			p.see(test("error-name") + ", " + test("error-data"))
			p.text()
			continue
		}
		p.reads(test("title"), "typed "+text)
		p.text(text)
		jobs := rows[schema.Job](o, "QRTZ_JOB")
		require.Equal(t, "typed "+text, jobs[len(jobs)-1].Name)
	}
}

// text waits until all texts are seen as they are, and nothing has come of them.
func (p *tab) text(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		until[bool](p, "to see the text "+text, `(text) => {
			const seen = (it) => it.replace(/\s+/g, " ").trim();
			const typed = find("input, textarea").map((it) => it.value);
			return [document.body.innerText, ...typed].some((it) => seen(it).includes(seen(text)));
		}`, text)
	}
	require.Empty(p.t, ask[[]string](p, `() => [...document.querySelectorAll("img[src=x], [onerror], [onload], body script, [href^=javascript]")]
		.map((it) => it.outerHTML)
		.concat("pwned" in window ? ["a script ran"] : [])`))
}
