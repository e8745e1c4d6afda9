package client

import (
	"encoding/json"
	"time"

	"github.com/quartz-cluster/quartz/schema"
)

// AppInfo is an app as it was read.
type AppInfo struct {
	Name     string    `json:"name"`
	Paused   bool      `json:"paused"`
	Master   ID        `json:"master,omitempty"`  // node id of the acting master
	LastPass time.Time `json:"lastPass,omitzero"` // of the ClusterMisfireHandler
	Version  int64     `json:"version"`
}

// NodeInfo is a node as it was read.
type NodeInfo struct {
	App       string        `json:"app"`
	Key       string        `json:"key"`
	HostName  string        `json:"hostName"`
	Paused    bool          `json:"paused"`
	Live      bool          `json:"live"`               // registered; otherwise the row only keeps an operator's word
	NodeID    ID            `json:"nodeId,omitempty"`   // of this registration
	Started   time.Time     `json:"started,omitzero"`   // database's time of registration
	LastBeat  time.Time     `json:"lastBeat,omitzero"`  // database's time of the last heartbeat
	Capacity  int           `json:"capacity"`           // slots
	Running   int           `json:"running"`            // slots in use at the last heartbeat
	Handlers  []string      `json:"handlers,omitempty"` // the classes that it can run
	Labels    []string      `json:"labels,omitempty"`
	ClockSkew time.Duration `json:"clockSkewNs"` // its clock minus the database's
	Build     string        `json:"build,omitempty"`
}

// JobInfo is a job as it was read.
type JobInfo struct {
	ID          ID              `json:"id"`
	App         string          `json:"app"`
	Name        string          `json:"name,omitempty"`
	Class       string          `json:"class"`
	Data        json.RawMessage `json:"data,omitempty"`
	Description string          `json:"description,omitempty"`
	State       schema.State    `json:"state"`
	Version     int64           `json:"version"`
	UpdatedAt   time.Time       `json:"updatedAt,omitzero"`
	UpdatedBy   string          `json:"updatedBy,omitempty"`
}

// ExecuteInfo is an execute as it was read.
type ExecuteInfo struct {
	ID       ID              `json:"id"`
	JobID    ID              `json:"jobId"`
	App      string          `json:"app"`
	Name     string          `json:"name,omitempty"`
	State    schema.State    `json:"state"`
	Schedule Schedule        `json:"schedule"`
	Data     json.RawMessage `json:"data,omitempty"` // overrides the job's
	Misfire  schema.Misfire  `json:"misfire"`
	CatchUp  int             `json:"catchUp,omitempty"`

	PrevFire time.Time `json:"prevFire,omitzero"` // zero: never yet
	NextFire time.Time `json:"nextFire,omitzero"` // zero: nothing is left to fire
	InFlight *Fire     `json:"inFlight,omitempty"`
	Last     *LastFire `json:"last,omitempty"`
	Counts   Counts    `json:"counts"`
	// LastError is why the last failed fire failed, or why the execute is in
	// ERROR.
	LastError string `json:"lastError,omitempty"`

	Version   int64     `json:"version"`
	UpdatedAt time.Time `json:"updatedAt,omitzero"`
	UpdatedBy string    `json:"updatedBy,omitempty"`
	HostName  string    `json:"hostName"` // who last wrote the row: a client or the node that claimed
}

// Fire is the fire in flight: claimed and not yet completed.
type Fire struct {
	Time    time.Time `json:"time"` // nominal
	Attempt int       `json:"attempt"`
	NodeID  ID        `json:"nodeId"`
	Claimed time.Time `json:"claimed,omitzero"` // database's time
}

// LastFire is the last fire that ended.
type LastFire struct {
	Time    time.Time      `json:"time"` // nominal
	Ended   time.Time      `json:"ended,omitzero"`
	Outcome schema.Outcome `json:"outcome"`
}

