package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/core"
	"github.com/quartz-cluster/quartz/integration/internal/testdb"
	"github.com/quartz-cluster/quartz/schema"
)

// plans is the catalogue of queries: what a node and a client send among 1,000,000
// executes of 20 apps, 20,000 of them overdue under a paused job, 500 in flight on a
// node that is gone. Each statement is first explained by the server, with its real
// arguments and in a transaction of its own that is rolled back, and then sent. It
// prints, for each function that sends one, the indexes that the plan uses, whether
// it reads the executes from end to end, and how long it took (PostgreSQL).
func plans(ctx context.Context, b *bench) (_ []figure, err error) {
	p, err := newTables(ctx, b.kind)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := (crowd{rows: 1_000_000, apps: 20, overdue: 20_000}).fill(ctx, b, p); err != nil {
		return nil, err
	}
	if err := p.leaveBehind(ctx); err != nil {
		return nil, err
	}
	watched, err := testdb.OpenDSN(b.kind, p.dsn)
	if err != nil {
		return nil, err
	}
	pool, err := watched.DB()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	c := &catalogue{place: p, seen: make(map[string]bool)}
	for _, register := range []func(string, func(*gorm.DB)) error{
		watched.Callback().Row().Before("gorm:row").Register, watched.Callback().Raw().Before("gorm:raw").Register,
	} {
		if err := register("explain", c.explain); err != nil {
			return nil, err
		}
	}
	if err := asNode(ctx, b, watched); err != nil {
		return nil, err
	}
	if err := asClient(ctx, watched); err != nil {
		return nil, err
	}
	slices.SortFunc(c.entries, func(a, b entry) int { return cmp.Or(cmp.Compare(a.by, b.by), cmp.Compare(b.took, a.took)) })
	var slowest float64
	for _, e := range c.entries {
		took := "not run"
		if e.took > 0 {
			took = fmt.Sprintf("%.2f ms", e.took)
		}
		fmt.Fprintf(b.log, "plan | %s | %s | %s |\n", e.by, took, strings.Join(e.indexes, ", "))
		slowest = max(slowest, e.took)
	}
	return []figure{{name: "statements", unit: "statements", value: float64(len(c.entries))}, {name: "slowest", unit: "ms", value: slowest}}, nil
}

// leaveBehind puts fires in flight on a node that is gone, of which every other one
// is to be recovered, and an execute that runs on all nodes.
func (p *place) leaveBehind(ctx context.Context) error {
	for _, change := range []string{
		fmt.Sprintf(`UPDATE QRTZ_EXECUTE SET FIRE_TIME = 1, HIGH_TIME = 1, FIRE_NODE = 5, FIRE_ATTEMPT = 1, RECOVER = MOD(ID, 2)
			WHERE ID IN (SELECT ID FROM QRTZ_EXECUTE WHERE APPLICATION = '%s' AND STATE = 'EXECUTING' AND NEXT_FIRE_TIME > %d ORDER BY ID LIMIT 500)`,
			app, time.Now().UnixMilli()),
		fmt.Sprintf(`UPDATE QRTZ_EXECUTE SET RUN_ON = 'ALL', SHARD = %d
			WHERE ID IN (SELECT ID FROM QRTZ_EXECUTE WHERE APPLICATION = '%s' AND STATE = 'EXECUTING' AND FIRE_TIME IS NULL
				ORDER BY NEXT_FIRE_TIME DESC LIMIT 3)`,
			schema.SharedShard, app),
	} {
		if err := p.exec(ctx, change); err != nil {
			return err
		}
	}
	return p.settle(ctx, "QRTZ_EXECUTE")
}

