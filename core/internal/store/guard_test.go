package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/quartz-cluster/quartz/schema"
)

func TestAClaimTakesWhatIsAsItWasFound(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d := b.due(7)
	taken, err := b.Claim(t.Context(), b.node.NodeID, []Claim{fire(d)}, limits)
	require.NoError(t, err)
	require.Equal(t, []int64{7}, taken)
	row := b.row(7)
	require.Equal(t, now, row.FireTime)
	require.Equal(t, now, row.HighTime)
	require.Equal(t, now, row.PrevFireTime)
	require.Equal(t, now, row.FireStart)
	require.Equal(t, now+hour, row.NextFireTime)
	require.Equal(t, b.node.NodeID, row.FireNode)
	require.Equal(t, 1, row.FireAttempt)
	require.EqualValues(t, 1, row.TimeTriggered)
	require.EqualValues(t, 3, row.Version, "counts clients' edits alone")

	taken, err = b.Claim(t.Context(), b.node.NodeID, []Claim{fire(d)}, limits)
	require.NoError(t, err)
	require.Empty(t, taken, "once")
}

func TestAClaimNamesWhatItWasDecidedBy(t *testing.T) {
	t.Parallel()
	changes := map[string]string{
		"app":     "UPDATE QRTZ_APP SET STATE = 'N'",
		"node":    "UPDATE QRTZ_NODE SET STATE = 'N'",
		"removed": "DELETE FROM QRTZ_NODE",
		"left":    "UPDATE QRTZ_NODE SET NODE_ID = NULL",
		"another": "UPDATE QRTZ_NODE SET NODE_ID = NODE_ID + 1",
		"job":     "UPDATE QRTZ_JOB SET STATE = 'PAUSED'",
		"no app":  "DELETE FROM QRTZ_APP",
		"no job":  "DELETE FROM QRTZ_JOB",
	}
	for _, column := range []string{
		"VERSION = 4", "STATE = 'PAUSED'", "STATE = 'INIT'", "STATE = 'COMPLETE'", "STATE = 'ERROR'", "NEXT_FIRE_TIME = NEXT_FIRE_TIME + 1",
		"NEXT_FIRE_TIME = NULL", "HIGH_TIME = NEXT_FIRE_TIME", "HIGH_TIME = 1", "FIRE_TIME = 1", "JOB_TYPE = 'CRON'", "CRON = 'x'", "ZONE_ID = 'x'",
		"REPEAT_COUNT = 7", "REPEAT_INTERVAL = 7", "START_TIME = 7", "END_TIME = 7",
	} {
		changes[column] = "UPDATE QRTZ_EXECUTE SET " + column
	}
	b := newBench(t)
	for name, change := range changes {
		b.reset()
		d := b.due(7)
		b.exec(change)
		before := b.row(7)
		one := Skips{Misfire: 1}
		for what, c := range map[string]Claim{"fire": fire(d), "skip": {Due: d, NextFire: d.Next + hour, Skipped: one}, "end": {Due: d, Skipped: one}} {
			taken, err := b.Claim(t.Context(), b.node.NodeID, []Claim{c}, limits)
			require.NoError(t, err)
			require.Empty(t, taken, "%s: %s", name, what)
			require.Equal(t, before, b.row(7), "%s: %s", name, what)
		}
	}
}

func TestAClaimHasItsTime(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, c := range map[string]struct {
		clock int64
		taken bool
	}{
		"at the instant": {now, true}, "as far ahead as may be": {now - 250, true}, "too far ahead": {now - 251, false},
		"at the latest": {now + 2000, true}, "too late": {now + 2001, false},
	} {
		b.reset()
		d := b.due(7)
		b.clock = c.clock
		taken, err := b.Claim(t.Context(), b.node.NodeID, []Claim{fire(d)}, limits)
		require.NoError(t, err)
		require.Equal(t, c.taken, len(taken) == 1, name)
	}
}

// Of a batch, what can be taken is, and only that is answered.
func TestAClaimOfManyTakesWhatItCan(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var batch []Claim
	for id := int64(8); id <= 80; id += 8 { // of one shard
		d := b.due(id)
		batch = append(batch, fire(d))
		b.exec("UPDATE QRTZ_EXECUTE SET NEXT_FIRE_TIME = ? WHERE ID = ?", now+1, id) // so that the next is found alone
		batch[len(batch)-1].Next, batch[len(batch)-1].Nominal = now+1, now+1
	}
	b.exec("UPDATE QRTZ_EXECUTE SET STATE = 'PAUSED' WHERE ID = 16")
	b.exec("UPDATE QRTZ_EXECUTE SET VERSION = 9 WHERE ID = 40")
	b.exec("INSERT INTO QRTZ_JOB (ID, APPLICATION, STATE, JOB_CLASS, UPDATE_TIME) VALUES (2, 'app', 'PAUSED', 'work', 0)")
	b.exec("UPDATE QRTZ_EXECUTE SET PID = 2 WHERE ID = 64")
	taken, err := b.Claim(t.Context(), b.node.NodeID, batch, limits)
	require.NoError(t, err)
	require.ElementsMatch(t, []int64{8, 24, 32, 48, 56, 72, 80}, taken)
}

