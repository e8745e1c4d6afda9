package consoletest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestEveryRouteAnswers walks through the whole API; get and post hold bodies and
// answers against the document.
func TestEveryRouteAnswers(t *testing.T) {
	each(t, func(o *office) {
		for _, walk := range []func(o *office){walkApps, walkNodes, walkJobs, walkExecutes, walkFires, walkDocument} {
			walk(o)
		}
		for path := range o.document.Paths.Map() {
			require.True(o, o.walked[path], "%s has not been walked", path)
		}
	})
}

func walkApps(o *office) {
	me := o.get("/api/me")
	require.Equal(o, "alice", me["actor"])
	require.Equal(o, "operator", me["role"])
	require.Equal(o, o.db.Name(), me["database"].(object)["dialect"])
	require.Equal(o, "openapi: 3.0.3", strings.SplitN(o.get("/api/openapi.yaml")["text"].(string), "\n", 2)[0])

	require.Equal(o, true, o.post("/api/app/add", object{"app": "a/b", "paused": true})["paused"])
	require.Equal(o, []any{"a/b", "billing"}, names(o.get("/api/apps"), "name"))
	require.Equal(o, []any{"a/b"}, names(o.get("/api/apps", "paused", "true"), "name"))
	require.Equal(o, []any{"billing"}, names(o.get("/api/apps", "text", "ILL"), "name"))
	require.Equal(o, "a/b", o.get("/api/app", "app", "a/b")["name"])
	require.Equal(o, object{}, o.post("/api/app/delete", object{"app": "a/b"}))

	require.Equal(o, true, o.post("/api/app/pause", object{"app": "billing"})["paused"])
	require.Equal(o, false, o.post("/api/app/resume", object{"app": "billing", "withNodes": true})["paused"])
	require.Equal(o, "MASTER_ONLY", o.post("/api/app/mode", object{"app": "billing", "mode": "MASTER_ONLY"})["mode"])
	require.Equal(o, "n1", o.post("/api/app/prefer", object{"app": "billing", "key": "n1"})["preferred"])
	require.Equal(o, true, o.post("/api/app/maintenance/begin", object{"app": "billing"})["maintenance"])
	require.Equal(o, object{"idle": true}, o.idle("billing"))
	require.Equal(o, false, o.post("/api/app/maintenance/end", object{"app": "billing"})["maintenance"])
	events := o.get("/api/app/events", "app", "billing")
	require.Equal(o, []any{"paused", "resumed", "mode", "preferred", "maintenance", "maintenance"}, names(events, "kind"))
	require.Equal(o, "alice", one(events, 0)["by"])

	overview := o.get("/api/overview")
	require.Equal(o, "billing", overview["apps"].([]any)[0].(object)["name"])
}

func walkNodes(o *office) {
	require.Equal(o, "host", o.post("/api/node/add", object{"app": "billing", "key": "a#1/x", "hostName": "host"})["hostName"])
	o.post("/api/node/add", object{"app": "shipping", "key": "n", "withApp": true})
	require.Equal(o, []any{"a#1/x"}, names(o.get("/api/nodes", "app", "billing"), "key"))
	require.Equal(o, []any{"n"}, names(o.get("/api/nodes", "app", "shipping", "text", "N"), "key"))
	require.Equal(o, false, o.get("/api/node", "app", "billing", "key", "a#1/x")["here"])
	o.post("/api/node/pause", object{"app": "billing", "key": "a#1/x"})
	edited := o.post("/api/node/edit", object{"app": "billing", "key": "a#1/x", "hostName": "h"})
	require.Equal(o, []any{"h", true}, []any{edited["hostName"], edited["paused"]})
	o.post("/api/node/delete", object{"app": "billing", "key": "a#1/x"})

	o.register("n1")
	n1 := object{"app": "billing", "key": "n1"}
	require.Equal(o, true, o.post("/api/node/pause", n1)["paused"])
	require.Equal(o, false, o.post("/api/node/resume", n1)["paused"])
	require.Equal(o, true, o.post("/api/node/bar", n1)["barred"])
	require.Equal(o, false, o.post("/api/node/unbar", n1)["barred"])
	for _, verb := range []string{"ping", "drain", "rejoin", "stop"} {
		require.Equal(o, fmt.Sprint(nodeID), o.post("/api/node/"+verb, n1)["nodeId"])
	}
	all := o.ping("billing")
	require.Equal(o, []any{"n1"}, names(all, "key"))
	require.Equal(o, fmt.Sprint(nodeID), one(all, 0)["answer"].(object)["nodeId"])
	require.Equal(o, []any{"n1"}, names(o.get("/api/nodes", "live", "true"), "key"))

	// Those that have not confirmed are named.
	o.post("/api/app/maintenance/begin", object{"app": "billing"})
	require.Equal(o, object{"idle": false, "busy": []any{"n1"}}, o.idle("billing"))
	o.post("/api/app/maintenance/end", object{"app": "billing"})
}

