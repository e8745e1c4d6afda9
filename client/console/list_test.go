package console

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
)

func TestPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ids := []any{}
	for range 5 {
		ids = append(ids, o.addJob(nil))
	}
	var seen []any
	params := []string{"app", "billing", "limit", "2"}
	for pages := 0; ; pages++ {
		page := o.get("/api/jobs", params...)
		seen = append(seen, names(page, "id")...)
		if page["next"] == nil {
			require.Equal(t, 2, pages)
			break
		}
		params = []string{"app", "billing", "limit", "2", "cursor", page["next"].(string)}
	}
	require.Equal(t, ids, seen)

	for params, field := range map[string]string{
		"?limit=201": "limit", "?limit=0": "limit", "?limit=x": "limit", "?cursor=x": "cursor", "?descending=2": "descending",
		"?app=a&app=b": "app", "?state=DONE": "states",
	} {
		o.wrong(o.call(http.MethodGet, "/api/jobs"+params, nil), field, params)
	}
	// A cursor belongs to one list.
	o.wrong(o.call(http.MethodGet, "/api/apps?cursor="+params[5], nil), "cursor")
}

func TestChangesSayWhoMadeThem(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.addJob(nil)
	require.Equal(t, "alice", o.get("/api/job", "id", id)["job"].(object)["updatedBy"])
	o.actor = Actor{"bob", Operator}
	require.Equal(t, "bob", o.post("/api/job/pause", object{"id": id})["job"].(object)["updatedBy"])
	o.post("/api/job/delete", object{"id": id})
	require.Contains(t, o.log.String(), "route=/api/job/delete subject="+id+" actor=bob", "what is deleted takes its row along")
}

func TestWordsLeaveOutAStartThatHasPassed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	job := o.addJob(nil)
	require.NotContains(t, o.addExecute(job, nil)["explanation"], "start")
	later := o.addExecute(job, object{"schedule": object{"type": "SIMPLE", "interval": "1h", "start": "2090-01-01T00:00:00Z"}})
	require.Contains(t, later["explanation"], "2090")
}

func TestNodesOfThisHostAreMarked(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	mine := here(&client.NodeInfo{})
	require.False(t, mine.Here)
	info, err := o.client.AddJob(t.Context(), client.Job{App: "billing", Class: "x"})
	require.NoError(t, err)
	e, err := o.client.AddExecute(t.Context(), info.ID, client.Now())
	require.NoError(t, err)
	require.True(t, here(&client.NodeInfo{HostName: e.HostName}).Here, "by the name that client and core write")
}

// names are one field of all items.
func names(list object, field string) []any {
	out := []any{}
	for _, item := range list["items"].([]any) {
		out = append(out, item.(object)[field])
	}
	return out
}
