package schema

import "strings"

// TraceID returns the id of the trace that a W3C trace context (a traceparent, which
// TRACE holds) belongs to: 32 hexadecimal digits. It is "" for what is none.
func TraceID(traceparent string) string {
	const form, digits = "hh-hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh-hhhhhhhhhhhhhhhh-hh", "0123456789abcdef"
	if len(traceparent) < len(form) || len(traceparent) > MaxTrace || len(traceparent) > len(form) && traceparent[len(form)] != '-' {
		return ""
	}
	for i := range len(form) {
		if hex := strings.IndexByte(digits, traceparent[i]) >= 0; hex != (form[i] == 'h') || !hex && traceparent[i] != '-' {
			return ""
		}
	}
	if id := traceparent[3:35]; strings.Trim(id, "0") != "" {
		return id
	}
	return ""
}
