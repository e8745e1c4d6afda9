package yamljson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// What an alias brings in counts as often as it is named.
const (
	maxNodes = 1_000_000 // values that a text may have
	// growth is how many times as long as the text its JSON may be; a short text counts
	// as a MiB. Without aliases it is at most 6 times as long, by its escapes.
	growth = 16
)

// ToJSON reads a YAML text, which may be JSON, as JSON. It holds one document.
// Keys are strings; what YAML takes for a time stays the text that it is.
func ToJSON(text []byte) ([]byte, error) {
	if json.Valid(text) { // JSON escapes characters in ways that are not YAML's
		return text, nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, errors.New("there is no document")
	case err != nil:
		return nil, err
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		if err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("line %d: a second document begins, one is read", second.Line)
	}
	w := writer{most: growth * max(len(text), 1<<20)}
	if err := w.value(document.Content[0]); err != nil {
		return nil, err
	}
	return w.out.Bytes(), nil
}

type writer struct {
	out   bytes.Buffer
	nodes int
	most  int // bytes
}

func (w *writer) value(node *yaml.Node) error {
	if w.nodes++; w.nodes > maxNodes {
		return fmt.Errorf("line %d: the document has more than %d values", node.Line, maxNodes)
	}
	if w.out.Len() > w.most {
		return fmt.Errorf("line %d: with what its aliases bring in, the document has more than %d bytes", node.Line, w.most)
	}
	switch node.Kind {
	case yaml.AliasNode:
		return w.value(node.Alias)
	case yaml.SequenceNode:
		return w.sequence(node)
	case yaml.MappingNode:
		return w.mapping(node)
	default:
		return w.scalar(node)
	}
}

func (w *writer) sequence(node *yaml.Node) error {
	w.out.WriteByte('[')
	for i, item := range node.Content {
		if i > 0 {
			w.out.WriteByte(',')
		}
		if err := w.value(item); err != nil {
			return err
		}
	}
	w.out.WriteByte(']')
	return nil
}

func (w *writer) mapping(node *yaml.Node) error {
	w.out.WriteByte('{')
	seen := map[string]bool{}
	for i := 0; i < len(node.Content); i += 2 {
		key := node.Content[i]
		switch {
		case key.Kind != yaml.ScalarNode:
			return fmt.Errorf("line %d: a key must be a string", key.Line)
		case seen[key.Value]:
			return fmt.Errorf("line %d: the key %q is there twice", key.Line, key.Value)
		}
		seen[key.Value] = true
		if i > 0 {
			w.out.WriteByte(',')
		}
		w.string(key.Value)
		w.out.WriteByte(':')
		if err := w.value(node.Content[i+1]); err != nil {
			return err
		}
	}
	w.out.WriteByte('}')
	return nil
}

func (w *writer) scalar(node *yaml.Node) error {
	switch node.ShortTag() {
	case "!!null":
		w.out.WriteString("null")
	case "!!bool":
		var v bool
		if err := node.Decode(&v); err != nil {
			return err
		}
		w.out.WriteString(strconv.FormatBool(v))
	case "!!int", "!!float":
		return w.number(node)
	default:
		w.string(node.Value)
	}
	return nil
}

// number writes a number as it stands there, where JSON writes it so as well, and
// otherwise, such as 0x1F and .5, as what it is.
func (w *writer) number(node *yaml.Node) error {
	if json.Valid([]byte(node.Value)) {
		w.out.WriteString(node.Value)
		return nil
	}
	var v any
	if err := node.Decode(&v); err != nil {
		return err
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("line %d: %s has no form in JSON", node.Line, node.Value)
	}
	w.out.Write(text)
	return nil
}

func (w *writer) string(text string) {
	encoder := json.NewEncoder(&w.out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string always has a form
	w.out.Truncate(w.out.Len() - 1)
}
