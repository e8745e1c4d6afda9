package client_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/quartz-cluster/quartz/client"
)

func ExampleClient_Apply() {
	_, c, remove := open()
	defer remove()
	ctx := client.WithActor(context.Background(), "deploy of 4f2a1c")
	doc, err := client.ReadDocument([]byte(`{
		"app": "billing",
		"jobs": [{
			"name": "invoices", "class": "invoice.send",
			"executes": [{"name": "workdays", "schedule": {"cron": "0 0 8 ? * MON-FRI", "zone": "Europe/Berlin"}}]
		}]
	}`))
	check(err)
	for range 2 {
		diff, err := c.Apply(ctx, *doc, client.ApplyOptions{})
		check(err)
		fmt.Println(len(diff.Changes), "changes,", diff.Unchanged, "unchanged")
	}
	doc.Jobs[0].Executes[0].Schedule.Cron = "0 30 7 ? * MON-FRI"
	diff, err := c.Diff(ctx, *doc, client.ApplyOptions{})
	check(err)
	for _, change := range diff.Changes {
		fmt.Println(change.Change, change.Kind, change.Job, change.Execute, change.Fields)
	}
	// Output:
	// 2 changes, 0 unchanged
	// 0 changes, 2 unchanged
	// updated execute invoices workdays [{schedule.cron 0 0 8 ? * MON-FRI 0 30 7 ? * MON-FRI}]
}

func ExampleReadDocument() {
	_, err := client.ReadDocument([]byte(`{"app": "billing", "jobs": [{"name": "invoices", "class": "invoice.send", "executes": [
		{"name": "nightly", "schedule": {"cron": "0 0 25 * * ?"}, "timeout": "soon"}
	]}]}`))
	var document *client.DocumentError
	if errors.As(err, &document) {
		for _, mistake := range document.Mistakes {
			fmt.Println(mistake)
		}
	}
	// Output:
	// jobs[0].executes[0].schedule.cron "0 0 25 * * ?": is not valid: hour "25" is out of range 0-23
	// jobs[0].executes[0].timeout "soon": must be a duration such as 5s or 1h30m
}
