package store

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/schema"
)

// claimed is a bench on which the node runs execute 7.
func claimed(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	b.claimAgain()
	return b
}

func (b *bench) claimAgain() {
	b.t.Helper()
	b.reset()
	taken, err := b.Claim(b.t.Context(), b.node.NodeID, []Claim{fire(b.due(7))}, limits)
	require.NoError(b.t, err)
	require.Len(b.t, taken, 1)
}

// Runs take turns at writing checkpoints: what keeps the lease has its connections,
// and a run whose context ends waits no longer.
func TestCheckpointsTakeTurns(t *testing.T) {
	t.Parallel()
	b := claimed(t)
	require.Equal(t, 1, cap(b.turns), "of a pool of one connection")
	b.turns <- struct{}{}
	over := errors.New("over")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(over)
	at := Ref{ID: 7, Nominal: now, Attempt: 1}
	_, err := b.Checkpoint(ctx, b.node.NodeID, at, `"here"`)
	require.ErrorIs(t, err, over)
	<-b.turns
	for range 2 {
		kept, err := b.Checkpoint(t.Context(), b.node.NodeID, at, `"here"`)
		require.NoError(t, err)
		require.True(t, kept)
	}
}

// otherFires are changes after which the fire of execute 7 is another one.
var otherFires = []string{
	"FIRE_NODE = FIRE_NODE + 1", "FIRE_TIME = FIRE_TIME + 1", "FIRE_ATTEMPT = FIRE_ATTEMPT + 1", "FIRE_TIME = NULL",
}

func TestAClaimNamesMaintenanceAndTheAttemptBefore(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, change := range []string{"UPDATE QRTZ_APP SET MAINTENANCE = 'Y'", "UPDATE QRTZ_EXECUTE SET FIRE_ATTEMPT = 4"} {
		b.reset()
		d := b.due(7)
		b.exec(change)
		taken, err := b.Claim(t.Context(), b.node.NodeID, []Claim{fire(d)}, limits)
		require.NoError(t, err)
		require.Empty(t, taken, change)
	}
}

// What only the master may run is claimed under the master's id and its epoch.
func TestAClaimOfTheMasterNamesItsEpoch(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	under := limits
	under.Epoch = 4
	for name, c := range map[string]struct {
		master, epoch int64 // by which the database's differ
		taken         bool
	}{
		"the master": {0, 0, true}, "another one": {1, 0, false}, "the master in another epoch": {0, 1, false},
	} {
		b.reset()
		d := b.due(7)
		b.exec("UPDATE QRTZ_APP SET MASTER = ?, MASTER_EPOCH = ?", b.node.NodeID+c.master, under.Epoch+c.epoch)
		taken, err := b.Claim(t.Context(), b.node.NodeID, []Claim{fire(d)}, under)
		require.NoError(t, err)
		require.Equal(t, c.taken, len(taken) == 1, name)
	}
}

func TestACheckpointNamesItsFire(t *testing.T) {
	t.Parallel()
	b := claimed(t)
	at := Ref{ID: 7, Nominal: now, Attempt: 1}
	save := func() bool {
		kept, err := b.Checkpoint(t.Context(), b.node.NodeID, at, `"here"`)
		require.NoError(t, err)
		return kept
	}
	require.True(t, save())
	require.Equal(t, `"here"`, b.row(7).Checkpoint)
	for _, change := range otherFires {
		b.claimAgain()
		b.exec("UPDATE QRTZ_EXECUTE SET " + change)
		require.False(t, save(), change)
		require.Empty(t, b.row(7).Checkpoint, change)
	}
}

// A fire makes way for the next one only if it is the fire that was found.
func TestASpillNamesItsFire(t *testing.T) {
	t.Parallel()
	b := claimed(t)
	d := func() *Due {
		return &Due{ID: 7, JobID: 1, Version: 3, Next: now + hour, FireTime: now, FireNode: b.node.NodeID, Attempt: 1}
	}
	for _, change := range append(otherFires, "VERSION = 4", "STATE = 'PAUSED'", "NEXT_FIRE_TIME = NEXT_FIRE_TIME + 1") {
		b.claimAgain()
		b.exec("UPDATE QRTZ_EXECUTE SET " + change)
		before := b.row(7)
		spilled, err := b.Spill(t.Context(), d())
		require.NoError(t, err)
		require.False(t, spilled, change)
		require.Equal(t, before, b.row(7), change)
	}
	b.claimAgain()
	spilled, err := b.Spill(t.Context(), d())
	require.NoError(t, err)
	require.True(t, spilled)
	require.Zero(t, b.row(7).FireTime)
}

// A completion leaves alone what an operator made of the execute meanwhile.
func TestACompletionLeavesThePauseAlone(t *testing.T) {
	t.Parallel()
	b := claimed(t)
	for _, state := range []schema.State{schema.Paused, schema.Error, schema.Executing} {
		b.claimAgain()
		b.exec("UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = NULL, STATE = ?", state)
		out, err := b.Complete(t.Context(), b.node.NodeID, []Completion{{Ref: Ref{ID: 7, Nominal: now, Attempt: 1}, Outcome: schema.Succeeded}})
		require.NoError(t, err)
		require.Len(t, out.Written, 1)
		want := state
		if state == schema.Executing {
			want = schema.Complete
		}
		require.Equal(t, want, b.row(7).State)
	}
}

