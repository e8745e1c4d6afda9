package console

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/client"
)

// BenchmarkLargestPage tells what the longest answer of the API takes of memory: as
// many executes as a page holds, each with as much data and as long an error as a row
// holds. Config.Requests of them are made at a time.
func BenchmarkLargestPage(b *testing.B) {
	o := newOffice(b)
	job, err := o.client.AddJob(b.Context(), client.Job{App: "billing", Class: "x"})
	require.NoError(b, err)
	executes := make([]client.Execute, MaxPage)
	for i := range executes {
		executes[i] = client.Execute{Schedule: client.Every(time.Hour), Data: map[string]string{"x": strings.Repeat("<", 3990)}}
	}
	_, err = o.client.AddExecutes(b.Context(), job.ID, executes)
	require.NoError(b, err)
	require.NoError(b, o.db.Exec("UPDATE QRTZ_EXECUTE SET LAST_ERROR = ?", strings.Repeat("<", 2000)).Error)
	length := 0
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		o.served.ServeHTTP(w, request(http.MethodGet, "/api/executes?limit=200", nil))
		length = w.Body.Len()
	}
	b.ReportMetric(float64(length), "bytes")
}
