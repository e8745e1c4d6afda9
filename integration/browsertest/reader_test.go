package browsertest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/console"
)

// A reader sees everything and is offered nothing that changes it; what is sent all
// the same is refused.
func TestAReaderChangesNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.node("north")
	job := o.job(long, "film")
	execute := o.ExecuteOf(job, client.Now(), client.Named("premiere"))
	o.UntilRuns(execute, 1)
	p := o.enter("rita", console.ReadOnly)
	p.reads(test("actor"), "read-only")
	for place, words := range map[string]string{
		"":                                  "lab",
		"apps/lab":                          "north",
		"nodes":                             "north",
		"jobs":                              "film",
		"jobs/" + job.String():              "premiere",
		"executes":                          "premiere",
		"executes/" + id(execute):           "film",
		"running":                           "film",
		"document":                          "Export",
		"jobs/add":                          "operator",
		"jobs/" + job.String() + "/add":     "operator",
		"jobs/" + job.String() + "/edit":    "operator",
		"executes/" + id(execute) + "/edit": "operator",
	} {
		p.goes(place)
		p.reads("main", words)
		require.Empty(t, p.writes(), "what a reader is offered at %q", place)
	}
	p.mayRefuse(403)
	answer := ask[string](p, `(id) => fetch("api/job/pause", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ id }) })
		.then((answer) => answer.json()).then(({ error }) => error.code)`, job.String())
	require.Equal(t, "forbidden", answer)

	p = o.enter("olga", console.Operator)
	p.goes("jobs/" + job.String())
	p.reads("main", "premiere")
	require.NotEmpty(t, p.writes(), "a control: what an operator is offered there")
}

// writes returns the controls of the page that do more than look.
func (p *tab) writes() []string {
	p.t.Helper()
	return ask[[]string](p, `() => find("main button, main summary, main input, main select, main textarea, main form, main [contenteditable], main a")
		.filter((it) => !it.closest("search, .pages") && !(it.tagName === "A" && !/\/(add|edit)\b/.test(it.href)))
		.filter((it) => !(it.closest("[data-test=import]") || it.dataset.test === "app"))
		.map((it) => it.outerHTML.slice(0, 160))`)
}
