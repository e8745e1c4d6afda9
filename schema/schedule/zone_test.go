package schedule

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestZones(t *testing.T) {
	t.Parallel()
	for name := range zoneNames() {
		loc, err := LoadZone(zoneNames()[name])
		require.NoError(t, err)
		require.Equal(t, zoneNames()[name], loc.String())
	}
	loc, err := LoadZone("")
	require.NoError(t, err)
	require.Equal(t, time.UTC, loc)
}

func TestRefusedZonesSuggestTheNearest(t *testing.T) {
	t.Parallel()
	for name, suggestion := range map[string]string{
		"UTC+8": "Etc/GMT-8", "UTC-5": "Etc/GMT+5", "GMT+08:00": "Etc/GMT-8", "GMT+8": "Etc/GMT-8", "+0800": "Etc/GMT-8",
		"+08:00": "Etc/GMT-8", "utc+8": "Etc/GMT-8", "UTC+0": "UTC", "GMT-00:00": "UTC", "+05:30": "Asia/Kolkata",
		"GMT+05:45": "Asia/Kathmandu", "UTC+14": "Etc/GMT-14", "UTC-12": "Etc/GMT+12", "UTC+15": "", "UTC-13": "", "UTC+07:13": "",
		"PST": "America/Los_Angeles", "CTT": "Asia/Shanghai", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "CEST": "Europe/Berlin",
		"Europe/Berln": "Europe/Berlin", "europe/berlin": "Europe/Berlin", "Europe/berlin": "Europe/Berlin", "Berlin": "Europe/Berlin",
		"Europe/Berlin ": "Europe/Berlin", "Asia/Beijing": "Asia/Shanghai", "America/New York": "America/New_York", "utc": "UTC", "Z": "UTC",
		"New_York": "America/New_York", "Amerika/New_York": "America/New_York", "Shanghai": "Asia/Shanghai", "posix/Asia/Tokyo": "Asia/Tokyo",
		"right/Asia/Tokyo": "Asia/Tokyo", "SystemV/PST8": "", "xyzzy plugh nothing": "", "../etc/passwd": "", "/etc/localtime": "", " ": "",
		"Local": "", "localtime": "", "Factory": "", strings.Repeat("Europe/Berlin", 5): "",
	} {
		_, err := LoadZone(name)
		require.Error(t, err, name)
		var field *FieldError
		require.ErrorAs(t, err, &field)
		require.Equal(t, "zone", field.Field)
		require.Equal(t, name, field.Value)
		if suggestion == "" {
			require.NotContains(t, err.Error(), "did you mean", name)
			continue
		}
		require.ErrorContains(t, err, `did you mean "`+suggestion+`"?`, name)
		_, err = LoadZone(suggestion)
		require.NoError(t, err)
	}
}

// On a file system that knows no capitals the tz database would let it pass.
func TestZoneInOtherThanItsOwnSpelling(t *testing.T) {
	t.Parallel()
	_, err := LoadZone("europe/berlin")
	require.ErrorContains(t, err, `is no IANA time zone as it is spelt; did you mean "Europe/Berlin"?`)
}

func TestOffsetSuggestionsHaveThatOffset(t *testing.T) {
	t.Parallel()
	january := time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
	for offset, name := range oddOffsets {
		loc, err := LoadZone(name)
		require.NoError(t, err)
		standard, july := january.In(loc), january.AddDate(0, 6, 0).In(loc)
		want := offset
		if len(want) < len("+09:30") {
			want = want[:1] + "0" + want[1:]
		}
		require.Contains(t, []string{standard.Format("-07:00"), july.Format("-07:00")}, want, name)
	}
	loc, err := LoadZone(suggestZone("UTC+8"))
	require.NoError(t, err)
	require.Equal(t, "+08:00", january.In(loc).Format("-07:00"))
	for _, name := range javaZones {
		_, err := LoadZone(name)
		require.NoError(t, err)
	}
}

// The segments of a zone say of every hour what the zone itself says.
func TestTimelinesAgreeWithTheirZones(t *testing.T) {
	t.Parallel()
	for _, name := range zones {
		z, err := timelineOf(name)
		require.NoError(t, err)
		for i, s := range z.segments[1:] {
			require.NotEqual(t, s.offset, z.segments[i].offset)
			require.Greater(t, s.from, z.segments[i].from)
			_, offset := time.Unix(s.from-1, 0).In(z.loc).Zone()
			require.Equal(t, z.segments[i].offset, int64(offset), "%s just before %d", name, s.from)
		}
		// The leap years from 2040 on are those whose last days ZoneBounds has wrong.
		for _, year := range []int{1970, 2011, 2026, 2039, 2040, 2041, 2096, 2199} {
			for h := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); h.Year() == year; h = h.Add(time.Hour) {
				_, offset := h.In(z.loc).Zone()
				if got := z.segments[z.at(h.Unix())].offset; got != int64(offset) {
					require.Equal(t, int64(offset), got, "%s at %s", name, h)
				}
			}
		}
	}
}
