package consoletest

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/integration/internal/lab"
)

// TestAClusterAtWork sees through the console what two nodes do, and tells them
// what to do.
func TestAClusterAtWork(t *testing.T) {
	lab.Each(t, func(t *testing.T, l *lab.Lab) {
		o := newOffice(t, l.DB.Gorm)
		handlers := core.NewHandlers()
		handlers.Add("fail", l.Handler(func(context.Context, *core.Fire) error { return errors.New("<b>no</b>") }))
		handlers.Add("wait", l.Handler(func(ctx context.Context, _ *core.Fire) error { <-ctx.Done(); return context.Cause(ctx) }))
		l.Start(lab.As("n1"), lab.Running(handlers))
		l.Start(lab.As("n2"), lab.Running(handlers))

		nodes := o.get("/api/nodes", "app", lab.App, "live", "true")
		require.Equal(t, []any{"n1", "n2"}, names(nodes, "key"))
		require.Equal(t, []any{true, true}, names(nodes, "here"))
		answers := o.ping(lab.App)
		require.Len(t, answers["items"], 2)
		for _, answer := range names(answers, "answer") {
			require.Contains(t, names(nodes, "nodeId"), answer.(object)["nodeId"])
		}

		add := func(class string) string {
			job := o.addJob(object{"app": lab.App, "class": class})
			return o.addExecute(job, object{"schedule": object{"type": "SIMPLE", "count": 1}})["id"].(string)
		}
		read := func(id string) object { return o.get("/api/execute", "id", id)["execute"].(object) }
		failing := add("fail")
		l.Until(func() bool { return read(failing)["recent"] != nil }, "a fire that has ended")
		past := read(failing)["recent"].([]any)[0].(object)
		require.Equal(t, []any{"FAILED", "<b>no</b>", 1.0}, []any{past["outcome"], past["error"], past["attempt"]})
		require.Contains(t, names(nodes, "nodeId"), past["nodeId"])
		require.Contains(t, names(o.get("/api/executes", "app", lab.App, "failing", "true"), "id"), failing)
		o.post("/api/execute/retry", object{"id": failing})
		l.Until(func() bool { return len(read(failing)["recent"].([]any)) == 2 }, "the retry")

		waiting := add("wait")
		l.Until(func() bool { return len(o.get("/api/fires", "execute", waiting)["items"].([]any)) == 1 }, "a fire in flight")
		fire := one(o.get("/api/fires", "app", lab.App), 0)
		require.Equal(t, "wait", fire["class"])
		require.Contains(t, []any{"n1", "n2"}, fire["nodeKey"])
		o.post("/api/fire/cancel", object{"executeId": fire["executeId"], "time": fire["time"], "attempt": fire["attempt"]})
		l.Until(func() bool { return read(waiting)["recent"] != nil }, "the end of it")
		require.Equal(t, "CANCELLED", read(waiting)["recent"].([]any)[0].(object)["outcome"])

		n1 := object{"app": lab.App, "key": "n1"}
		o.post("/api/node/drain", n1)
		l.Until(func() bool { return o.get("/api/node", "app", lab.App, "key", "n1")["draining"] == true }, "a node that claims nothing")
		o.post("/api/node/rejoin", n1)
		o.post("/api/app/prefer", object{"app": lab.App, "key": "n2"})
		l.Until(func() bool { return o.get("/api/app", "app", lab.App)["masterKey"] == "n2" }, "another master")
		text, _ := o.send(http.MethodGet, "/api/fires?app="+lab.App, nil)
		require.NotContains(t, text, "<")
	})
}