func walkJobs(o *office) {
	id := o.addJob(object{"name": "invoices", "description": "all of them", "data": object{"n": 1}, "paused": true})
	e := o.addExecute(id, nil)
	require.Equal(o, []any{id}, names(o.get("/api/jobs", "app", "billing", "state", "PAUSED", "state", "INIT"), "id"))
	require.Equal(o, []any{}, names(o.get("/api/jobs", "class", "other"), "id"))
	got := o.get("/api/job", "id", id)
	require.Equal(o, "all of them", got["job"].(object)["description"])
	require.Equal(o, []any{e["id"]}, names(got["executes"].(object), "id"))

	edited := o.post("/api/job/edit", object{"id": id, "version": 0, "class": "c", "name": "n", "description": "", "data": nil})
	require.Equal(o, []any{"c", "n", nil, nil}, []any{edited["class"], edited["name"], edited["description"], edited["data"]})
	kept := o.post("/api/job/edit", object{"id": id, "version": edited["version"], "description": "d"})
	require.Equal(o, []any{"c", "n", "d"}, []any{kept["class"], kept["name"], kept["description"]})

	require.Equal(o, "EXECUTING", o.post("/api/job/resume", object{"id": id})["job"].(object)["state"])
	require.EqualValues(o, 1, o.post("/api/job/pause", object{"id": id, "withExecutes": true})["changed"])
	require.EqualValues(o, 1, o.post("/api/job/resume", object{"id": id, "withExecutes": true})["changed"])
	copied := o.post("/api/job/copy", object{"id": id, "app": "billing", "name": "again"})
	require.Equal(o, "again", copied["job"].(object)["name"])
	require.Len(o, copied["executes"], 1)

	filter := object{"app": "billing", "ids": []any{id}}
	require.EqualValues(o, 1, o.post("/api/jobs/pause", filter)["changed"])
	require.EqualValues(o, 1, o.post("/api/jobs/resume", object{"app": "billing", "states": []any{"PAUSED"}})["changed"])
	require.Equal(o, object{"deleted": 1.0}, o.post("/api/job/delete", object{"id": id, "withExecutes": true}))
	require.EqualValues(o, 1, o.post("/api/jobs/delete", object{"app": "billing"})["changed"])
}

