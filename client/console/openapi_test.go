package console

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/internal/yamljson"
)

// described is the document of the API, of which package consoletest of the
// integration tests says that it is one, and that the answers are as it says.
func described(t *testing.T) object {
	text, err := yamljson.ToJSON(openapi)
	require.NoError(t, err)
	return parse(t, string(text))
}

// at follows a path of keys, and references.
func at(doc object, value any, keys ...string) any {
	if in, is := value.(object); is && in["$ref"] != nil {
		return at(doc, at(doc, doc, strings.Split(strings.TrimPrefix(in["$ref"].(string), "#/"), "/")...), keys...)
	}
	if len(keys) == 0 {
		return value
	}
	return at(doc, value.(object)[keys[0]], keys[1:]...)
}

func TestEveryRouteIsDescribedAndServed(t *testing.T) {
	t.Parallel()
	var served, promised []string
	for _, r := range (&console{}).table() {
		served = append(served, r.method+" "+r.path)
	}
	ids := map[any]bool{}
	for path, item := range described(t)["paths"].(object) {
		for method, operation := range item.(object) {
			promised = append(promised, strings.ToUpper(method)+" "+path)
			id := operation.(object)["operationId"]
			require.False(t, ids[id], id)
			ids[id] = true
		}
	}
	require.ElementsMatch(t, promised, served)
	require.Equal(t, string(openapi), newOffice(t).call(http.MethodGet, "/api/openapi.yaml", nil).text)
}

func TestParametersAreThoseThatAreDescribed(t *testing.T) {
	t.Parallel()
	o, doc := newOffice(t), described(t)
	for _, r := range (&console{}).table() {
		if r.method != http.MethodGet {
			continue
		}
		said := o.refused(o.call(r.method, r.path+"?nonsense=1", nil), http.StatusBadRequest, codeRequest)["message"].(string)
		_, list, _ := strings.Cut(said, "there are: ")
		var served, promised []string
		if list != "" {
			served = strings.Split(list, ", ")
		}
		parameters, _ := at(doc, doc["paths"], r.path, "get", "parameters").([]any)
		for _, p := range parameters {
			promised = append(promised, at(doc, p, "name").(string))
		}
		require.ElementsMatch(t, promised, served, r.path)
	}
}

func TestFieldsOfBodiesAreThoseThatAreDescribed(t *testing.T) {
	t.Parallel()
	o, doc := newOffice(t), described(t)
	for _, r := range (&console{}).table() {
		if r.method != http.MethodPost {
			continue
		}
		body := at(doc, doc["paths"], r.path, "post", "requestBody", "content", jsonType, "schema")
		for name := range at(doc, body, "properties").(object) {
			a := o.call(r.method, r.path, object{name: nil})
			require.NotContains(t, a.text, "unknown field", "%s does not know %s", r.path, name)
		}
		require.Equal(t, false, body.(object)["additionalProperties"], r.path)
		said := o.refused(o.call(r.method, r.path, `{"nonsense":1}`), http.StatusBadRequest, codeRequest)
		require.Contains(t, said["message"], `unknown field "nonsense"`)
	}
}

// TestFailuresAreAsDescribed compares the codes and the fields of a failure.
func TestFailuresAreAsDescribed(t *testing.T) {
	t.Parallel()
	doc := described(t)
	failure := at(doc, doc, "components", "schemas", "Failure", "properties", "error", "properties").(object)
	var promised []any
	for _, c := range []code{
		codeField, codeRequest, codeUnauthenticated, codeForbidden, codeCrossOrigin, codeNotFound, codeMethod, codeExists, codeState,
		codeVersion, codeContended, codeTooLarge, codeMediaType, codeBusy, codeNoAnswer, codeTimeout, codeInternal,
	} {
		promised = append(promised, string(c))
	}
	require.ElementsMatch(t, at(doc, failure["code"], "enum"), promised)
	n := int64(1)
	text, err := json.Marshal(failureOf("x", &n))
	require.NoError(t, err)
	for name := range parse(t, string(text)) {
		require.Contains(t, failure, name)
	}
	require.Len(t, parse(t, string(text)), len(failure))
}

// failureOf is a failure with all its fields.
func failureOf(s string, n *int64) *failure {
	return &failure{
		Code: code(s), Message: s, Field: s, Value: s, Reason: s, Mistakes: []mistake{{}},
		Kind: "job", Key: s, State: s, Version: n, Current: n, Nodes: []string{s}, Changed: 1, Reference: s,
	}
}
