package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"gorm.io/gorm"

	"github.com/quartz-cluster/quartz/client"
	"github.com/quartz-cluster/quartz/examples/opendb"
	"github.com/quartz-cluster/quartz/schema"
)

const usage = `usage: backoffice [-dsn DSN] [-app APP] COMMAND

  init           create or upgrade the tables, and add the app
  list           show all executes of the app
  nodes          show its workers
  add FLAGS      add a job with one execute (add -h)
  pause ID       claim no more fires of an execute
  resume ID      claim them again
  preview ID     show its next fires
  delete ID      delete it, and its job if that has no other
  serve FLAGS    serve the console to browsers on this host (serve -h)

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := backoffice(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "backoffice:", err)
		os.Exit(1)
	}
}

// office is the back office of one app.
type office struct {
	*client.Client
	db  *gorm.DB
	app string
	out io.Writer
}

func backoffice(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("backoffice", flag.ContinueOnError)
	flags.SetOutput(stderr)
	dsn := flags.String("dsn", os.Getenv("QUARTZ_DSN"), opendb.Usage+" (QUARTZ_DSN)")
	app := flags.String("app", "billing", "app to manage")
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	db, err := opendb.Open(*dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opendb.Close(db)) }()
	c, err := client.New(db)
	if err != nil {
		return err
	}
	o := &office{c, db, *app, stdout}

	switch command, rest := flags.Arg(0), flags.Args(); command {
	case "init":
		if err := schema.Migrate(ctx, db, schema.Options{}); err != nil {
			return err
		}
		_, err = o.EnsureApp(ctx, o.app)
		return err
	case "list":
		return o.list(ctx)
	case "nodes":
		return o.nodes(ctx)
	case "add":
		return o.add(ctx, rest[1:], stderr)
	case "serve":
		return o.serve(ctx, rest[1:], stderr)
	case "pause", "resume", "preview", "delete":
		id, err := client.ParseID(flags.Arg(1))
		if err != nil {
			return err
		}
		return o.change(ctx, command, id)
	default:
		flags.Usage()
		return fmt.Errorf("%q is no command", command)
	}
}

// change does what concerns one execute.
func (o *office) change(ctx context.Context, command string, id client.ID) error {
	switch command {
	case "pause":
		_, err := o.PauseExecute(ctx, id)
		return err
	case "resume":
		_, err := o.ResumeExecute(ctx, id)
		return err
	case "delete":
		return o.delete(ctx, id)
	}
	times, err := o.Preview(ctx, id, 10)
	for _, t := range times {
		fmt.Fprintln(o.out, t.Format("Mon 2006-01-02 15:04:05.000 MST"))
	}
	return err
}

// delete deletes an execute, and its job if that was the last below it.
func (o *office) delete(ctx context.Context, id client.ID) error {
	execute, err := o.GetExecute(ctx, id)
	if err != nil {
		return err
	}
	if err := o.DeleteExecute(ctx, id); err != nil {
		return err
	}
	err = o.DeleteJob(ctx, execute.JobID)
	var others *client.StateConflictError
	if errors.As(err, &others) || errors.Is(err, client.ErrNotFound) {
		return nil // it has other executes, or somebody was faster
	}
	return err
}
