package schedule_test

import (
	"fmt"
	"time"

	"github.com/quartz-cluster/quartz/schema/schedule"
)

func ExamplePreview() {
	spec := schedule.Spec{Type: schedule.TypeCron, Cron: "0 30 2 ? * SUN", Zone: "Europe/Berlin"}
	times, err := schedule.Preview(spec, time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC), 3)
	if err != nil {
		fmt.Println(err)
	}
	for _, t := range times {
		fmt.Println(t)
	}
	// Output:
	// 2026-03-22 02:30:00 +0100 CET
	// 2026-03-29 03:00:00 +0200 CEST
	// 2026-04-05 02:30:00 +0200 CEST
}

func ExampleExplain() {
	for _, cron := range []string{"0 0 8 ? * MON-FRI", "*/15 9-17 * * *", "0 30 23 LW MAR,JUN,SEP,DEC ?", "0 0 1 * MON"} {
		text, err := schedule.Explain(schedule.Spec{Type: schedule.TypeCron, Cron: cron, Zone: "Europe/Berlin"})
		if err != nil {
			fmt.Println(err)
		}
		fmt.Println(text)
	}
	// Output:
	// At 08:00:00, Monday to Friday, Europe/Berlin
	// Every 15 minutes from 09:00:00 to 17:45:00, every day, Europe/Berlin
	// At 23:30:00, on the last weekday of the month, in March, June, September and December, Europe/Berlin
	// At 00:00:00, on day 1 of the month or every Monday, Europe/Berlin
}

func ExampleParse() {
	_, err := schedule.Parse(schedule.Spec{Type: schedule.TypeCron, Cron: "0 0 8 ? * MON-FRI", Zone: "UTC+8"})
	fmt.Println(err)
	_, err = schedule.Parse(schedule.Spec{Type: schedule.TypeCron, Cron: "0 0 8 30 FEB ?"})
	fmt.Println(err)
	// Output:
	// zone "UTC+8" is no IANA time zone; did you mean "Etc/GMT-8"?
	// cron "0 0 8 30 FEB ?" matches no day of any year
}

func ExampleSchedule_Next() {
	start := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	s, err := schedule.Parse(schedule.Spec{
		Type: schedule.TypeSimple, Start: start.UnixMilli(), RepeatInterval: 5000, RepeatCount: 3,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for next, ok := s.First(); ok; next, ok = s.Next(next) {
		fmt.Println(time.UnixMilli(next).UTC().Format(time.TimeOnly))
	}
	// Output:
	// 08:00:00
	// 08:00:05
	// 08:00:10
}

func ExampleSchedule_Missed() {
	s, err := schedule.Parse(schedule.Spec{Type: schedule.TypeCron, Cron: "0 0 * * * ?"})
	if err != nil {
		fmt.Println(err)
		return
	}
	due := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	m := s.Missed(due.UnixMilli(), due.Add(150*time.Minute).UnixMilli(), 1000)
	fmt.Println(m.Count, time.UnixMilli(m.Newest).UTC().Format(time.TimeOnly), time.UnixMilli(m.Next).UTC().Format(time.TimeOnly))
	// Output: 3 10:00:00 11:00:00
}
