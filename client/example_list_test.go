package client_test

import (
	"context"
	"fmt"

	"github.com/quartz-cluster/quartz/client"
)

func ExampleClient_ListJobs() {
	_, c, remove := open()
	defer remove()
	ctx := context.Background()
	for _, class := range []string{"invoice.send", "invoice.print", "invoice.archive"} {
		_, err := c.AddJob(ctx, client.Job{App: "billing", Class: class})
		check(err)
	}

	filter := client.JobFilter{PageOptions: client.PageOptions{Limit: 2}, App: "billing", Text: "INVOICE"}
	for {
		page, err := c.ListJobs(ctx, filter)
		check(err)
		for _, job := range page.Items {
			fmt.Println(job.Class)
		}
		if page.Next == "" {
			break
		}
		fmt.Println("- next page -")
		filter.Cursor = page.Next
	}
	// Output:
	// invoice.send
	// invoice.print
	// - next page -
	// invoice.archive
}

func ExampleClient_AllExecutes() {
	_, c, remove := open()
	defer remove()
	ctx := context.Background()
	for _, name := range []string{"hourly", "again", "and again"} {
		hourly(ctx, c, client.Named(name))
	}

	for e, err := range c.AllExecutes(ctx, client.ExecuteFilter{App: "billing", Text: "again"}) {
		check(err)
		fmt.Println(e.Name)
	}
	// Output:
	// again
	// and again
}
