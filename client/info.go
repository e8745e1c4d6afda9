package client

import (
	"encoding/json"
	"time"

	"github.com/quartz-cluster/quartz/client/internal/store"
	"github.com/quartz-cluster/quartz/schema"
)

// AppInfo is an app as it was read.
type AppInfo struct {
	Name        string      `json:"name"`
	Paused      bool        `json:"paused"`
	Maintenance bool        `json:"maintenance"`         // held idle, see BeginMaintenance
	Mode        schema.Mode `json:"mode"`                // where its executes run unless they say otherwise
	Master      ID          `json:"master,omitempty"`    // node id of the acting master
	MasterKey   string      `json:"masterKey,omitempty"` // its node key, as long as it is registered
	MasterEpoch int64       `json:"masterEpoch"`         // +1 at every change of the master
	Preferred   string      `json:"preferred,omitempty"` // node key that an operator prefers as master
	LastPass    time.Time   `json:"lastPass,omitzero"`   // of the ClusterMisfireHandler
	// Standalone says that the master is the app's only node, which runs without a
	// cluster: it has no row, and is not among the app's nodes.
	Standalone bool  `json:"standalone"`
	Version    int64 `json:"version"`
}

// NodeInfo is a node as it was read.
type NodeInfo struct {
	App       string        `json:"app"`
	Key       string        `json:"key"`
	HostName  string        `json:"hostName"`
	Paused    bool          `json:"paused"`
	Live      bool          `json:"live"`               // registered; otherwise the row only keeps an operator's word
	NodeID    ID            `json:"nodeId,omitempty"`   // of this registration
	Master    bool          `json:"master"`             // the app's acting master
	Barred    bool          `json:"barred"`             // never master: by an operator, or by its own configuration
	Draining  bool          `json:"draining"`           // it claims nothing, by an operator's command or since it stops
	Started   time.Time     `json:"started,omitzero"`   // database's time of registration
	LastBeat  time.Time     `json:"lastBeat,omitzero"`  // database's time of the last heartbeat
	BeatAge   time.Duration `json:"beatAgeNs"`          // how long ago that was, of a live node
	Capacity  int           `json:"capacity"`           // slots; none while it is draining
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
	Policies
	// Origin and OriginID are set on a child: what kind it is, and the execute
	// that it belongs to.
	Origin   schema.Origin `json:"origin,omitempty"`
	OriginID ID            `json:"originId,omitempty"`

	PrevFire time.Time `json:"prevFire,omitzero"` // zero: never yet
	NextFire time.Time `json:"nextFire,omitzero"` // zero: nothing is left to fire
	InFlight *Fire     `json:"inFlight,omitempty"`
	Last     *LastFire `json:"last,omitempty"`
	// Recent are the last fires, each attempt for itself, what ended last first: as
	// many as core.Config.RecentFires says. Of an execute that runs on all nodes, Get
	// and List tell of all nodes together, at most 30.
	Recent []PastFire `json:"recent,omitempty"`
	Counts Counts     `json:"counts"`
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
	// Stop is what a client has asked of it: CANCEL or SUSPEND.
	Stop schema.Stop `json:"stop,omitempty"`
}

// LastFire is the last fire that ended.
type LastFire struct {
	Time    time.Time      `json:"time"` // nominal
	Ended   time.Time      `json:"ended,omitzero"`
	Outcome schema.Outcome `json:"outcome"`
}

// Counts is the account of an execute.
type Counts struct {
	Fires      int64 `json:"fires"`      // ended with an outcome, whatever it was; attempts are not counted
	Failed     int64 `json:"failed"`     // of these FAILED or TIMED_OUT
	FailStreak int   `json:"failStreak"` // of these since the last success
	Skipped    int64 `json:"skipped"`    // by the misfire, overlap or deadline policy, or passed over by an edit
	Lost       int64 `json:"lost"`       // the node died with them; not among Fires
}

// timeOf returns a column's time; nothing is the zero time.
func timeOf(ms int64) time.Time {
	if ms < 1 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func appInfo(row store.AppSeen) *AppInfo {
	info := &AppInfo{
		Name: row.Application, Paused: row.State != schema.On, Maintenance: row.Maintenance == schema.On, Mode: row.Mode,
		Master: ID(row.Master), MasterKey: row.MasterKey, MasterEpoch: row.MasterEpoch, Preferred: row.MasterPrefer,
		LastPass: timeOf(row.TimePre), Version: row.Version,
	}
	if info.Mode == "" {
		info.Mode = schema.Any
	}
	if alone, is := standalone(row.App); is {
		info.Standalone, info.Master, info.MasterKey = true, ID(alone.NodeID), alone.Key
	}
	return info
}

func nodeInfo(row store.NodeSeen) *NodeInfo {
	info := &NodeInfo{
		App: row.Application, Key: row.Key, HostName: row.HostName, Paused: row.State != schema.On,
		Live: row.NodeID != 0, NodeID: ID(row.NodeID), Started: timeOf(row.TimeStart), LastBeat: timeOf(row.TimeCheck),
		Capacity: row.Capacity, Running: row.Running, Handlers: list(row.Handlers), Labels: list(row.Labels),
		ClockSkew: time.Duration(row.Skew) * time.Millisecond, Build: row.Build,
		Barred: row.Barred != "" && row.Barred != schema.Off,
	}
	if info.Live {
		info.Master, info.Draining = row.Master == row.NodeID, row.Capacity == 0
		info.BeatAge = time.Duration(max(row.Now-row.TimeCheck, 0)) * time.Millisecond
	}
	return info
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
		Schedule: scheduleOf(row), Data: decodeData(row.Data),
		Policies: policiesOf(row), Origin: row.Origin, OriginID: ID(row.OriginID),
		PrevFire: timeOf(row.PrevFireTime), NextFire: timeOf(row.NextFireTime),
		Counts: Counts{
			Fires: row.FireCount, Failed: row.FailCount, FailStreak: row.FailStreak,
			Skipped: row.SkipCount, Lost: row.LostCount,
		},
		LastError: row.LastError, Recent: pastFires(row.Recent),
		Version: row.Version, UpdatedAt: timeOf(row.UpdateTime), UpdatedBy: row.UpdatedBy, HostName: row.HostName,
	}
	if row.FireTime != 0 {
		info.InFlight = &Fire{
			Time: timeOf(row.FireTime), Attempt: row.FireAttempt,
			NodeID: ID(row.FireNode), Claimed: timeOf(row.FireStart), Stop: stopOf(row),
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