// asNode is a node at work for as long as it takes to have made a few passes.
func asNode(ctx context.Context, b *bench, db *gorm.DB) error {
	handlers := core.NewHandlers()
	handlers.Add(class, func(context.Context, *core.Fire) error { return nil })
	node, err := core.New(db, core.Config{
		App: app, NodeKey: "plans", Handlers: handlers, Retention: 24 * time.Hour, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	if err := node.Start(ctx); err != nil {
		return err
	}
	passes := 20 * time.Second
	if b.brief() {
		passes = 4 * time.Second
	}
	err = pause(ctx, passes)
	return errors.Join(err, node.Stop(ctx))
}

// asClient is a back office: lists, one of each, and what changes them.
func asClient(ctx context.Context, db *gorm.DB) error {
	c, err := client.New(db)
	if err != nil {
		return err
	}
	job, err := c.AddJob(ctx, client.Job{App: app, Name: "plans", Class: class})
	if err != nil {
		return err
	}
	e, err := c.AddExecute(ctx, job.ID, client.Every(time.Hour), client.Named("hourly"))
	if err != nil {
		return err
	}
	for _, f := range []client.ExecuteFilter{
		{App: app}, {App: app, States: []schema.State{schema.Error}}, {Job: job.ID}, {App: app, Class: class}, {App: app, NamePrefix: "hour"},
		{App: app, Text: "hourly"}, {App: app, DueBefore: time.Now()}, {Origin: e.ID}, {App: app, Failing: true}, {Failing: true},
		{App: app, Overdue: time.Minute}, {Overdue: time.Minute}, {App: app, Sort: client.SortNextFire}, {Sort: client.SortNextFire},
		{App: app, Text: "hourly", Sort: client.SortNextFire},
	} {
		if _, err := c.ListExecutes(ctx, f); err != nil {
			return err
		}
	}
	for _, call := range []func() error{
		func() error { _, err := c.ListApps(ctx, client.AppFilter{}); return err },
		func() error { _, err := c.ListNodes(ctx, client.NodeFilter{App: app}); return err },
		func() error { _, err := c.ListJobs(ctx, client.JobFilter{App: app}); return err },
		func() error { _, err := c.Running(ctx, client.RunningFilter{App: app}); return err },
		func() error { _, err := c.Events(ctx, app); return err },
		func() error { _, err := c.Preview(ctx, e.ID, 10); return err },
		func() error { _, _, err := c.GetJobWithExecutes(ctx, job.ID); return err },
		func() error { _, err := c.Overview(ctx, ""); return err },
		func() error { _, err := c.GetExecute(ctx, e.ID); return err },
		func() error { _, err := c.GetJobByName(ctx, app, "plans"); return err },
		func() error { _, err := c.GetExecuteByName(ctx, job.ID, "hourly"); return err },
		func() error { _, err := c.Diff(ctx, document(job.ID), client.ApplyOptions{}); return err },
		func() error {
			_, err := c.UpdateJob(ctx, job.ID, job.Version, client.SetDescription("changed"))
			return err
		},
		func() error {
			_, err := c.UpdateExecute(ctx, e.ID, e.Version, client.SetSchedule(client.Every(time.Minute)))
			return err
		},
		func() error { _, err := c.PauseExecutes(ctx, client.ExecuteFilter{Job: job.ID}); return err },
		func() error { _, err := c.ResumeExecutes(ctx, client.ExecuteFilter{Job: job.ID}); return err },
		func() error { _, err := c.PauseJobs(ctx, client.JobFilter{App: app, NamePrefix: "plans"}); return err },
		func() error { _, err := c.ResumeJobs(ctx, client.JobFilter{App: app, NamePrefix: "plans"}); return err },
		func() error { _, err := c.CopyJob(ctx, job.ID, app, client.CopyAs("copied")); return err },
		func() error {
			_, err := c.DeleteJobs(ctx, client.JobFilter{App: app, NamePrefix: "copied"})
			return err
		},
		func() error { _, err := c.Apply(ctx, document(job.ID), client.ApplyOptions{}); return err },
		func() error { _, err := c.AddNode(ctx, client.Node{App: app, Key: "by hand"}); return err },
		func() error { _, err := c.PauseNode(ctx, app, "by hand"); return err },
		func() error { return c.DeleteNode(ctx, app, "by hand") },
		func() error { _, err := c.RunNow(ctx, e.ID); return err },
		func() error { _, err := c.Cancel(ctx, e.ID); return err },
		func() error { _, err := c.SuspendExecute(ctx, e.ID); return err },
		func() error { _, err := c.ResumeExecute(ctx, e.ID); return err },
		func() error { _, err := c.PauseJobWithExecutes(ctx, job.ID); return err },
		func() error { _, err := c.ResumeJobWithExecutes(ctx, job.ID); return err },
		func() error { _, err := c.DeleteJobWithExecutes(ctx, job.ID); return err },
	} {
		if err := call(); err != nil {
			return err
		}
	}
	return nil
}

// document is of a job that has a name, and of one that it has not.
func document(unnamed client.ID) client.Document {
	return client.Document{App: app, Jobs: []client.DocumentJob{
		{Name: "plans", Class: class}, {Name: "unnamed-" + unnamed.String(), Class: class},
	}}
}
