package consoletest

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/client/console"
	"github.com/quartz-cluster/quartz/integration/internal/leak"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

func TestMain(m *testing.M) { leak.Main(m) }

// office is a back office with the console, on tables of its own with the app
// "billing".
type office struct {
	testing.TB

	db       *gorm.DB
	client   *client.Client
	served   http.Handler
	document *openapi3.T
	walked   map[string]bool // operations that answered 200
}

func newOffice(t testing.TB, db *gorm.DB) *office {
	t.Helper()
	require.NoError(t, schema.Migrate(t.Context(), db, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
	c, err := client.New(db)
	require.NoError(t, err)
	_, err = c.AddApp(t.Context(), client.App{Name: "billing"})
	require.NoError(t, err)
	served, err := console.New(c, console.Config{
		Authenticate: func(*http.Request) (console.Actor, error) {
			return console.Actor{Name: "alice", Role: console.Operator}, nil
		},
		Logger:  slog.New(slog.DiscardHandler),
		Timeout: time.Minute, // slow machines are no failures
	})
	require.NoError(t, err)
	o := &office{TB: t, db: db, client: c, served: served, walked: map[string]bool{}}
	text, _ := o.send(http.MethodGet, "/api/openapi.yaml", nil)
	o.document, err = openapi3.NewLoader().LoadFromData([]byte(text))
	require.NoError(t, err)
	require.NoError(t, o.document.Validate(t.Context()))
	return o
}

// object is JSON as the tests write and read it.
type object = map[string]any

func (o *office) send(method, target string, body object) (text string, header http.Header) {
	o.Helper()
	code, text, header := o.try(method, target, body)
	require.Equal(o, http.StatusOK, code, "%s %s: %s", method, target, text)
	return text, header
}

func (o *office) try(method, target string, body object) (code int, text string, header http.Header) {
	o.Helper()
	var sent []byte
	if body != nil {
		var err error
		sent, err = json.Marshal(body)
		require.NoError(o, err)
	}
	r := httptest.NewRequest(method, target, bytes.NewReader(sent))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	o.served.ServeHTTP(w, r)
	got, err := io.ReadAll(w.Body)
	require.NoError(o, err)
	return w.Code, string(got), w.Header()
}

// get reads from the API; params are names and values in turn.
func (o *office) get(path string, params ...string) object {
	o.Helper()
	query := url.Values{}
	for i := 0; i < len(params); i += 2 {
		query.Add(params[i], params[i+1])
	}
	text, header := o.send(http.MethodGet, path+"?"+query.Encode(), nil)
	return o.checked(http.MethodGet, path, text, header)
}

// post changes something through the API.
func (o *office) post(path string, body object) object {
	o.Helper()
	o.valid(o.operation(http.MethodPost, path).RequestBody.Value.Content["application/json"], body)
	text, header := o.send(http.MethodPost, path, body)
	return o.checked(http.MethodPost, path, text, header)
}

// idle asks whether an app's nodes are idle until it is seen in time who is not.
func (o *office) idle(app string) object {
	o.Helper()
	const path = "/api/app/maintenance"
	for range 30 {
		if code, text, header := o.try(http.MethodGet, path+"?app="+app, nil); code == http.StatusOK {
			return o.checked(http.MethodGet, path, text, header)
		}
	}
	return o.get(path, "app", app)
}

// ping asks an app's nodes until all have answered in time.
func (o *office) ping(app string) object {
	o.Helper()
	var answers object
	for range 10 {
		answers = o.post("/api/nodes/ping", object{"app": app})
		if !slices.Contains(names(answers, "answer"), nil) {
			break
		}
	}
	return answers
}

func (o *office) operation(method, path string) *openapi3.Operation {
	o.Helper()
	item := o.document.Paths.Value(path)
	require.NotNil(o, item, path)
	require.NotNil(o, item.GetOperation(method), path)
	return item.GetOperation(method)
}

// checked holds an answer against what the document says of it.
func (o *office) checked(method, path, text string, header http.Header) object {
	o.Helper()
	o.walked[path] = true
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	require.NoError(o, err)
	media := o.operation(method, path).Responses.Value("200").Value.Content[kind]
	require.NotNil(o, media, "%s answers %s", path, kind)
	if kind != "application/json" {
		return object{"text": text}
	}
	var out object
	require.NoError(o, json.Unmarshal([]byte(text), &out))
	o.valid(media, out)
	return out
}

func (o *office) valid(media *openapi3.MediaType, value object) {
	o.Helper()
	text, err := json.Marshal(value)
	require.NoError(o, err)
	var plain any
	require.NoError(o, json.Unmarshal(text, &plain))
	require.NoError(o, media.Schema.Value.VisitJSON(plain, openapi3.MultiErrors(), openapi3.EnableFormatValidation()), "%s", text)
}

// names are one field of all items.
func names(list object, field string) []any {
	out := []any{}
	for _, item := range list["items"].([]any) {
		out = append(out, item.(object)[field])
	}
	return out
}

func one(list object, i int) object { return list["items"].([]any)[i].(object) }

func (o *office) exec(query string, args ...any) {
	o.Helper()
	require.NoError(o, o.db.Exec(query, args...).Error)
}

func (o *office) addJob(more object) string {
	o.Helper()
	body := object{"app": "billing", "class": "invoice.send"}
	maps.Copy(body, more)
	return o.post("/api/job/add", body)["id"].(string)
}

func (o *office) addExecute(job string, more object) object {
	o.Helper()
	body := object{"job": job, "schedule": object{"type": "CRON", "cron": "0 0 8 ? * MON-FRI", "zone": "Europe/Berlin"}}
	maps.Copy(body, more)
	return o.post("/api/execute/add", body)
}

const nodeID = 1_700_000_000_000

// register puts a live node into the tables, which answers commands until the test
// is over.
func (o *office) register(key string) {
	o.Helper()
	now := time.Now().UnixMilli()
	o.exec(`INSERT INTO QRTZ_NODE (APPLICATION, HOST_IP, HOST_NAME, STATE, TIME_CHECK, NODE_ID, BEAT, TIME_START, CAPACITY, RUNNING, HANDLERS)
		VALUES ('billing', ?, ?, 'Y', ?, ?, 1, ?, 8, 0, ?)`, key, key, now, nodeID, now, `["invoice.send"]`)
	done, stop := make(chan struct{}), make(chan struct{})
	o.Cleanup(func() { close(stop); <-done })
	go func() {
		defer close(done)
		look := time.NewTicker(20 * time.Millisecond)
		defer look.Stop()
		for {
			select {
			case <-stop:
				return
			case <-look.C:
				o.answer(key)
			}
		}
	}()
}

// answer answers a command that stands on a node's row.
func (o *office) answer(key string) {
	var text *string
	var asked schema.Command
	if err := o.db.Raw("SELECT COMMAND FROM QRTZ_NODE WHERE HOST_IP = ?", key).Row().Scan(&text); err != nil || text == nil {
		return
	}
	if json.Unmarshal([]byte(strings.TrimSpace(*text)), &asked) != nil {
		return
	}
	ack, err := json.Marshal(schema.Ack{ID: asked.ID, Verb: asked.Verb, At: time.Now().UnixMilli()})
	if err == nil {
		err = o.db.Exec("UPDATE QRTZ_NODE SET COMMAND = NULL, COMMAND_ACK = ? WHERE HOST_IP = ?", string(ack), key).Error
	}
	if err != nil {
		o.Errorf("answer of node %s: %v", key, err)
	}
}

// each runs a test on every database.
func each(t *testing.T, test func(o *office)) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db testdb.DB) {
		t.Parallel()
		test(newOffice(t, db.Gorm))
	})
}
