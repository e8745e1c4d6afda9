package console

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// hostile are values as somebody sends them who means ill, or pastes what he finds.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `javascript:alert(1)`, `</script><!--`, `{{7*7}}${7*7}`,
	`'; DROP TABLE QRTZ_JOB; --`, `" OR ""="`, `%' OR '1'='1`, `_%\`, `a\'b`, "`x`",
	"\x00", "a\x00b", "\x01\x1b[2J\x7f", "line\nbreak\r\nSet-Cookie: x=1", "\u202egnp.exe", "\u2028\u2029", "\ufeffx", "\ufffd",
	"../../etc/passwd", "..", ".", "/", "//", "a/b?c#d&e=f", "%00%2e%2e%2f", "C:\\x", " x", "x ", "\t", "",
	strings.Repeat("x", 4000), strings.Repeat("é", 50), strings.Repeat("日", 2000), "🐙👩‍👩‍👧‍👦", "e\u0301", "I\u0307ıß",
	"NULL", "null", "undefined", "0", "-1", "1e999", "true", "[]", "{}",
}

// storedOrRefused requires that a value came back as it was sent, or was refused
// by the name of its field, and reports whether it was stored.
func (o *office) storedOrRefused(a answer, field, sent string, got func() any) bool {
	o.Helper()
	require.NotContains(o, a.text, "<", "an answer holds no markup")
	require.Equal(o, []string{jsonType}, a.header["Content-Type"])
	require.Empty(o, a.header.Get("Set-Cookie"))
	if a.status == http.StatusOK {
		value := got()
		if value == nil {
			value = ""
		}
		require.Equal(o, sent, value, field)
		return true
	}
	o.wrong(a, field, "%q: %s", sent, a.text)
	return false
}

func TestHostileNames(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	stored := 0
	count := func(is bool) {
		if is {
			stored++
		}
	}
	for _, v := range hostile {
		a := o.call(http.MethodPost, "/api/app/add", object{"app": v})
		is := o.storedOrRefused(a, "name", v, func() any { return o.get("/api/app", "app", v)["name"] })
		count(is)
		if is && v != "billing" {
			require.Equal(t, object{}, o.post("/api/app/delete", object{"app": v}))
		}
		node := object{"app": "billing", "key": v, "hostName": "h"}
		count(o.storedOrRefused(o.call(http.MethodPost, "/api/node/add", node), "key", v, func() any {
			return o.get("/api/node", "app", "billing", "key", v)["key"]
		}))
		node = object{"app": "billing", "key": "k", "hostName": v}
		if v == "" {
			node["hostName"] = "k"
		}
		a = o.call(http.MethodPost, "/api/node/add", node)
		count(o.storedOrRefused(a, "hostName", fmt.Sprint(node["hostName"]), func() any {
			return o.get("/api/node", "app", "billing", "key", "k")["hostName"]
		}))
		o.call(http.MethodPost, "/api/node/delete", object{"app": "billing", "key": "k"})

		// A search finds what holds the text, and nothing else is to be read.
		a = o.call(http.MethodGet, "/api/nodes"+query("app", "billing", "text", v), nil)
		o.storedOrRefused(a, "text", "", func() any { return nil })
	}
	require.Greater(t, stored, 60, "most of it is text like any other")
	require.Equal(t, "billing", o.get("/api/app", "app", "billing")["name"])
}

