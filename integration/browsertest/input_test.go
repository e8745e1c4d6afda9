package browsertest

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/console"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
	"github.com/quartz-cluster/quartz/schema"
)

// What is wrong is told at its field, which has the focus, and nothing is written.
func TestWrongInputIsToldAtItsField(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.job(quick, "taken")
	p := o.enter("olga", console.Operator)
	p.mayRefuse(409, 422)

	p.goes("jobs/add")
	p.click(test("submit"))
	p.wrong("class", "must not be empty")
	p.write(test("class"), quick)
	p.write(test("name"), "taken")
	p.click(test("submit"))
	p.wrong("name", "taken")
	p.write(test("name"), "free")
	p.write(test("data"), "{\n  \"to\": \"ops\",\n  \"copies\": 1,,\n}")
	p.wrong("data", "Line 3, column 15")
	p.click(test("submit"))
	p.see(test("data-place"))
	p.write(test("data"), `"a single value"`)
	p.wrong("data", "an object or an array")
	p.write(test("data"), "{}")
	require.Len(t, rows[schema.Job](o, "QRTZ_JOB"), 1, "nothing was written so far")
	p.click(test("submit"))
	p.reads(test("title"), "free")

	p.click(test("add-first-execute"))
	p.write(test("schedule.cron"), "0 0 8 ? * MOO-FRI")
	p.wrong("schedule.cron", "MOO") // before anything is sent
	p.write(test("schedule.cron"), "0 0 8 ? * MON-FRI")
	p.miss(test("error-schedule.cron"))
	p.write(test("schedule.zone"), "Europe/Atlantis")
	p.wrong("schedule.zone", "no IANA time zone")
	p.write(test("schedule.zone"), "Europe/Berlin")
	p.reads(test("explanation"), "08:00")
	p.reads(test("preview"), "Europe/Berlin")
	p.reads(test("preview"), "America/New_York (yours)")
	p.click(test("schedule.kind-at"))
	p.wrong("schedule.start", "a date and a time of day")
	p.reads(test("preview"), "as soon as the schedule makes sense")
	p.click(test("schedule.kind-cron"))
	p.write(test("policies.retryMax"), "many")
	p.wrong("policies.retryMax", "whole number")
	p.write(test("policies.retryMax"), "")
	p.click(test("submit"))
	p.reads(test("title"), "0 0 8 ? * MON-FRI")
	require.Len(t, rows[schema.Execute](o, "QRTZ_EXECUTE"), 1)

	p.goes("nodes")
	p.click(test("add-node"))
	p.click("dialog " + test("dialog-submit"))
	p.wrong("key", "must not be empty")
	p.click("dialog " + test("dialog-close"))
	p.goes("")
	p.click(test("add-app"))
	p.write("dialog "+test("name"), "lab")
	p.click("dialog " + test("dialog-submit"))
	p.wrong("name", "already")
}

// wrong waits for words at a field, which is tied to them for those who cannot see.
func (p *tab) wrong(field, words string) {
	p.t.Helper()
	p.reads(test("error-"+field), words)
	p.see(test(field) + "[aria-invalid=true][aria-describedby~='" + ask[string](p, `(thing) => find(thing)[0].id`, test("error-"+field)) + "']")
}

// An edit changes what was typed, and no more: not an instant that the reader's zone
// has no name of its own for, nor what follows from another field.
func TestAnEditOfAPart(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	start := time.Date(2030, time.November, 3, 6, 30, 0, 0, time.UTC) // 01:30 in New York, for the second time
	execute := o.ExecuteOf(o.job(quick, "shared"), client.Every(1001*time.Millisecond).StartAt(start), client.Retry(3, time.Second))
	p := o.enter("olga", console.Operator)
	p.goes("executes/" + id(execute) + "/edit")
	p.reads(test("schedule.interval"), "1001")
	ask[bool](p, `(end) => { find(end)[0].focus(); return true; }`, test("schedule.end"))
	p.press("11" + kb.Enter) // a day and a month, or the other way round
	p.wrong("schedule.end", "a date and a time of day")
	ask[bool](p, `(end) => {
		const it = find(end)[0];
		it.value = "2030-12-31T08:00";
		it.dispatchEvent(new Event("input", { bubbles: true }));
		return true;
	}`, test("schedule.end"))
	p.miss(test("error-schedule.end"))
	p.write(test("schedule.interval"), "2.3")
	p.choose(test("schedule.interval.unit"), "h")
	p.write(test("policies.retryMax"), "")
	p.write(test("policies.timeoutNs"), "2.3")
	p.choose(test("policies.timeoutNs.unit"), "h")

	ask[bool](p, `() => {
		const { fetch } = window;
		window.fetch = async (...call) => {
			if (call[1].method !== "POST") return fetch(...call);
			window.fetch = fetch;
			return Response.json({ error: { code: "invalid_field", field: "retryDelay", message: "no such delay" } }, { status: 422 });
		};
		return true;
	}`)
	p.click(test("submit"))
	p.reads(test("form-failure"), "No such delay") // of a field that is not there
	p.click(test("submit"))
	p.reads(test("notice-good"), "The execute was saved.")
	after, err := o.Client.GetExecute(t.Context(), client.ID(execute))
	require.NoError(t, err)
	span, end := 2*time.Hour+18*time.Minute, time.Date(2030, time.December, 31, 13, 0, 0, 0, time.UTC)
	require.Equal(t, []time.Time{start, end}, []time.Time{after.Schedule.Start.UTC(), after.Schedule.End.UTC()})
	require.Equal(t, []time.Duration{span, span, 0}, []time.Duration{after.Schedule.Interval, after.Timeout, after.RetryDelay})
	require.Zero(t, after.RetryMax)
}

