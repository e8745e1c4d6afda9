package observe

import (
	"cmp"
	"context"
	"errors"
	"log/slog"

	"github.com/quartz-cluster/quartz/core/internal/run"
	"github.com/quartz-cluster/quartz/schema"
)

// Log returns an Observer that writes every event to logger: what an operator
// must act on as a warning or an error, changes of the cluster as information,
// and the life of each fire at debug level.
func Log(logger *slog.Logger) Observer { return &logObserver{logger} }

type logObserver struct{ logger *slog.Logger }

// messages says, for each kind, what happened and what will happen next.
var messages = map[Kind]struct {
	level slog.Level
	text  string
}{
	Registered:    {slog.LevelInfo, "node registered"},
	Deregistered:  {slog.LevelInfo, "node left"},
	Stopped:       {slog.LevelDebug, "node stopped"},
	LeaseLost:     {slog.LevelError, "lease lost: runs are cancelled, the node registers again"},
	NodePaused:    {slog.LevelInfo, "node paused: nothing is claimed until it is resumed"},
	NodeResumed:   {slog.LevelInfo, "node resumed"},
	Standby:       {slog.LevelWarn, "workers of the Java edition drive this application: nothing is claimed until they stop"},
	TookOver:      {slog.LevelInfo, "workers of the Java edition have stopped: this node goes to work"},
	DatabaseAway:  {slog.LevelError, "database away: trying again"},
	DatabaseBack:  {slog.LevelInfo, "database back"},
	Draining:      {slog.LevelInfo, "draining: nothing more is claimed"},
	Drained:       {slog.LevelInfo, "node drained by an operator: nothing is claimed until it is told to rejoin"},
	Rejoined:      {slog.LevelInfo, "node rejoined by an operator"},
	StopOrdered:   {slog.LevelWarn, "an operator stops this node: it drains and leaves"},
	Quiesced:      {slog.LevelInfo, "the application is in maintenance, and this node is idle"},
	Resumed:       {slog.LevelInfo, "maintenance of the application is over"},
	ClockSkewed:   {slog.LevelError, "this node's clock is too far from the database's: nothing is claimed until it is right"},
	ClockGood:     {slog.LevelInfo, "this node's clock is near enough to the database's again"},
	Claimed:       {slog.LevelDebug, "fire claimed"},
	Started:       {slog.LevelDebug, "fire started"},
	Finished:      {slog.LevelDebug, "fire finished"},
	Failed:        {slog.LevelError, "fire failed"},
	TimedOut:      {slog.LevelError, "fire timed out"},
	Cancelled:     {slog.LevelInfo, "fire cancelled"},
	Suspended:     {slog.LevelInfo, "fire suspended: it goes on when its execute is resumed"},
	HandedOver:    {slog.LevelInfo, "fire handed over: it goes on on another node"},
	Retrying:      {slog.LevelWarn, "fire failed: it will be tried again"},
	Recovered:     {slog.LevelWarn, "fire recovered: its node is gone, it runs again"},
	Completed:     {slog.LevelDebug, "fire completed"},
	Superseded:    {slog.LevelWarn, "fire superseded: its outcome was not written, it was taken from this node"},
	Abandoned:     {slog.LevelWarn, "fire abandoned before its start, or before its outcome was written: it will be recovered or recorded as lost"},
	Lost:          {slog.LevelError, "fire lost: it does not run again"},
	Misfired:      {slog.LevelWarn, "misfire"},
	Skipped:       {slog.LevelWarn, "instants skipped by policy"},
	Faulted:       {slog.LevelError, "execute stands still: its state is ERROR until a client changes it"},
	Unrunnable:    {slog.LevelError, "execute is due and no live node can run it"},
	Adopted:       {slog.LevelInfo, "execute of the Java edition's client taken over"},
	Forgotten:     {slog.LevelDebug, "completed execute deleted after its retention"},
	NodeRemoved:   {slog.LevelWarn, "dead node removed"},
	MasterChanged: {slog.LevelInfo, "the master changed"},
	Summarised:    {slog.LevelInfo, "job state follows its executes"},
	PassDone:      {slog.LevelDebug, "cluster misfire handler pass"},
	Overdue:       {slog.LevelDebug, "executes that are due and that nobody has claimed"},
	Stranded:      {slog.LevelDebug, "executes that are due and that no live node can run"},

	ClaimBatch:      {slog.LevelDebug, "batch claimed"},
	CompletionBatch: {slog.LevelDebug, "batch of outcomes written"},
	Refused:         {slog.LevelDebug, "a step gave way to another and is tried again"},
	Trouble:         {slog.LevelError, "a step failed and will be tried again"},
}

// Observe implements Observer.
func (l *logObserver) Observe(ctx context.Context, e Event) {
	m, ok := messages[e.Kind]
	if !ok {
		m.level, m.text = slog.LevelInfo, string(e.Kind)
	}
	if (e.Kind == Failed || e.Kind == TimedOut) && e.State == "" { // it is not over: nobody needs to get up
		m.level = slog.LevelWarn
	}
	if !l.logger.Enabled(ctx, m.level) {
		return
	}
	l.logger.LogAttrs(ctx, m.level, m.text, e.attrs()...)
}

// attrs lists what the event knows, under the same keys in every line.
func (e Event) attrs() []slog.Attr {
	attrs := []slog.Attr{slog.String("event", string(e.Kind)), slog.String("app", e.App), slog.String("node", e.Node)}
	add := func(ok bool, a slog.Attr) {
		if ok {
			attrs = append(attrs, a)
		}
	}
	add(e.NodeID != 0, slog.Int64("node_id", e.NodeID))
	add(e.JobID != 0, slog.Int64("job", e.JobID))
	add(e.Job != "", slog.String("job_name", e.Job))
	add(e.Class != "", slog.String("class", e.Class))
	add(e.ExecuteID != 0, slog.Int64("execute", e.ExecuteID))
	add(e.Execute != "", slog.String("execute_name", e.Execute))
	add(!e.Nominal.IsZero(), slog.Time("fire", e.Nominal))
	add(e.Attempt != 0, slog.Int("attempt", e.Attempt))
	if id := cmp.Or(schema.TraceID(e.Trace), schema.TraceID(e.Link)); id != "" { // what has none of its own is found by the call
		add(true, slog.String("trace_id", id))
	}
	add(e.Late != 0, slog.Duration("late", e.Late))
	add(e.Took != 0, slog.Duration("took", e.Took))
	add(e.Wait != 0, slog.Duration("wait", e.Wait))
	add(e.Count != 0, slog.Int64("count", e.Count))
	add(e.Of != 0, slog.Int64("of", e.Of))
	add(e.State != "", slog.String("state", e.State))
	add(e.Peer != "", slog.String("peer", e.Peer))
	add(e.Reason != "", slog.String("reason", e.Reason))
	add(e.Err != nil, slog.Any("error", e.Err))
	if e.Kind == Failed { // that it is tried again for that is another line
		var panicked *run.PanicError
		if errors.As(e.Err, &panicked) {
			add(true, slog.String("stack", string(panicked.Stack)))
		}
	}
	return attrs
}