// Counts is the account of an execute.
type Counts struct {
	Fires      int64 `json:"fires"`
	Failed     int64 `json:"failed"`
	FailStreak int   `json:"failStreak"` // failures since the last success
	Skipped    int64 `json:"skipped"`    // by the misfire policy, or passed over by an edit
	Lost       int64 `json:"lost"`       // the node died with them
}

// timeOf returns a column's time; nothing is the zero time.
func timeOf(ms int64) time.Time {
	if ms < 1 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func appInfo(row schema.App) *AppInfo {
	return &AppInfo{
		Name: row.Application, Paused: row.State != schema.On, Master: ID(row.Master),
		LastPass: timeOf(row.TimePre), Version: row.Version,
	}
}

func nodeInfo(row schema.Node) *NodeInfo {
	return &NodeInfo{
		App: row.Application, Key: row.Key, HostName: row.HostName, Paused: row.State != schema.On,
		Live: row.NodeID != 0, NodeID: ID(row.NodeID), Started: timeOf(row.TimeStart), LastBeat: timeOf(row.TimeCheck),
		Capacity: row.Capacity, Running: row.Running, Handlers: list(row.Handlers), Labels: list(row.Labels),
		ClockSkew: time.Duration(row.Skew) * time.Millisecond, Build: row.Build,
	}
}

// list reads a JSON array of strings; what is none shows as one string.
func list(text string) []string {
	if text == "" {
		return nil
	}
	var out []string
	if json.Unmarshal([]byte(text), &out) != nil {
		return []string{text}
	}
	return out
}

func jobInfo(row schema.Job) *JobInfo {
	return &JobInfo{
		ID: ID(row.ID), App: row.Application, Name: row.Name, Class: row.Class, Data: decodeData(row.Data),
		Description: row.Description, State: row.State, Version: row.Version,
		UpdatedAt: timeOf(row.UpdateTime), UpdatedBy: row.UpdatedBy,
	}
}

func executeInfo(row schema.Execute) *ExecuteInfo {
	info := &ExecuteInfo{
		ID: ID(row.ID), JobID: ID(row.PID), App: row.Application, Name: row.Name, State: row.State,
		Schedule: scheduleOf(row), Data: decodeData(row.Data), Misfire: row.Misfire, CatchUp: row.CatchUp,
		PrevFire: timeOf(row.PrevFireTime), NextFire: timeOf(row.NextFireTime),
		Counts: Counts{
			Fires: row.FireCount, Failed: row.FailCount, FailStreak: row.FailStreak,
			Skipped: row.SkipCount, Lost: row.LostCount,
		},
		LastError: row.LastError,
		Version:   row.Version, UpdatedAt: timeOf(row.UpdateTime), UpdatedBy: row.UpdatedBy, HostName: row.HostName,
	}
	if info.Misfire == "" {
		info.Misfire = schema.FireOnce
	}
	if row.FireTime != 0 {
		info.InFlight = &Fire{
			Time: timeOf(row.FireTime), Attempt: row.FireAttempt,
			NodeID: ID(row.FireNode), Claimed: timeOf(row.FireStart),
		}
	}
	if row.LastState != "" {
		info.Last = &LastFire{Time: timeOf(row.LastFireTime), Ended: timeOf(row.LastEndTime), Outcome: row.LastState}
	}
	return info
}

// scheduleOf returns the schedule of a row with its start, so that edits of it
// keep the slots where they are.
func scheduleOf(row schema.Execute) Schedule {
	c := columnsOf(row)
	return Schedule{
		Type: c.jobType, Cron: c.cron, Zone: c.zone, Count: max(c.count, 0),
		Interval: time.Duration(c.interval) * time.Millisecond, Start: timeOf(c.start), End: timeOf(c.end),
	}
}

func infos[R, I any](rows []R, info func(R) *I) []*I {
	out := make([]*I, len(rows))
	for i, row := range rows {
		out[i] = info(row)
	}
	return out
}
