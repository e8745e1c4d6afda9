package schedule

import (
	"errors"
	"testing"
	"unicode/utf8"
)

// Whatever stands in the columns: an error that names a field, or a schedule
// whose instants only go up and lie between its bounds, found without a search
// that goes on and on.
func FuzzParse(f *testing.F) {
	for _, expr := range []string{
		"0 0 8 ? * MON-FRI", "0 */15 * * * ?", "0 0 0 L-3W * ?", "0 0 0 ? * 2#5 2024-2030/2", "*/5 9-17 * * 1-5", "@daily",
		"0 0 0 29 2 ? 2100", "0 0 0 30 2 ?", "59 59 23 31 12 ? 2199", "1,,2 * * * * *", "0 0 22-2/3 LW,15W JAN,DEC ?",
	} {
		for _, zone := range []string{"", "Europe/Berlin", "Pacific/Apia", "UTC+8"} {
			f.Add(expr, zone, int64(1_795_305_600_000), int64(0), int64(0))
		}
	}
	f.Fuzz(func(t *testing.T, expr, zone string, after, start, end int64) {
		spec := cronIn(expr, zone)
		spec.Start, spec.End = start, end
		s, err := Parse(spec)
		if err != nil {
			var field *FieldError
			if !errors.As(err, &field) || field.Field == "" || field.Reason == "" || s != nil {
				t.Fatalf("%q: %v", expr, err)
			}
			if utf8.ValidString(expr) && !utf8.ValidString(err.Error()) {
				t.Fatalf("%q: the message is no text", expr)
			}
			return
		}
		now := after
		for range 50 {
			next, ok := s.Next(now)
			if !ok {
				break
			}
			if next <= now || next < start || end >= 1 && next > end || next%1000 != 0 {
				t.Fatalf("%q in %q: %d after %d, from %d to %d", expr, zone, next, now, start, end)
			}
			if earlier, ok := s.Next(next - 1); !ok || earlier != next {
				t.Fatalf("%q in %q: %d is not found again, but %d", expr, zone, next, earlier)
			}
			now = next
		}
	})
}

func FuzzSimple(f *testing.F) {
	f.Add(int64(3), int64(100), int64(1000), int64(0), int64(1050), int64(5000))
	f.Add(int64(-1), int64(1)<<62, int64(latest), int64(1)<<62, int64(-1)<<63, int64(1)<<62)
	f.Fuzz(func(t *testing.T, count, interval, start, end, after, upTo int64) {
		s, err := Parse(simpleOf(count, interval, start, end))
		if err != nil {
			return
		}
		next, ok := s.Next(after)
		if !ok {
			return
		}
		if next <= after || next < start || end >= 1 && next > end {
			t.Fatalf("%d after %d", next, after)
		}
		m := s.Missed(next, upTo, 1)
		if upTo >= next && (m.Count < 1 || m.Newest > upTo || m.HasNext && m.Next <= upTo || m.More) {
			t.Fatalf("%+v from %d up to %d", m, next, upTo)
		}
		if m.Count > 1 && m.Newest != next+(m.Count-1)*interval {
			t.Fatalf("%+v from %d", m, next)
		}
	})
}
