package browsertest

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/console"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/schema"
)

// An operator adds a job and an execute, sees it fire, pauses it, and runs it.
func TestAnOperatorSchedulesAJob(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.node("north")
	o.node("south")
	p := o.enter("olga", console.Operator)
	p.reads(test("apps"), "2 live")
	p.reads(test("actor"), "olga")

	p.click(test("nav-job"))
	p.click(test("add-job"))
	p.write(test("class"), quick)
	p.write(test("name"), "nightly report")
	p.write(test("description"), "goes to operations")
	p.write(test("data"), `{"to": "ops"}`)
	p.click(test("submit"))
	p.reads(test("title"), "nightly report")
	p.reads(test("notice-good"), "The job was added.")

	p.click(test("add-first-execute"))
	p.click(test("schedule.kind-every"))
	p.write(test("schedule.interval"), "1")
	p.choose(test("schedule.interval.unit"), "s")
	p.write(test("name"), "every second")
	p.reads(test("explanation"), "Every second")
	first := p.see(test("preview") + " td + td")
	until[bool](p, "another first fire", `(thing, was) => wordsOf(find(thing)[0]) !== was`, test("preview")+" td + td", first)
	p.click(test("submit"))
	p.reads(test("title"), "every second")
	jobs := rows[schema.Job](o, "QRTZ_JOB")
	executes := slices.DeleteFunc(rows[schema.Execute](o, "QRTZ_EXECUTE"), func(row schema.Execute) bool { return row.OriginID != 0 })
	require.Len(t, jobs, 1)
	require.Len(t, executes, 1)
	require.Equal(t, "olga", jobs[0].UpdatedBy)
	require.Equal(t, "olga", executes[0].UpdatedBy)
	execute := executes[0].ID

	p.reads(test("recent")+" "+test("state-SUCCEEDED"), "SUCCEEDED")
	until[bool](p, "a second fire", `(tile) => Number(wordsOf(find(tile)[0]).match(/\d+/)) >= 2`, test("count-fires"))
	p.see(test("timeline") + " .fire.good")

	p.click(test("pause"))
	p.see(".head " + test("state-PAUSED"))
	o.UntilState(execute, schema.Paused)
	o.Until(func() bool {
		running, err := o.Client.Running(t.Context(), client.RunningFilter{Execute: client.ID(execute)})
		require.NoError(t, err)
		return len(running.Items) == 0
	}, "what was claimed before is over")
	ran := len(o.Runs(execute))
	o.Passes(2)
	require.Len(t, o.Runs(execute), ran, "nothing of it runs while it is paused")
	p.miss(".fires td >> ago")
	p.click(test("resume"))
	p.see(".head " + test("state-EXECUTING"))

	p.click(test("run-now"))
	p.reads(test("run-dialog")+" "+test("data"), `"to": "ops"`)
	p.write(test("run-dialog")+" "+test("data"), "")
	p.wrong("data", "{} for none")
	p.write(test("run-dialog")+" "+test("data"), `{"to": "me"}`)
	p.click(test("dialog-submit"))
	p.miss("dialog")
	p.see(test("notice-good") + " >> It runs as soon as a node takes it.")
	o.Until(func() bool {
		return slices.ContainsFunc(o.Runs(execute), func(r lab.Run) bool { return string(r.Data) == `{"to": "me"}` })
	}, "it ran with data of its own")
}

// A run that lasts is seen where it runs, and cancelled.
func TestAnOperatorCancelsALongRun(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.node("north")
	o.node("south")
	o.job(long, "film")
	p := o.enter("olga", console.Operator)
	p.click(test("nav-job"))
	p.click(test("jobs") + " a >> film")
	p.click(test("add-first-execute"))
	p.click(test("schedule.kind-now"))
	p.click(test("submit"))
	run := o.UntilRuns(0, 1)[0]

	p.click(test("nav-running"))
	p.reads(test("fires"), "film")
	p.reads(test("fires"), run.Node)
	p.click(test("cancel-fire"))
	p.miss(test("fires"))
	p.see(test("empty"))
	p.goes("executes/" + id(run.ExecuteID))
	p.see(test("recent") + " " + test("state-CANCELLED"))
	o.Until(func() bool { return o.Runs(run.ExecuteID)[0].Cause != nil }, "the run's context ended")

	failing := o.ExecuteOf(o.job(bad, "invoices"), client.Now(), client.Retry(1, time.Hour))
	p.goes("executes/" + id(failing))
	p.click(test("execute-menu"))
	p.click(test("cancel-all")) // where nothing but a retry waits
	p.click(test("dialog-submit"))
	p.see(test("notice-good") + " >> 1 fire ended or told to end.")
	p.click(test("execute-menu"))
	p.click(test("reset"))
	p.reads(test("confirm"), "Its counts stay.")
	p.click(test("dialog-close"))
}

// A node is drained and rejoins; when the master stops, the other is master.
func TestAnOperatorMindsTheNodes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.node("north")
	o.Until(func() bool { return o.AppRow().Master != 0 }, "north is master")
	o.node("south")
	p := o.enter("olga", console.Operator)
	p.click(test("nav-node"))
	north, south := node("north"), node("south")
	p.reads(north, "master")
	p.reads(south, "live")
	p.reads(north, "asks from here")

	p.click(test("ping-all"))
	p.reads(north+" "+test("answer"), "answered in")
	p.reads(south+" "+test("answer"), "answered in")

	p.click(south + " " + test("node-menu"))
	p.click(south + " " + test("drain"))
	p.reads(test("confirm"), "Drain south?")
	p.click(test("dialog-submit"))
	p.reads(south, "draining")
	p.click(south + " " + test("node-menu"))
	p.click(south + " " + test("rejoin"))
	p.miss(south + " .chip >> draining")

	p.click(north + " " + test("node-menu"))
	p.click(north + " " + test("stop-node"))
	p.reads(test("confirm"), "It cannot be started from here.")
	p.click(test("dialog-submit"))
	p.reads(south, "master")
	p.miss(north)
	p.click(test("nav-overview"))
	p.reads(test("apps"), "south")
	p.click(test("apps") + " a >> lab")
	p.reads(test("events"), "elected south")
	p.reads(test("events"), "by olga")
}

// node is the row of a node of the app.
func node(key string) string { return "tr[data-key$='\\a " + key + "']" }
