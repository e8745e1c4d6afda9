package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/glebarez/sqlite"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// office is a back office with the console on a database with the app "billing".
type office struct {
	testing.TB

	client *client.Client
	db     *gorm.DB
	served http.Handler
	actor  Actor
	log    *bytes.Buffer
}

func newOffice(t testing.TB, change ...func(*Config)) *office {
	t.Helper()
	params := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(NORMAL)"}}
	db, err := gorm.Open(sqlite.Open("file:"+filepath.Join(t.TempDir(), "quartz.db")+"?"+params.Encode()), &gorm.Config{Logger: logger.Discard})
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	require.NoError(t, schema.Migrate(t.Context(), db, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
	c, err := client.New(db)
	require.NoError(t, err)
	_, err = c.AddApp(t.Context(), client.App{Name: "billing"})
	require.NoError(t, err)

	o := &office{TB: t, client: c, db: db, actor: Actor{"alice", Operator}, log: &bytes.Buffer{}}
	config := Config{
		Authenticate: func(*http.Request) (Actor, error) { return o.actor, nil },
		Logger:       slog.New(slog.NewTextHandler(o.log, nil)),
	}
	for _, change := range change {
		change(&config)
	}
	o.served, err = New(c, config)
	require.NoError(t, err)
	return o
}

func (o *office) exec(query string, args ...any) {
	o.Helper()
	require.NoError(o, o.db.Exec(query, args...).Error)
}

// object is JSON as the tests write and read it.
type object = map[string]any

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   string
}

// send sends a request as a page of the console does.
func (o *office) send(r *http.Request) answer {
	o.Helper()
	w := httptest.NewRecorder()
	o.served.ServeHTTP(w, r)
	text, err := io.ReadAll(w.Result().Body)
	require.NoError(o, err)
	return answer{w.Code, w.Header(), string(text)}
}

func request(method, target string, body any) *http.Request {
	var text []byte
	switch b := body.(type) {
	case nil:
	case string:
		text = []byte(b)
	default:
		text, _ = json.Marshal(b)
	}
	r := httptest.NewRequest(method, "http://office.example.com"+target, bytes.NewReader(text))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// call sends a request to the API.
func (o *office) call(method, target string, body any) answer {
	o.Helper()
	return o.send(request(method, target, body))
}

// get and post send a request that is answered with 200, and return the answer.
func (o *office) get(path string, params ...string) object {
	o.Helper()
	return o.must(o.call(http.MethodGet, path+query(params...), nil), path)
}

func (o *office) post(path string, body object) object {
	o.Helper()
	return o.must(o.call(http.MethodPost, path, body), path)
}

func (o *office) must(a answer, path string) object {
	o.Helper()
	require.Equal(o, http.StatusOK, a.status, "%s: %s", path, a.text)
	if !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
		return object{"text": a.text}
	}
	return parse(o, a.text)
}

func parse(t require.TestingT, text string) object {
	var out object
	require.NoError(t, json.Unmarshal([]byte(text), &out), text)
	return out
}

// refused requires a failure of a status and a code, and returns what it says.
func (o *office) refused(a answer, status int, code code) object {
	o.Helper()
	require.Equal(o, status, a.status, a.text)
	out, ok := parse(o, a.text)["error"].(object)
	require.True(o, ok, a.text)
	require.Equal(o, string(code), out["code"], a.text)
	require.NotEmpty(o, out["message"])
	return out
}

// wrong requires that a field was refused.
func (o *office) wrong(a answer, field string, about ...any) {
	o.Helper()
	require.Equal(o, field, o.refused(a, http.StatusUnprocessableEntity, codeField)["field"], append(about, a.text)...)
}

// query makes a query of names and values in turn.
func query(params ...string) string {
	if len(params) == 0 {
		return ""
	}
	out := url.Values{}
	for i := 0; i < len(params); i += 2 {
		out.Add(params[i], params[i+1])
	}
	return "?" + out.Encode()
}

func (o *office) addJob(more object) string {
	o.Helper()
	body := object{"app": "billing", "class": "invoice.send"}
	maps.Copy(body, more)
	return fmt.Sprint(o.post("/api/job/add", body)["id"])
}

func (o *office) addExecute(job string, more object) object {
	o.Helper()
	body := object{"job": job, "schedule": object{"type": "CRON", "cron": "0 0 8 ? * MON-FRI", "zone": "Europe/Berlin"}}
	maps.Copy(body, more)
	return o.post("/api/execute/add", body)
}