func walkExecutes(o *office) {
	job := o.addJob(object{"name": "n"})
	e := o.addExecute(job, object{"name": "workdays", "data": []any{1}, "policies": object{"overlap": "QUEUE", "retryMax": 3, "retryDelayNs": 2_000_000_000}})
	require.Equal(o, "QUEUE", e["overlap"])
	require.NotEmpty(o, e["explanation"])
	list := o.get("/api/executes", "app", "billing", "job", job, "sort", "nextFire")
	require.Equal(o, []any{e["id"]}, names(list, "id"))
	require.Equal(o, object{job: object{"name": "n", "class": "invoice.send", "state": "EXECUTING"}}, list["jobs"])
	require.Equal(o, []any{}, names(o.get("/api/executes", "failing", "true", "overdue", "10s", "dueBefore", "2020-01-01T00:00:00Z"), "id"))

	id := e["id"]
	got := o.get("/api/execute", "id", fmt.Sprint(id), "n", "3")
	require.Len(o, got["next"], 3)
	require.Contains(o, got["next"].([]any)[0], "T08:00:00+0", "in the zone of the schedule")
	require.Equal(o, job, got["job"].(object)["id"])

	edited := o.post("/api/execute/edit", object{
		"id": id, "version": 0, "name": "", "data": nil, "schedule": object{"type": "SIMPLE", "interval": "1h", "count": 3}, "policies": object{},
	})
	require.Equal(o, []any{nil, nil, "ALLOW", "1h0m0s"}, []any{edited["name"], edited["data"], edited["overlap"], edited["schedule"].(object)["interval"]})

	require.Equal(o, "PAUSED", o.post("/api/execute/pause", object{"id": id})["state"])
	require.Equal(o, "EXECUTING", o.post("/api/execute/resume", object{"id": id})["state"])
	require.Equal(o, "PAUSED", o.post("/api/execute/suspend", object{"id": id})["state"])
	filter := object{"app": "billing", "job": job}
	require.EqualValues(o, 1, o.post("/api/executes/resume", filter)["changed"])
	require.EqualValues(o, 1, o.post("/api/executes/pause", filter)["changed"])
	o.exec("UPDATE QRTZ_EXECUTE SET STATE = 'ERROR' WHERE ID = ?", id)
	require.Equal(o, "EXECUTING", o.post("/api/execute/reset", object{"id": id})["state"])
	o.post("/api/execute/delete", object{"id": id})
	o.addExecute(job, nil)
	require.EqualValues(o, 1, o.post("/api/executes/delete", filter)["changed"])

	preview := o.get("/api/preview", "type", "CRON", "cron", "0 0 8 ? * MON-FRI", "zone", "Europe/Berlin", "after", "2027-01-01T00:00:00Z", "n", "2")
	require.Equal(o, []any{"2027-01-01T08:00:00+01:00", "2027-01-04T08:00:00+01:00"}, preview["times"])
	require.Contains(o, preview["explanation"], "Europe/Berlin")
}

func walkFires(o *office) {
	job := o.addJob(nil)
	id := o.addExecute(job, nil)["id"]
	fires := o.post("/api/execute/run", object{"id": id, "data": object{"x": 1}})
	require.Equal(o, []any{id}, names(fires, "executeId"))
	require.EqualValues(o, 1, o.post("/api/execute/cancel", object{"id": id})["cancelled"])

	at := time.Now().Add(-time.Minute).Truncate(time.Second)
	o.exec("UPDATE QRTZ_EXECUTE SET FIRE_TIME = ?, FIRE_ATTEMPT = 1, FIRE_NODE = ?, FIRE_START = ? WHERE ID = ?", at.UnixMilli(), nodeID, at.UnixMilli(), id)
	running := o.get("/api/fires", "app", "billing", "job", job)
	require.Equal(o, []any{"n1"}, names(running, "nodeKey"))
	fire := one(running, 0)
	o.post("/api/fire/cancel", object{"executeId": id, "time": fire["time"], "attempt": 1})
	require.Equal(o, []any{"CANCEL"}, names(o.get("/api/fires", "execute", fmt.Sprint(id)), "stop"))

	o.exec("UPDATE QRTZ_EXECUTE SET FIRE_TIME = NULL, CANCEL = NULL, LAST_STATE = 'FAILED', LAST_FIRE_TIME = ?, FAIL_STREAK = 1 WHERE ID = ?",
		at.UnixMilli(), id)
	require.Equal(o, []any{id}, names(o.get("/api/executes", "failing", "true"), "id"))
	require.Equal(o, []any{id}, names(o.post("/api/execute/retry", object{"id": id}), "executeId"))
}

func walkDocument(o *office) {
	o.post("/api/app/add", object{"app": "copy"})
	yaml := o.get("/api/document", "app", "billing", "format", "yaml")["text"].(string)
	text, _ := o.send(http.MethodGet, "/api/document?app=billing", nil)
	require.True(o, strings.HasPrefix(text, "{\n"))
	for _, document := range []string{yaml, text} {
		diff := o.post("/api/document/diff", object{"document": document, "app": "copy"})
		require.Equal(o, "copy", diff["app"])
		require.NotEmpty(o, diff["changes"])
	}
	require.NotEmpty(o, o.post("/api/document/apply", object{"document": yaml, "app": "copy", "prune": true})["changes"])
	require.Empty(o, o.post("/api/document/apply", object{"document": text, "app": "copy", "prune": true})["changes"])
}