// Who edits what somebody else has edited meanwhile loses nothing of either.
func TestTwoEditsMeet(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	job := o.job(quick, "shared")
	p := o.enter("olga", console.Operator)
	p.mayRefuse(409)
	p.goes("jobs/" + job.String() + "/edit")
	p.write(test("description"), "mine")
	until[bool](p, "it is typed in", `(field) => wordsOf(find(field)[0]) === "mine"`, test("description"))
	_, err := o.Client.UpdateJob(t.Context(), job, rows[schema.Job](o, "QRTZ_JOB")[0].Version, client.SetClass(long), client.SetName("theirs"))
	require.NoError(t, err)
	p.click(test("submit"))
	p.reads(test("conflict"), "Somebody else has changed this")
	p.click(test("rebase"))
	p.miss(test("conflict"))
	p.reads(test("name"), "theirs")
	p.reads(test("description"), "mine")
	p.click(test("submit"))
	p.reads(test("notice-good"), "The job was saved.")
	after := rows[schema.Job](o, "QRTZ_JOB")[0]
	require.Equal(t, []string{long, "theirs", "mine", "olga"}, []string{after.Class, after.Name, after.Description, after.UpdatedBy})
}

// A pause that somebody sets meanwhile is not the edit's.
func TestAnEditOfANodeLeavesItsPauseAlone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, err := o.Client.AddNode(t.Context(), client.Node{App: lab.App, Key: "north"})
	require.NoError(t, err)
	p := o.enter("olga", console.Operator)
	p.goes("nodes")
	for _, name := range []string{"", "north.example.com"} { // the first changes nothing
		p.click(node("north") + " " + test("node-menu"))
		p.click(node("north") + " " + test("edit-node"))
		if name != "" {
			p.write("dialog "+test("hostName"), name)
			_, err = o.Client.PauseNode(t.Context(), lab.App, "north")
			require.NoError(t, err)
		}
		p.click("dialog " + test("dialog-submit"))
		p.miss("dialog")
	}
	p.reads(test("notice-good"), "Node north was saved.")
	after, err := o.Client.GetNode(t.Context(), lab.App, "north")
	require.NoError(t, err)
	require.Equal(t, []any{"north.example.com", true}, []any{after.HostName, after.Paused})
}

// A change of many that fails on the way tells what it has done, in all its calls.
func TestAChangeOfManyThatFailsTellsWhatItDid(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.job(quick, "some")
	p := o.enter("olga", console.Operator)
	p.goes("jobs")
	p.click(test("choose-all"))
	p.click(test("bulk-pause"))
	ask[bool](p, `() => {
		const answers = [[200, { matched: 9000, changed: 9000, more: true }], [504, { error: { code: "timeout", message: "too late", changed: 34 } }]];
		const real = window.fetch;
		window.fetch = (url, how) => {
			if (url !== "api/jobs/pause") return real(url, how);
			const [status, body] = answers.shift();
			return Promise.resolve(new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } }));
		};
		return true;
	}`)
	p.click("dialog " + test("dialog-submit"))
	p.reads("dialog", "Too late. 9,034 had been changed before")
}

// Saved without a change, a form writes nothing and goes back.
func TestAnEditOfNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	job := o.job(quick, "kept")
	execute, err := o.Client.AddExecute(t.Context(), job, client.Cron("@daily", ""), client.Paused())
	require.NoError(t, err)
	p := o.enter("olga", console.Operator)
	for at, title := range map[string]string{"jobs/" + job.String(): "kept", "executes/" + execute.ID.String(): "kept"} {
		p.goes(at + "/edit")
		p.click(test("submit"))
		until[bool](p, "it is back", `(at) => location.hash.endsWith(at)`, at)
		p.reads("#main", title)
		p.miss(test("notice-good"))
	}
	require.NotEqual(t, "olga", rows[schema.Job](o, "QRTZ_JOB")[0].UpdatedBy)
	require.NotEqual(t, "olga", rows[schema.Execute](o, "QRTZ_EXECUTE")[0].UpdatedBy)
}
