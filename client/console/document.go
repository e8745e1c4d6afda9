package console

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/internal/yamljson"
)

// exportDocument writes an app as JSON, indented for people and for git, or YAML.
func (c *console) exportDocument(ctx context.Context, p *params) (any, error) {
	app, format := p.text("app"), p.text("format")
	if format != "" && format != "json" && format != "yaml" {
		p.wrong("format", format, "must be json or yaml")
	}
	if err := p.done(); err != nil {
		return nil, err
	}
	document, err := c.client.Export(ctx, app)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // people read it
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil || format != "yaml" {
		return raw{jsonType, text.Bytes()}, err
	}
	converted, err := yamljson.FromJSON(text.Bytes())
	return raw{yamlType, converted}, err
}

type documentIn struct {
	Document string `json:"document"`
	App      string `json:"app"`
	Prune    bool   `json:"prune"`
}

func (in documentIn) subject() string { return in.App }

// document compares an app with a document, or makes it what that says.
func document(do func(context.Context, client.Document, client.ApplyOptions) (*client.Diff, error)) func(context.Context, documentIn) (any, error) {
	return func(ctx context.Context, in documentIn) (any, error) {
		document, err := readDocument(in.Document)
		if err != nil {
			return nil, err
		}
		diff, err := do(ctx, *document, client.ApplyOptions{App: in.App, Prune: in.Prune})
		if diff != nil {
			err = partly(err, len(diff.Changes))
		}
		return diff, err
	}
}

func readDocument(text string) (*client.Document, error) {
	converted, err := yamljson.ToJSON([]byte(text))
	if err != nil {
		return nil, invalid("document", text, "must be JSON or YAML: "+err.Error())
	}
	return client.ReadDocument(converted)
}