func TestACompletionNamesItsFire(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	other := b.register("other")
	taken, err := b.Claim(t.Context(), b.node.NodeID, []Claim{fire(b.due(7))}, limits)
	require.NoError(t, err)
	require.Len(t, taken, 1)
	before := b.row(7)
	done := Completion{Ref: Ref{7, now, 1}, Outcome: schema.Succeeded}
	complete := func(node int64, c Completion) Completed {
		out, err := b.Complete(t.Context(), node, []Completion{c})
		require.NoError(t, err)
		return out
	}
	others := map[string]struct {
		node int64
		Completion
	}{
		"another node":    {other.NodeID, done},
		"another time":    {b.node.NodeID, Completion{Ref: Ref{7, now + 1, 1}, Outcome: schema.Succeeded}},
		"another attempt": {b.node.NodeID, Completion{Ref: Ref{7, now, 2}, Outcome: schema.Succeeded}},
		"another execute": {b.node.NodeID, Completion{Ref: Ref{8, now, 1}, Outcome: schema.Succeeded}},
	}
	for name, c := range others {
		require.Equal(t, Completed{Superseded: []Ref{c.Ref}}, complete(c.node, c.Completion), name)
		require.Equal(t, before, b.row(7), name)
	}
	require.Equal(t, Completed{Written: []Ref{done.Ref}}, complete(b.node.NodeID, done))
	require.Equal(t, schema.Succeeded, b.row(7).LastState)
	written := b.row(7)
	require.Equal(t, Completed{Written: []Ref{done.Ref}}, complete(b.node.NodeID, done), "as before")
	for name, c := range others {
		require.Equal(t, Completed{Superseded: []Ref{c.Ref}}, complete(c.node, c.Completion), "%s: that was not written", name)
	}
	failed := done
	failed.Outcome = schema.Failed
	require.Equal(t, Completed{Superseded: []Ref{done.Ref}}, complete(b.node.NodeID, failed), "nor was another outcome")
	require.Equal(t, written, b.row(7), "once")
	b.KeepRecent(0)
	b.exec("UPDATE QRTZ_EXECUTE SET RECENT = NULL WHERE ID = 7")
	require.Equal(t, Completed{Superseded: []Ref{done.Ref}}, complete(b.node.NodeID, done), "nothing tells")
}

// Whoever was removed, or registered anew, renews nothing.
func TestAHeartbeatNamesItsRegistration(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	beat := func(reg Registration) bool {
		stands, err := b.Heartbeat(t.Context(), reg, Report{Running: 1})
		require.NoError(t, err)
		return stands
	}
	require.True(t, beat(b.node))
	_, err := b.Deregister(t.Context(), b.node)
	require.NoError(t, err)
	require.False(t, beat(b.node))
	again := b.register("node")
	require.Equal(t, b.node.Key, again.Key)
	require.Greater(t, again.NodeID, b.node.NodeID)
	require.False(t, beat(b.node))
	require.True(t, beat(again))
}

// A node is removed only if it still shows the beat that it was judged by.
func TestARemovalNamesTheBeat(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	peer := Peer{Key: b.node.Key, NodeID: b.node.NodeID, Beat: 0}
	_, err := b.Heartbeat(t.Context(), b.node, Report{Running: 1})
	require.NoError(t, err)
	removed, err := b.RemoveNode(t.Context(), peer)
	require.NoError(t, err)
	require.False(t, removed)
	peer.Beat = 1
	removed, err = b.RemoveNode(t.Context(), peer)
	require.NoError(t, err)
	require.True(t, removed)
}

// A fire is lost only while nobody lives who holds it, and it is still that fire.
func TestALossNamesTheFireAndItsNode(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, err := b.Claim(t.Context(), b.node.NodeID, []Claim{fire(b.due(7))}, limits)
	require.NoError(t, err)
	f := Flight{Ref: Ref{7, now, 1}, JobID: 1, NodeID: b.node.NodeID}
	lose := func(f Flight) bool {
		lost, err := b.Lose(t.Context(), f.NodeID, []Ref{f.Ref}, "gone")
		require.NoError(t, err)
		return len(lost.Written) == 1
	}
	require.False(t, lose(f), "its node lives")
	_, err = b.Deregister(context.WithoutCancel(t.Context()), b.node)
	require.NoError(t, err)
	for i, other := range []Flight{
		{Ref: Ref{7, now + 1, 1}, NodeID: f.NodeID},
		{Ref: Ref{7, now, 2}, NodeID: f.NodeID},
		{Ref: Ref{7, now, 1}, NodeID: 5},
	} {
		require.False(t, lose(other), fmt.Sprint(i))
	}
	require.True(t, lose(f))
	require.False(t, lose(f), "once")
	row := b.row(7)
	require.EqualValues(t, 1, row.LostCount)
	require.Equal(t, schema.Executing, row.State)
	require.Equal(t, now+hour, row.NextFireTime)
}

// Any text is stored: PostgreSQL takes neither NUL nor what is no UTF-8.
func TestClip(t *testing.T) {
	t.Parallel()
	require.Equal(t, "ab", Clip("a\x00b"))
	require.Equal(t, "caf\uFFFD", Clip("caf\xe9"))
	full := strings.Repeat("x", schema.MaxError)
	require.Equal(t, full, Clip(full))
	require.Equal(t, full[3:]+"…", Clip(full+"x"))
	long := Clip(strings.Repeat("ä", schema.MaxError))
	require.LessOrEqual(t, len(long), schema.MaxError)
	require.True(t, utf8.ValidString(long))
	require.True(t, strings.HasSuffix(long, "ä…"))
}
