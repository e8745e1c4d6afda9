package protocol_test

import (
	"context"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/quartz-cluster/quartz/core/internal/store"
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// transition is a line of the diagrams: "execute EXECUTING -> COMPLETE engine".
type transition struct{ of, from, to, by string }

var line = regexp.MustCompile(`(?m)^//\t(node|job|execute|fire) (\w+) -> (\w+) +(engine|client)\b`)

// diagrams reads the transitions of doc.go.
func diagrams(t *testing.T) []transition {
	t.Helper()
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	var out []transition
	for _, m := range line.FindAllStringSubmatch(string(doc), -1) {
		out = append(out, transition{m[1], m[2], m[3], m[4]})
	}
	return out
}

// drawn returns what the diagram of something says that the engine does.
func drawn(t *testing.T, of string) map[[2]string]bool {
	t.Helper()
	out := make(map[[2]string]bool)
	for _, d := range diagrams(t) {
		if d.of == of && d.by == "engine" {
			out[[2]string{d.from, d.to}] = true
		}
	}
	require.NotEmpty(t, out)
	return out
}

func TestTheDiagramsHaveTheStatesThatThereAre(t *testing.T) {
	t.Parallel()
	have := make(map[string][]string)
	for _, d := range diagrams(t) {
		have[d.of] = append(have[d.of], d.from, d.to)
	}
	states := make([]string, len(schema.States))
	for i, s := range schema.States {
		states[i] = string(s)
	}
	unique := func(of string) []string { slices.Sort(have[of]); return slices.Compact(have[of]) }
	require.ElementsMatch(t, states, unique("job"))
	require.ElementsMatch(t, states, unique("execute"))
	require.ElementsMatch(t, []string{
		"due", "flight", "waiting", "skipped", string(schema.Succeeded), string(schema.Failed), string(schema.TimedOut), string(schema.Cancelled), string(schema.Lost),
	}, unique("fire"))
	require.ElementsMatch(t, []string{"absent", "live", "kept"}, unique("node"))
}

const (
	now  = int64(1_800_000_000_000)
	hour = int64(time.Hour / time.Millisecond)
)

// bench is a store over a database in memory.
type bench struct {
	*store.Store

	t  *testing.T
	db *sqldb.DB
}

func newBench(t *testing.T) *bench {
	t.Helper()
	db, err := gorm.Open(sqlite.Open(":memory:"), &gorm.Config{Logger: logger.Discard})
	require.NoError(t, err)
	pool, err := db.DB()
	require.NoError(t, err)
	pool.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = pool.Close() })
	require.NoError(t, db.Use(sqldb.Clock(func() int64 { return now })))
	require.NoError(t, schema.Migrate(t.Context(), db, schema.Options{Logger: slog.New(slog.DiscardHandler)}))
	b := &bench{t: t}
	b.db, err = sqldb.New(db, sqldb.Config{})
	require.NoError(t, err)
	b.Store, err = store.New(db, sqldb.Config{}, "app", time.Minute)
	require.NoError(t, err)
	return b
}

func (b *bench) exec(query string, args ...any) {
	b.t.Helper()
	_, err := b.db.Exec(b.t.Context(), query, args...)
	require.NoError(b.t, err, query)
}

// reset leaves nothing but a live node and a job.
func (b *bench) reset() store.Registration {
	b.t.Helper()
	for _, table := range []string{"EXECUTE", "JOB", "NODE", "APP"} {
		b.exec("DELETE FROM QRTZ_" + table)
	}
	require.NoError(b.t, sqldb.Insert(b.t.Context(), b.db, "QRTZ_JOB", schema.Job{ID: 1, Application: "app", State: schema.Executing, Class: "work"}))
	return b.register()
}

func (b *bench) register() store.Registration {
	b.t.Helper()
	reg, err := b.Register(b.t.Context(), store.Member{Key: "node", HostName: "host", Capacity: 1, Handlers: `["work"]`})
	require.NoError(b.t, err)
	return reg
}

// family returns the execute, if it is there, and its child, if it has one.
func (b *bench) family() (row, child *schema.Execute) {
	b.t.Helper()
	rows, err := sqldb.Select[schema.Execute](b.t.Context(), b.db, "SELECT "+sqldb.Columns[schema.Execute]("")+" FROM QRTZ_EXECUTE")
	require.NoError(b.t, err)
	for i := range rows {
		if rows[i].Origin == "" {
			row = &rows[i]
		} else {
			child = &rows[i]
		}
	}
	return row, child
}

// scenes are the situations that an execute with a fire can be in.
var scenes = []string{"due", "flight", "last in flight", "spilled", "waiting", "waiting for a node that is gone", "ended", "unscheduled"}

