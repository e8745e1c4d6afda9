package yamljson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// FromJSON writes a JSON text as YAML. What is not printable is escaped, so that
// the text can be shown anywhere.
func FromJSON(text []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	node, err := readNode(decoder)
	if err != nil {
		return nil, fmt.Errorf("JSON: %w", err)
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(node); err != nil {
		return nil, err
	}
	return []byte(escaped(out.String())), encoder.Close()
}

// readNode reads the next value.
func readNode(decoder *json.Decoder) (*yaml.Node, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case json.Delim:
		node := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		if v == '{' {
			node = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		}
		for decoder.More() { // keys and values in turn, where they are pairs
			part, err := readNode(decoder)
			if err != nil {
				return nil, err
			}
			node.Content = append(node.Content, part)
		}
		_, err := decoder.Token() // the end of it
		return node, err
	case string:
		node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v}
		if strings.ContainsFunc(v, unprintable) {
			node.Style = yaml.DoubleQuotedStyle // which alone has escapes
		}
		return node, nil
	case json.Number:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: numberTag(v.String()), Value: v.String()}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(v)}, nil
	default:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
	}
}

// numberTag is what YAML takes the text for; it is named where that is no number,
// such as 1e400.
func numberTag(text string) string {
	node := yaml.Node{Kind: yaml.ScalarNode, Value: text}
	if tag := node.ShortTag(); tag == "!!int" {
		return tag
	}
	return "!!float"
}

// unprintable leaves out line breaks, for which YAML has forms of its own.
func unprintable(r rune) bool { return r != '\n' && !strconv.IsPrint(r) || r == utf8.RuneError }

// escaped writes the escapes that the encoder leaves out: by YAML's own measure
// the marks that turn the direction of writing round are printable.
func escaped(text string) string {
	var out strings.Builder
	for _, r := range text {
		switch {
		case !unprintable(r):
			out.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&out, `\U%08x`, r)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.String()
}