func TestHostileJobs(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	stored := 0
	for _, v := range hostile {
		for _, field := range []string{"class", "name", "description"} {
			body := object{"app": "billing", "class": "c"}
			body[field] = v
			a := o.call(http.MethodPost, "/api/job/add", body)
			if !o.storedOrRefused(a, field, v, func() any { return parse(t, a.text)[field] }) {
				continue
			}
			stored++
			id := parse(t, a.text)["id"].(string)
			read := o.get("/api/job", "id", id)["job"].(object)
			require.Equal(t, parse(t, a.text)[field], read[field])
			if v != "" && field != "description" {
				filter := map[string]string{"class": "class", "name": "namePrefix"}[field]
				require.Contains(t, names(o.get("/api/jobs", filter, v), "id"), id, "%s %q is found", field, v)
			}
			o.post("/api/job/delete", object{"id": id})
		}
		// Data is JSON, of any content.
		a := o.call(http.MethodPost, "/api/job/add", object{"app": "billing", "class": "c", "data": object{"v": v}})
		if o.storedOrRefused(a, "data", v, func() any { return parse(t, a.text)["data"].(object)["v"] }) {
			stored++
		}
		// And what is no JSON is none of it.
		o.storedOrRefused(o.call(http.MethodPost, "/api/job/add", object{"app": "billing", "class": "c", "data": v}), "data", "", func() any {
			require.Empty(t, v)
			return nil
		})
	}
	require.Greater(t, stored, 100)
	require.Empty(t, o.get("/api/jobs", "text", "DROP TABLE QRTZ_JOB; --' x")["items"])
	require.NotEmpty(t, o.get("/api/jobs")["items"])
}

func TestHostileDocuments(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for i, v := range hostile {
		body := object{"app": "billing", "class": "c", "name": fmt.Sprint(i), "description": v, "data": object{"v": v, v: i}}
		if a := o.call(http.MethodPost, "/api/job/add", body); a.status != http.StatusOK {
			delete(body, "description")
			o.call(http.MethodPost, "/api/job/add", body)
		}
	}
	export := func(app, format string) string {
		return o.call(http.MethodGet, "/api/document"+query("app", app, "format", format), nil).text
	}
	require.Greater(t, strings.Count(export("billing", "json"), `"class"`), 40)
	for i, format := range []string{"json", "yaml"} {
		app := fmt.Sprint("copy", i)
		o.post("/api/document/apply", object{"document": export("billing", format), "app": app})
		require.JSONEq(t, strings.Replace(export("billing", "json"), "billing", app, 1), export(app, "json"))
		require.Empty(t, o.post("/api/document/apply", object{"document": export("billing", format), "app": app})["changes"])
	}
}

func TestHostileExecutes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	job := o.addJob(nil)
	for _, v := range hostile {
		simple := func() object { return object{"type": "SIMPLE", "interval": "1h"} }
		a := o.call(http.MethodPost, "/api/execute/add", object{"job": job, "name": v, "schedule": simple()})
		o.storedOrRefused(a, "name", v, func() any { return parse(t, a.text)["name"] })
		for _, field := range []string{"cron", "zone", "interval", "start", "end"} {
			schedule := object{"type": "CRON", "cron": "0 0 8 * * ?", "zone": "UTC"}
			if field == "interval" {
				schedule = simple()
			}
			schedule[field] = v
			a := o.call(http.MethodPost, "/api/execute/add", object{"job": job, "schedule": schedule})
			if v != "" {
				o.wrong(a, field, "%s %q", field, v)
			}
			// The preview says the same.
			params := []string{"type", fmt.Sprint(schedule["type"])}
			for name, value := range schedule {
				if name != "type" {
					params = append(params, name, fmt.Sprint(value))
				}
			}
			b := o.call(http.MethodGet, "/api/preview"+query(params...), nil)
			require.Equal(t, a.status, b.status, b.text)
			if v != "" {
				require.Equal(t, field, parse(t, b.text)["error"].(object)["field"])
			}
		}
		a = o.call(http.MethodPost, "/api/execute/add", object{"job": job, "schedule": simple(), "policies": object{"runOn": "SOME", "targets": []any{v}}})
		o.storedOrRefused(a, "targets[0]", v, func() any { return parse(t, a.text)["targets"].([]any)[0] })
	}
}

func TestHostileActors(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.addJob(nil)
	for _, v := range hostile {
		if v == "" {
			continue
		}
		o.actor.Name = v
		a := o.call(http.MethodPost, "/api/job/pause", object{"id": id})
		o.storedOrRefused(a, "actor", v, func() any { return parse(t, a.text)["job"].(object)["updatedBy"] })
		o.call(http.MethodPost, "/api/job/resume", object{"id": id})
	}
	require.NotContains(t, o.log.String(), "\r", "a line of the log is one line")
	require.NotContains(t, o.log.String(), "\x1b")
}