// stage brings an execute into a situation and a state.
func (b *bench) stage(scene string, state schema.State) (store.Registration, store.Due) {
	b.t.Helper()
	reg := b.reset()
	e := schema.Execute{
		ID: 7, PID: 1, Application: "app", Shard: schema.ShardOf(7), State: state, JobType: schema.Simple, RepeatCount: -1, RepeatInterval: hour,
		StartTime: now, EndTime: -1, NextFireTime: now, PrevFireTime: -1, Version: 3, HostIP: "h", HostName: "h", PauseAfter: 1, Recover: 1,
	}
	d := store.Due{ID: 7, JobID: 1, Version: 3, JobType: schema.Simple, RepeatCount: -1, Interval: hour, Start: now, End: -1, Next: now}
	if scene != "due" {
		e.NextFireTime, e.HighTime, e.FireAttempt, e.FireNode = now+hour, now, 1, reg.NodeID
		d.Next, d.High, d.Attempt, d.FireNode = now+hour, now, 1, reg.NodeID
	}
	child := schema.Execute{
		ID: 8, PID: 1, Application: "app", Shard: schema.ShardOf(8), State: schema.Executing, JobType: schema.Simple, RepeatCount: 1, StartTime: now,
		EndTime: -1, PrevFireTime: -1, HostIP: "h", HostName: "h", FireAttempt: 1, Recover: 1, OriginID: 7, ChildKey: schema.FireKey(7, now),
	}
	switch scene {
	case "flight":
		e.FireTime, d.FireTime = now, now
	case "last in flight":
		e.FireTime, e.NextFireTime, d.FireTime, d.Next = now, 0, now, 0
	case "spilled":
		child.Origin, child.FireTime, child.FireNode = schema.ChildOverlap, now, reg.NodeID
	case "waiting":
		child.Origin, child.NextFireTime = schema.ChildRetry, now
	case "waiting for a node that is gone":
		child.Origin, child.NextFireTime, child.RunOn, child.Targets = schema.ChildRunNow, now, schema.RunOnNode, "1"
	case "ended":
		e.NextFireTime, e.LastState, e.LastEndTime, d.Next = 0, schema.Succeeded, now-hour, 0
	case "unscheduled":
		e.NextFireTime, d.Next = 0, 0
	}
	require.NoError(b.t, sqldb.Insert(b.t.Context(), b.db, "QRTZ_EXECUTE", e))
	if child.Origin != "" {
		require.NoError(b.t, sqldb.Insert(b.t.Context(), b.db, "QRTZ_EXECUTE", child))
	}
	return reg, d
}

// calls are the statements of the store that change executes. What they report is
// not of interest here, but what they leave behind.
func calls(b *bench, reg store.Registration, d store.Due) map[string]func() error {
	ctx := b.t.Context()
	limits := store.Limits{Latest: now + 1000, Ahead: 250}
	claim := func(c store.Claim) func() error {
		return func() error { _, err := b.Claim(ctx, reg.NodeID, []store.Claim{c}, limits); return err }
	}
	ref := store.Ref{ID: 7, Nominal: now, Attempt: 1}
	end := func(c store.Completion) func() error {
		c.Ref = ref
		return func() error { _, err := b.Complete(ctx, reg.NodeID, []store.Completion{c}); return err }
	}
	row, child := b.family()
	gone := func(do func(context.Context, int64, []store.Ref, string) ([]store.Ref, error)) func() error {
		return func() error {
			b.exec("DELETE FROM QRTZ_NODE")
			for _, id := range []int64{7, 8} {
				at := ref
				at.ID = id
				if _, err := do(ctx, reg.NodeID, []store.Ref{at}, "gone"); err != nil {
					return err
				}
			}
			return nil
		}
	}
	out := map[string]func() error{
		"claim":          claim(store.Claim{Due: d, Nominal: d.Next, Attempt: 1, NextFire: now + hour}),
		"claim the last": claim(store.Claim{Due: d, Nominal: d.Next, Attempt: 1}),
		"skip":           claim(store.Claim{Due: d, NextFire: now + hour, Skipped: 1}),
		"skip the last":  claim(store.Claim{Due: d, Skipped: 1}),
		"fault":          func() error { _, err := b.Fault(ctx, d, "bad"); return err },
		"spill":          func() error { _, err := b.Spill(ctx, d); return err },
		"retry":          end(store.Completion{Outcome: schema.Failed, Again: &store.Again{Kind: schema.ChildRetry, Fails: 1}}),
		"hand over":      end(store.Completion{Again: &store.Again{Kind: schema.ChildRecovery}}),
		"recover":        gone(b.Recover),
		"lose":           gone(b.Lose),
		"schedule":       func() error { _, err := b.Schedule(ctx, *row, now+hour); return err },
		"complete":       func() error { _, err := b.Schedule(ctx, *row, 0); return err },
		"forget":         func() error { _, err := b.Forget(ctx, *row); return err },
		"evict": func() error {
			live, err := b.Homeless(ctx, []int64{reg.NodeID}, 0, 0, 10)
			for _, h := range live {
				_, err = b.Remove(ctx, h, "gone")
			}
			return err
		},
	}
	for _, o := range []schema.Outcome{schema.Succeeded, schema.Failed, schema.TimedOut, schema.Cancelled} {
		out["end "+string(o)] = end(store.Completion{Outcome: o})
	}
	if child != nil {
		c := store.Due{
			ID: 8, JobID: 1, JobType: schema.Simple, RepeatCount: 1, Start: now, End: -1, Next: child.NextFireTime, Attempt: 1,
			Origin: child.Origin, OriginID: 7,
		}
		out["claim the child"] = claim(store.Claim{Due: c, Nominal: now, Attempt: 2})
	}
	return out
}

