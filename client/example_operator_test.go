package client_test

import (
	"context"
	"fmt"
	"time"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/schema"
)

func ExampleClient_PingNode() {
	_, c, remove := open()
	defer remove()
	ctx := context.Background()
	_, err := c.AddNode(ctx, client.Node{App: "billing", Key: "10.0.0.7"}) // by hand: nobody has registered under the key
	check(err)

	_, err = c.PingNode(ctx, "billing", "10.0.0.7")
	fmt.Println(err)
	// Output: node billing/10.0.0.7 is Y: it is not registered, so nobody would answer
}

func ExampleClient_BeginMaintenance() {
	_, c, remove := open()
	defer remove()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	app, err := c.As("alice").BeginMaintenance(ctx, "billing")
	check(err)
	fmt.Println(app.Maintenance)
	check(c.WaitMaintenance(ctx, "billing")) // no node lives, so none is busy
	_, err = c.As("alice").EndMaintenance(ctx, "billing")
	check(err)

	events, err := c.Events(ctx, "billing")
	check(err)
	for _, e := range events {
		fmt.Println(e.Kind, e.Text, e.By)
	}
	// Output:
	// true
	// maintenance begin alice
	// maintenance end alice
}

func ExampleClient_PreferMaster() {
	_, c, remove := open()
	defer remove()
	ctx := context.Background()

	_, err := c.SetMode(ctx, "billing", schema.MasterOnly)
	check(err)
	app, err := c.PreferMaster(ctx, "billing", "10.0.0.7")
	check(err)
	fmt.Println(app.Mode, app.Preferred)
	// Output: MASTER_ONLY 10.0.0.7
}

func ExampleClient_PauseApp() {
	_, c, remove := open()
	defer remove()
	ctx := context.Background()

	app, err := c.PauseApp(ctx, "billing")
	check(err)
	fmt.Println(app.Name, app.Paused)
	app, err = c.ResumeApp(ctx, "billing")
	check(err)
	fmt.Println(app.Name, app.Paused)
	// Output:
	// billing true
	// billing false
}

func ExampleClient_AddNode() {
	_, c, remove := open()
	defer remove()
	// Whoever registers under the key starts paused.
	node, err := c.AddNode(context.Background(), client.Node{App: "billing", Key: "10.0.0.7", Paused: true})
	check(err)
	fmt.Println(node.Key, node.Paused, node.Live)
	// Output: 10.0.0.7 true false
}
