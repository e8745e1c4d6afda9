package console

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
)

func TestFailuresAreToldApart(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.addJob(object{"name": "n"})
	e := o.addExecute(id, nil)
	call := func(path string, body object) answer { return o.call(http.MethodPost, path, body) }

	wrong := object{"job": id, "schedule": object{"type": "CRON", "cron": "0 0 25 * * ?"}}
	said := o.refused(call("/api/execute/add", wrong), http.StatusUnprocessableEntity, codeField)
	require.Equal(t, []any{"cron", "0 0 25 * * ?"}, []any{said["field"], said["value"]})
	require.Equal(t, fmt.Sprintf("cron %q: %s", said["value"], said["reason"]), said["message"])

	said = o.refused(call("/api/app/pause", object{"app": "none"}), http.StatusNotFound, codeNotFound)
	require.Equal(t, []any{"app", "none"}, []any{said["kind"], said["key"]})
	said = o.refused(call("/api/job/pause", object{"id": "1"}), http.StatusNotFound, codeNotFound)
	require.Equal(t, []any{"job", "1"}, []any{said["kind"], said["key"]})
	said = o.refused(call("/api/job/add", object{"app": "billing", "class": "x", "name": "n"}), http.StatusConflict, codeExists)
	require.Equal(t, []any{"job", "n"}, []any{said["kind"], said["key"]})

	said = o.refused(call("/api/app/delete", object{"app": "billing"}), http.StatusConflict, codeState)
	require.Equal(t, []any{"app", "billing", "Y"}, []any{said["kind"], said["key"], said["state"]})
	said = o.refused(call("/api/execute/edit", object{"id": e["id"], "version": 7, "name": "m"}), http.StatusConflict, codeVersion)
	require.Equal(t, []any{"execute", e["id"], 7.0, 0.0}, []any{said["kind"], said["key"], said["version"], said["current"]})

	// What a form must send, and a selection of nothing.
	for path, body := range map[string]object{
		"/api/job/edit version": {"id": id, "name": "m"}, "/api/execute/edit version": {"id": e["id"], "name": "m"},
		"/api/job/edit edits": {"id": id, "version": 0}, "/api/app/pause app": {}, "/api/app/add name": {}, "/api/node/pause key": {"app": "billing"},
		"/api/execute/pause id": {}, "/api/jobs/delete ids": {"app": "billing", "ids": []any{}}, "/api/executes/delete ids": {"app": "billing", "ids": []any{}},
		"/api/jobs/delete app": {}, "/api/executes/pause app": {"states": []any{"PAUSED"}}, "/api/executes/pause overdue": {"app": "billing", "overdue": "long"},
		"/api/executes/pause dueBefore": {"app": "billing", "dueBefore": "soon"}, "/api/execute/add start": {"job": id, "schedule": object{"type": "CRON", "start": "x"}},
	} {
		path, field, _ := strings.Cut(path, " ")
		o.wrong(call(path, body), field, path)
	}
	for _, path := range []string{"/api/app", "/api/app/events", "/api/app/maintenance"} {
		o.wrong(o.call(http.MethodGet, path+"?app=", nil), "app", path)
	}
	require.Len(t, o.get("/api/jobs")["items"], 1)
}

func TestMistakesOfADocumentAreNamedByTheirPlaces(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	diff := func(text string) object {
		return o.refused(o.call(http.MethodPost, "/api/document/diff", object{"document": text}), http.StatusUnprocessableEntity, codeField)
	}
	said := diff("app: billing\njobs:\n- name: a\n  executes:\n  - {name: e, schedule: {cron: '0 0 25 * * ?'}}\n- name: b\n  class: c\n  klass: d\n")
	fields := []any{}
	for _, m := range said["mistakes"].([]any) {
		fields = append(fields, m.(object)["field"])
	}
	require.ElementsMatch(t, []any{"jobs[0].class", "jobs[0].executes[0].schedule.cron", "jobs[1].klass"}, fields)
	require.Equal(t, said["mistakes"].([]any)[0].(object)["field"], said["field"])
	require.Contains(t, diff("app: [")["reason"], "line 1")
	require.Equal(t, "document", diff(`{"app": "x"`)["field"])
	require.Contains(t, diff("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n" +
		"d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n" +
		"g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\nh: &h [*g,*g,*g,*g,*g,*g,*g,*g,*g]\n")["reason"], "more than")
	require.Len(t, diff("{app: billing, jobs: [" + strings.Repeat("{},", 200) + "]}")["mistakes"], maxMistakes)
}

