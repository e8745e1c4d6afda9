package client_test

import (
	"fmt"
	"time"

	"github.com/quartz-cluster/quartz/client"
)

func ExamplePreview() {
	after := time.Date(2027, 3, 26, 12, 0, 0, 0, time.UTC)
	times, err := client.Preview(client.Cron("0 30 2 ? * *", "Europe/Berlin"), after, 3)
	check(err)
	for _, t := range times {
		fmt.Println(t)
	}
	// Output:
	// 2027-03-27 02:30:00 +0100 CET
	// 2027-03-28 03:00:00 +0200 CEST
	// 2027-03-29 02:30:00 +0200 CEST
}

func ExampleExplain() {
	text, err := client.Explain(client.Cron("0 */15 9-17 ? * MON-FRI", "Europe/Berlin"))
	check(err)
	fmt.Println(text)
	_, err = client.Explain(client.Cron("0 0 8 30 FEB ?", ""))
	fmt.Println(err)
	// Output:
	// Every 15 minutes from 09:00:00 to 17:45:00, Monday to Friday, Europe/Berlin
	// cron "0 0 8 30 FEB ?": matches no day of any year
}
