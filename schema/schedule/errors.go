package schedule

import "fmt"

// FieldError says which field of a Spec is wrong, what it held, and why that
// cannot be a schedule.
type FieldError struct {
	// Field is type, cron, zone, repeatInterval, startTime or endTime, or n for
	// Preview.
	Field string
	// Value is what the field held, as text.
	Value string
	// Reason continues the sentence "field value …" and says, where it can,
	// what to write instead.
	Reason string
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("%s %s %s", e.Field, quoted(e.Value), e.Reason)
}

// quoted keeps a message readable whatever was passed in.
func quoted(s string) string {
	if len(s) > maxCron {
		s = s[:maxCron] + "…"
	}
	return fmt.Sprintf("%q", s)
}
