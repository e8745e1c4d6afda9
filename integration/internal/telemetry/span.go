package telemetry

import (
	"context"
	"encoding/json"
	"os"

	"go.opentelemetry.io/otel/sdk/trace"
)

// Span is a span that has ended.
type Span struct {
	Process    string            `json:"-"` // whose it is; empty: the test's own
	Name       string            `json:"name"`
	Kind       string            `json:"kind"`
	Trace      string            `json:"trace"`
	ID         string            `json:"id"`
	Parent     string            `json:"parent,omitempty"` // empty: it is the root of its trace
	Links      []Link            `json:"links,omitempty"`
	Status     string            `json:"status"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

// Link names another span.
type Link struct {
	Trace string `json:"trace"`
	ID    string `json:"id"`
}

// Of returns what the SDK knows of a span.
func Of(s trace.ReadOnlySpan) Span {
	own := s.SpanContext()
	out := Span{
		Name: s.Name(), Kind: s.SpanKind().String(), Trace: own.TraceID().String(), ID: own.SpanID().String(),
		Status: s.Status().Code.String(), Attributes: map[string]string{},
	}
	if s.Parent().IsValid() {
		out.Parent = s.Parent().SpanID().String()
	}
	for _, l := range s.Links() {
		out.Links = append(out.Links, Link{l.SpanContext.TraceID().String(), l.SpanContext.SpanID().String()})
	}
	for _, a := range s.Attributes() {
		out.Attributes[string(a.Key)] = a.Value.String()
	}
	return out
}

// Exporter writes the spans of a process into its file.
type Exporter struct{ file *os.File }

var _ trace.SpanExporter = (*Exporter)(nil)

// NewExporter makes the file.
func NewExporter(dir, process string) (*Exporter, error) {
	file, err := create(dir, process, spans)
	return &Exporter{file}, err
}

// ExportSpans implements trace.SpanExporter.
func (e *Exporter) ExportSpans(_ context.Context, ended []trace.ReadOnlySpan) error {
	for _, s := range ended {
		text, err := json.Marshal(Of(s))
		if err != nil {
			return err
		}
		if _, err := e.file.Write(append(text, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// Shutdown implements trace.SpanExporter.
func (e *Exporter) Shutdown(context.Context) error { return e.file.Close() }

// Spans returns the spans that all processes have ended so far.
func Spans(dir string) (out []Span, err error) {
	err = read(dir, spans, func(process string, text []byte) error {
		s := Span{Process: process}
		err := json.Unmarshal(text, &s)
		out = append(out, s)
		return err
	})
	return out, err
}