// fireOf says what has become of the fire of now.
func fireOf(row, child *schema.Execute) string {
	switch {
	case row == nil:
		return "forgotten"
	case row.FireTime == now || child != nil && child.FireTime == now:
		return "flight"
	case child != nil:
		return "waiting"
	case row.SkipCount > 0:
		return "skipped"
	case row.LastFireTime == now:
		return string(row.LastState)
	case row.NextFireTime == now:
		return "due"
	}
	return "" // none of the fires that are looked at
}

// Every statement is tried in every situation and state; what it does to the
// execute and to its fire must be in the diagrams, and everything in the diagrams
// must have been done by one.
func TestTheEngineDoesWhatTheDiagramsSayAndNothingElse(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	drawnStates, drawnFires := drawn(t, "execute"), drawn(t, "fire")
	seenStates, seenFires := make(map[[2]string]bool), make(map[[2]string]bool)
	for _, scene := range scenes {
		for _, state := range schema.States {
			reg, d := b.stage(scene, state)
			for name := range calls(b, reg, d) {
				reg, d = b.stage(scene, state)
				before, carrier := b.family()
				fire := fireOf(before, carrier)
				require.NoError(t, calls(b, reg, d)[name](), "%s, %s, %s", name, scene, state)
				row, child := b.family()
				if row == nil {
					require.Equal(t, "forget", name)
					require.Nil(t, child, "its fire would be forgotten with it")
					require.Equal(t, schema.Complete, state, "%s, %s", name, scene)
					continue
				}
				if row.State != state {
					step := [2]string{string(state), string(row.State)}
					require.True(t, drawnStates[step], "execute %v by %q, %s", step, name, scene)
					seenStates[step] = true
				}
				moved := (child != nil && carrier == nil) || fireOf(row, child) != fire
				if step := [2]string{fire, fireOf(row, child)}; fire != "" && moved {
					require.True(t, drawnFires[step], "fire %v by %q, %s, %s", step, name, scene, state)
					seenFires[step] = true
				}
			}
		}
	}
	require.Equal(t, drawnStates, seenStates)
	require.Equal(t, drawnFires, seenFires)
}

// What an operator has said of a job is nowhere overwritten by its summary.
func TestTheEngineSummarisesJobsAsTheDiagramSays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	known, seen := drawn(t, "job"), make(map[[2]string]bool)
	for _, from := range schema.States {
		for _, to := range []schema.State{schema.Executing, schema.Complete, schema.Error} {
			b.stage("ended", to)
			b.exec("UPDATE QRTZ_JOB SET STATE = ?", string(from))
			all, err := b.Summaries(t.Context(), 0, 10)
			require.NoError(t, err)
			require.Len(t, all, 1)
			if from == schema.Init || from == schema.Paused || from == to {
				continue // the handler asks for no summary there
			}
			done, err := b.Summarise(t.Context(), all[0], to)
			require.NoError(t, err)
			require.True(t, done)
			step := [2]string{string(from), string(to)}
			require.True(t, known[step], "job %v", step)
			seen[step] = true
		}
	}
	require.Equal(t, known, seen)
}

// nodeOf says what there is under the node's key.
func (b *bench) nodeOf() string {
	b.t.Helper()
	var id int64
	found, err := b.db.One(b.t.Context(), []any{sqldb.Null(&id)}, "SELECT NODE_ID FROM QRTZ_NODE WHERE APPLICATION = 'app' AND HOST_IP = 'node'")
	require.NoError(b.t, err)
	switch {
	case !found:
		return "absent"
	case id == 0:
		return "kept"
	}
	return "live"
}

func TestNodesComeAndGoAsTheDiagramSays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	seen := make(map[[2]string]bool)
	step := func(do func() error) {
		from := b.nodeOf()
		require.NoError(t, do())
		if to := b.nodeOf(); to != from {
			seen[[2]string{from, to}] = true
		}
	}
	ends := map[string]func(reg store.Registration) error{
		"leaves": func(reg store.Registration) error { _, err := b.Deregister(t.Context(), reg); return err },
		"is removed": func(reg store.Registration) error {
			_, err := b.RemoveNode(t.Context(), store.Peer{Key: reg.Key, NodeID: reg.NodeID})
			return err
		},
	}
	for _, end := range ends {
		for _, paused := range []schema.Switch{schema.On, schema.Off} {
			b.reset()
			b.exec("DELETE FROM QRTZ_NODE")
			var reg store.Registration
			step(func() error { reg = b.register(); return nil })
			b.exec("UPDATE QRTZ_NODE SET STATE = ?", string(paused))
			step(func() error { return end(reg) })
			step(func() error { b.register(); return nil })
		}
	}
	require.Equal(t, drawn(t, "node"), seen)
}
