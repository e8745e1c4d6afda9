package client

import (
	"context"
	"time"

	"github.com/quartz-cluster/quartz/schema"
)

// PastFire is an attempt of a fire that has ended. One that was broken off and goes
// on, by a stop of its node or by [Client.SuspendExecute], is none.
type PastFire struct {
	Time     time.Time      `json:"time"`             // nominal
	Started  time.Time      `json:"started,omitzero"` // database's time; when it was claimed, where it was lost; zero: it never began
	Duration time.Duration  `json:"durationNs"`       // 0 where it was lost
	NodeID   ID             `json:"nodeId,omitempty"` // of the registration that claimed it
	Attempt  int            `json:"attempt"`
	Outcome  schema.Outcome `json:"outcome"`
	Error    string         `json:"error,omitempty"` // the first hundred bytes, on one line
}

func pastFires(column string) []PastFire {
	all := schema.Recent(column)
	out := make([]PastFire, len(all))
	for i, f := range all {
		out[i] = PastFire{
			Time: timeOf(f.Nominal), Started: timeOf(f.Started), Duration: time.Duration(f.Duration) * time.Millisecond,
			NodeID: ID(f.NodeID), Attempt: f.Attempt, Outcome: f.Outcome, Error: f.Error,
		}
	}
	return out
}

// seenExecute tells of an execute that was read, and of what its copies for single
// nodes ran.
func (c *Client) seenExecute(ctx context.Context, row schema.Execute) (*ExecuteInfo, error) {
	rows := []schema.Execute{row}
	err := c.db.JoinRecent(ctx, rows)
	return executeInfo(rows[0]), err
}
