package store

import (
	"github.com/quartz-cluster/quartz/internal/sqldb"
	"github.com/quartz-cluster/quartz/schema"
)

// Due is an execute that a scan found, with all that a claim decides by and names.
type Due struct {
	ID, JobID   int64
	Name        string
	Shard       int
	Version     int64
	JobType     schema.JobType
	Cron        string
	ZoneID      string
	RepeatCount int64
	Interval    int64
	Start, End  int64
	Prev, Next  int64
	High        int64 // newest nominal time ever claimed, 0 for none
	Misfire     schema.Misfire
	CatchUp     int
	Data        string

	Overlap    schema.Overlap
	OverlapMax int // fires at a time; 0: no limit
	RunOn      schema.RunOn
	Targets    string
	Priority   int
	Deadline   int64 // milliseconds; 0: none
	Timeout    int64 // milliseconds; 0: none

	Retries    int   // that a fire may use
	RetryDelay int64 // milliseconds before the first
	RetryCap   int64 // most milliseconds before one; 0: no cap
	Recover    int   // recoveries that a fire may use

	Attempt  int   // newest attempt of the newest fire
	Fails    int   // retries used
	FireTime int64 // nominal time of the fire in flight; 0: none
	FireNode int64 // node id of the last claim
	Started  int64 // when the last claim was
	Ended    int64 // when the last fire ended

	Origin     schema.Origin // kind of child; empty: none
	OriginID   int64
	Checkpoint string
	Trace      string // W3C trace context of whoever scheduled it; of a child that carries one fire: of that
	Of         Name   // of a child, once Origins was asked
	Occupied   bool   // something stands in its way

	JobName string
	Class   string
	JobData string
}

// dueColumns are Due's fields in the order of dest.
const dueColumns = `e.ID, e.PID, e.NAME, e.SHARD, e.VERSION, e.JOB_TYPE, e.CRON, e.ZONE_ID, e.REPEAT_COUNT, e.REPEAT_INTERVAL,
	e.START_TIME, e.END_TIME, e.PREV_FIRE_TIME, e.NEXT_FIRE_TIME, e.HIGH_TIME, e.MISFIRE, e.CATCH_UP, e.DATA,
	e.OVERLAP, e.OVERLAP_MAX, e.RUN_ON, e.TARGETS, e.PRIORITY, e.DEADLINE, e.TIMEOUT, e.RETRY_MAX, e.RETRY_DELAY, e.RETRY_CAP, e.RECOVER,
	e.FIRE_ATTEMPT, e.FIRE_FAILS, e.FIRE_TIME, e.FIRE_NODE, e.FIRE_START, e.LAST_END_TIME, e.ORIGIN, e.ORIGIN_ID, e.CHECKPOINT, e.TRACE`

func (d *Due) dest() []any {
	return []any{
		&d.ID, &d.JobID, sqldb.Null(&d.Name), sqldb.Null(&d.Shard), sqldb.Null(&d.Version), &d.JobType, sqldb.Null(&d.Cron), sqldb.Null(&d.ZoneID),
		sqldb.Null(&d.RepeatCount), sqldb.Null(&d.Interval), sqldb.Null(&d.Start), sqldb.Null(&d.End), sqldb.Null(&d.Prev), sqldb.Null(&d.Next),
		sqldb.Null(&d.High), sqldb.Null(&d.Misfire), sqldb.Null(&d.CatchUp), sqldb.Null(&d.Data),
		sqldb.Null(&d.Overlap), sqldb.Null(&d.OverlapMax), sqldb.Null(&d.RunOn), sqldb.Null(&d.Targets),
		sqldb.Null(&d.Priority), sqldb.Null(&d.Deadline), sqldb.Null(&d.Timeout),
		sqldb.Null(&d.Retries), sqldb.Null(&d.RetryDelay), sqldb.Null(&d.RetryCap), sqldb.Null(&d.Recover),
		sqldb.Null(&d.Attempt), sqldb.Null(&d.Fails), sqldb.Null(&d.FireTime), sqldb.Null(&d.FireNode), sqldb.Null(&d.Started), sqldb.Null(&d.Ended),
		sqldb.Null(&d.Origin), sqldb.Null(&d.OriginID), sqldb.Null(&d.Checkpoint), sqldb.Null(&d.Trace),
	}
}

// OneShot reports whether the row is a child that carries a single fire.
func (d *Due) OneShot() bool { return d.Origin != "" && d.Origin != schema.ChildAll }

// Traces returns the trace context of the fire to come, as far as there is one: that
// which its attempt before has left, or that of the call which scheduled it where it
// is the only fire; and that of the call where it is another.
func (d *Due) Traces() (own, call string) {
	switch {
	case d.OneShot() && d.Trace != d.Of.Trace:
		return d.Trace, d.Of.Trace
	case d.OneShot(), once(d.JobType, d.RepeatCount):
		return d.Trace, ""
	}
	return "", d.Trace
}

// once reports whether a schedule has a single instant, whose fire belongs to the
// trace of the call that scheduled it. Each of several has a trace of its own.
func once(kind schema.JobType, count int64) bool { return kind == schema.Simple && count == 1 }

// Execute returns what the execute is known by: a child goes by its origin.
func (d *Due) Execute() Name {
	if d.Of.ID != 0 {
		return d.Of
	}
	return Name{ID: d.ID, Name: d.Name, Trace: d.Trace}
}

// InFlight reports whether an earlier fire of the execute still runs.
func (d *Due) InFlight() bool { return d.FireTime != 0 }

// related reports whether other fires can stand in the way of the next one.
func (d *Due) related() bool {
	return d.OriginID != 0 || d.Overlap != "" && d.Overlap != schema.Allow || d.OverlapMax > 0
}