func TestNodesThatDoNotAnswerAreNamed(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(c *Config) { c.Timeout = 3 * time.Second })
	o.exec(`INSERT INTO QRTZ_NODE (APPLICATION, HOST_IP, HOST_NAME, STATE, TIME_CHECK, NODE_ID, BEAT, TIME_START)
		VALUES ('billing', 'silent', 'silent', 'Y', ?, ?, 1, ?)`, time.Now().UnixMilli(), 1_700_000_000_000, time.Now().UnixMilli())
	said := o.refused(o.call(http.MethodPost, "/api/node/ping", object{"app": "billing", "key": "silent"}), http.StatusGatewayTimeout, codeNoAnswer)
	require.Equal(t, []any{"silent"}, said["nodes"])
}

func TestWhatTheDatabaseSaysStaysInTheLog(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.exec("ALTER TABLE QRTZ_JOB RENAME TO QRTZ_OTHER")
	a := o.call(http.MethodGet, "/api/jobs", nil)
	said := o.refused(a, http.StatusInternalServerError, codeInternal)
	require.NotContains(t, a.text, "QRTZ")
	require.NotContains(t, a.text, "SQL")
	require.Contains(t, o.log.String(), fmt.Sprintf("reference=%s", said["reference"]))
	require.Contains(t, o.log.String(), "QRTZ_JOB")
	require.Contains(t, said["message"], said["reference"])
}

func TestWhatWasChangedBeforeAFailureIsTold(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, name := range []string{"a", "b", "c"} {
		o.addExecute(o.addJob(object{"name": name}), nil)
	}
	o.exec("UPDATE QRTZ_EXECUTE SET STATE = 'ERROR'")
	all := object{"app": "billing"}
	document := object{"document": "{app: billing, jobs: [{name: a, class: x}, {name: b, class: x}, {name: c, class: x}]}"}
	for _, c := range []struct {
		path, stop string
		body       object
	}{
		{"/api/document/apply", "UPDATE ON QRTZ_JOB WHEN OLD.NAME = 'c'", document},
		{"/api/executes/resume", "UPDATE ON QRTZ_EXECUTE WHEN OLD.PID = (SELECT ID FROM QRTZ_JOB WHERE NAME = 'c')", all},
		{"/api/jobs/delete", "DELETE ON QRTZ_JOB WHEN OLD.NAME = 'c'", all},
	} {
		o.log.Reset()
		o.exec("CREATE TRIGGER stop BEFORE " + c.stop + " BEGIN SELECT RAISE(ABORT, 'stop'); END")
		said := o.refused(o.call(http.MethodPost, c.path, c.body), http.StatusInternalServerError, codeInternal)
		require.EqualValues(t, 2, said["changed"], c.path)
		require.Regexp(t, `msg="console: changed" changed=2 error=.* route=`+c.path+` subject=.* actor=alice`, o.log.String())
		o.log.Reset()
		said = o.refused(o.call(http.MethodPost, c.path, c.body), http.StatusInternalServerError, codeInternal)
		require.NotContains(t, said, "changed", c.path)
		require.NotContains(t, o.log.String(), "console: changed")
		o.exec("DROP TRIGGER stop")
	}
}

func TestADatabaseThatDoesNotAnswerIsATimeout(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(c *Config) { c.Timeout = time.Nanosecond })
	a := o.send(request(http.MethodGet, "/api/jobs", nil))
	require.Contains(t, []int{http.StatusGatewayTimeout, http.StatusServiceUnavailable}, a.status, a.text)
}

func TestACallThatOthersKeptOvertaking(t *testing.T) {
	t.Parallel()
	out := (&console{}).failed(t.Context(), "/api/app/pause", fmt.Errorf("pause app: %w", client.ErrContended))
	require.Equal(t, http.StatusConflict, out.status)
	require.Equal(t, codeContended, out.Code)
	require.Equal(t, "pause app: others kept changing the row: try again", out.Message)
}