// Who was removed and is late to leave takes nobody's place away.
func TestALeavingNodeLeavesItsSuccessor(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	old := b.node
	b.exec("DELETE FROM QRTZ_NODE")
	successor := b.register("node")
	require.Equal(t, old.Key, successor.Key)
	removed, err := b.Deregister(t.Context(), old)
	require.NoError(t, err)
	require.False(t, removed)
	stands, err := b.Heartbeat(t.Context(), successor, Report{})
	require.NoError(t, err)
	require.True(t, stands)
}

// A pass belongs to the one that read what it took.
func TestAPassIsWonOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c, err := b.Cluster(t.Context())
	require.NoError(t, err)
	for i, want := range []bool{true, false} {
		won, err := b.WinPass(t.Context(), c.TimeNext, now+3000+int64(i))
		require.NoError(t, err)
		require.Equal(t, want, won)
	}
	won, err := b.WinPass(t.Context(), now+3000, now+6000)
	require.NoError(t, err)
	require.True(t, won)
}

// What the handler writes names what it was decided by: nothing that somebody
// changed meanwhile is overwritten.
func TestTheHandlersChangesNameWhatTheyWereDecidedBy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const execute, job = "UPDATE QRTZ_EXECUTE SET ", "UPDATE QRTZ_JOB SET "
	paused, edited, busy := execute+"STATE = 'PAUSED'", execute+"VERSION = 9", execute+"FIRE_TIME = 1"
	for name, c := range map[string]struct {
		set     string // how the execute is found
		do      func(e schema.Execute) (bool, error)
		changes []string
	}{
		"fault": {
			"LAST_ERROR = NULL",
			func(e schema.Execute) (bool, error) {
				return b.Fault(t.Context(), Due{ID: e.ID, Version: e.Version, Next: e.NextFireTime}, "bad")
			},
			[]string{paused, edited, busy, execute + "NEXT_FIRE_TIME = NEXT_FIRE_TIME + 1"},
		},
		"note": {
			"LAST_ERROR = NULL",
			func(e schema.Execute) (bool, error) {
				return b.Note(t.Context(), Stuck{Due: Due{ID: e.ID, Next: e.NextFireTime}}, "nobody")
			},
			[]string{paused, busy, execute + "NEXT_FIRE_TIME = NEXT_FIRE_TIME + 1", execute + "LAST_ERROR = 'other'"},
		},
		"adopt": {
			"APPLICATION = NULL",
			func(e schema.Execute) (bool, error) { return b.Adopt(t.Context(), e, e.StartTime) },
			[]string{execute + "APPLICATION = 'other'", execute + "START_TIME = 5", execute + "NEXT_FIRE_TIME = NEXT_FIRE_TIME + 1"},
		},
		"schedule": {
			"NEXT_FIRE_TIME = NULL",
			func(e schema.Execute) (bool, error) { return b.Schedule(t.Context(), e, now+hour) },
			[]string{paused, edited, busy, execute + "NEXT_FIRE_TIME = 77"},
		},
		"complete": {
			"NEXT_FIRE_TIME = NULL",
			func(e schema.Execute) (bool, error) { return b.Schedule(t.Context(), e, 0) },
			[]string{paused, edited, busy, execute + "NEXT_FIRE_TIME = 77"},
		},
		"summarise as complete": {
			"STATE = 'COMPLETE'",
			func(schema.Execute) (bool, error) {
				return b.Summarise(t.Context(), Summary{JobID: 1, State: schema.Executing}, schema.Complete)
			},
			[]string{job + "STATE = 'PAUSED'", execute + "STATE = 'EXECUTING'", execute + "STATE = 'ERROR'"},
		},
		"summarise as failed": {
			"STATE = 'ERROR'",
			func(schema.Execute) (bool, error) {
				return b.Summarise(t.Context(), Summary{JobID: 1, State: schema.Executing}, schema.Error)
			},
			[]string{job + "STATE = 'PAUSED'", execute + "STATE = 'EXECUTING'"},
		},
		"forget": {
			"STATE = 'COMPLETE', LAST_END_TIME = 5",
			func(e schema.Execute) (bool, error) { return b.Forget(t.Context(), e) },
			[]string{execute + "STATE = 'EXECUTING'", edited, busy, execute + "LAST_END_TIME = 6"},
		},
	} {
		for _, change := range append(c.changes, "") {
			b.reset()
			b.due(7)
			b.exec(execute + c.set)
			e := b.row(7)
			if change != "" {
				b.exec(change)
			}
			before := b.row(7)
			done, err := c.do(e)
			require.NoError(t, err, name)
			require.Equal(t, change == "", done, "%s: %s", name, change)
			if change != "" {
				require.Equal(t, before, b.row(7), "%s: %s", name, change)
			}
		}
	}
}
