package schema

// App is a row of QRTZ_APP.
type App struct {
	Application  string `gorm:"column:APPLICATION;primaryKey" json:"application"`
	State        Switch `gorm:"column:STATE" json:"state"`
	TimePre      int64  `gorm:"column:TIME_PRE" json:"timePre"`                          // last pass of the ClusterMisfireHandler
	TimeNext     int64  `gorm:"column:TIME_NEXT" quartz:"notnull" json:"timeNext"`       // its next pass; also what a pass is won by
	TimeInterval int64  `gorm:"column:TIME_INTERVAL" json:"timeInterval,omitempty"`      // for readers of the Java edition
	NodeSeq      int64  `gorm:"column:NODE_SEQ" json:"nodeSeq,string,omitempty"`         // newest node id given out
	Master       int64  `gorm:"column:MASTER" json:"master,string,omitempty"`            // node id of the master; negative: of a standalone node
	MasterEpoch  int64  `gorm:"column:MASTER_EPOCH" quartz:"notnull" json:"masterEpoch"` // +1 at every change of the master
	MasterPrefer string `gorm:"column:MASTER_PREFER" json:"masterPrefer,omitempty"`      // node key that an operator prefers
	Maintenance  Switch `gorm:"column:MAINTENANCE" json:"maintenance,omitempty"`         // Y while the app is held idle
	Mode         Mode   `gorm:"column:MODE" json:"mode,omitempty"`                       // ANY or MASTER_ONLY
	Version      int64  `gorm:"column:VERSION" quartz:"notnull" json:"version"`          // counts clients' edits
	Events       string `gorm:"column:EVENTS" json:"events,omitempty"`                   // JSON ring of lifecycle events
}

// Node is a row of QRTZ_NODE: a live node where NodeID is set, otherwise what an
// operator left for whoever registers under the key.
type Node struct {
	Application string `gorm:"column:APPLICATION;primaryKey" json:"application"`
	Key         string `gorm:"column:HOST_IP;primaryKey" json:"key"` // the node key: configured, or the host's address
	HostName    string `gorm:"column:HOST_NAME" json:"hostName"`
	State       Switch `gorm:"column:STATE" json:"state"`
	TimeCheck   int64  `gorm:"column:TIME_CHECK" quartz:"notnull" json:"timeCheck"` // database time of the last heartbeat
	NodeID      int64  `gorm:"column:NODE_ID" json:"nodeId,string,omitempty"`       // identity, fence and seniority of this registration
	Beat        int64  `gorm:"column:BEAT" quartz:"notnull" json:"beat"`            // +1 per heartbeat
	TimeStart   int64  `gorm:"column:TIME_START" json:"timeStart,omitempty"`        // database time of registration
	Capacity    int    `gorm:"column:CAPACITY" quartz:"notnull" json:"capacity"`    // slots
	Running     int    `gorm:"column:RUNNING" quartz:"notnull" json:"running"`      // slots in use at the last heartbeat
	Handlers    string `gorm:"column:HANDLERS" json:"handlers,omitempty"`           // JSON array of the classes it can run
	Labels      string `gorm:"column:LABELS" json:"labels,omitempty"`               // JSON array
	Barred      Switch `gorm:"column:BARRED" json:"barred,omitempty"`               // Y: never master; C: by its own configuration
	Skew        int64  `gorm:"column:SKEW" quartz:"notnull" json:"skew"`            // node clock minus database clock, milliseconds
	Build       string `gorm:"column:BUILD" json:"build,omitempty"`
	AppSeen     int64  `gorm:"column:APP_SEEN" quartz:"notnull" json:"appSeen"` // the app's VERSION that it has acted on
	Command     string `gorm:"column:COMMAND" json:"command,omitempty"`
	CommandAck  string `gorm:"column:COMMAND_ACK" json:"commandAck,omitempty"`
}

// Job is a row of QRTZ_JOB.
type Job struct {
	ID          int64  `gorm:"column:ID;primaryKey" json:"id,string"`
	Application string `gorm:"column:APPLICATION" json:"application"`
	State       State  `gorm:"column:STATE" json:"state"`
	Class       string `gorm:"column:JOB_CLASS" json:"class"` // handler name
	Data        string `gorm:"column:JOB_DATA" json:"data,omitempty"`
	Description string `gorm:"column:JOB_DESCRIPTION" json:"description,omitempty"`
	UpdateTime  int64  `gorm:"column:UPDATE_TIME" quartz:"notnull" json:"updateTime"`
	Name        string `gorm:"column:NAME" json:"name,omitempty"` // unique in its app, optional
	Version     int64  `gorm:"column:VERSION" quartz:"notnull" json:"version"`
	UpdatedBy   string `gorm:"column:UPDATED_BY" json:"updatedBy,omitempty"`
}

// Execute is a row of QRTZ_EXECUTE: a schedule, its policies, the fire in flight
// and the account of what was.
type Execute struct {
	ID             int64   `gorm:"column:ID;primaryKey" json:"id,string"`
	PID            int64   `gorm:"column:PID" json:"pid,string"` // its job
	JobType        JobType `gorm:"column:JOB_TYPE" json:"jobType"`
	State          State   `gorm:"column:STATE" json:"state"`
	Cron           string  `gorm:"column:CRON" json:"cron,omitempty"`
	ZoneID         string  `gorm:"column:ZONE_ID" json:"zoneId,omitempty"` // IANA name; empty is UTC
	RepeatCount    int64   `gorm:"column:REPEAT_COUNT" json:"repeatCount,omitempty"`
	RepeatInterval int64   `gorm:"column:REPEAT_INTERVAL" json:"repeatInterval,omitempty"`
	TimeTriggered  int64   `gorm:"column:TIME_TRIGGERED" quartz:"notnull" json:"timeTriggered"`
	PrevFireTime   int64   `gorm:"column:PREV_FIRE_TIME" json:"prevFireTime,omitempty"`
	NextFireTime   int64   `gorm:"column:NEXT_FIRE_TIME" json:"nextFireTime,omitempty"`
	HostIP         string  `gorm:"column:HOST_IP" json:"hostIp"`     // who last wrote the row
	HostName       string  `gorm:"column:HOST_NAME" json:"hostName"` // who last wrote the row
	StartTime      int64   `gorm:"column:START_TIME" quartz:"notnull" json:"startTime"`
	EndTime        int64   `gorm:"column:END_TIME" quartz:"notnull" json:"endTime"` // below 1: none

	Application string `gorm:"column:APPLICATION" json:"application,omitempty"` // copied from the job
	Shard       int    `gorm:"column:SHARD" quartz:"notnull" json:"shard"`
	Name        string `gorm:"column:NAME" json:"name,omitempty"` // unique in its job, optional
	Data        string `gorm:"column:DATA" json:"data,omitempty"` // overrides the job's
	Version     int64  `gorm:"column:VERSION" quartz:"notnull" json:"version"`
	UpdateTime  int64  `gorm:"column:UPDATE_TIME" json:"updateTime,omitempty"`
	UpdatedBy   string `gorm:"column:UPDATED_BY" json:"updatedBy,omitempty"`

	Misfire    Misfire `gorm:"column:MISFIRE" json:"misfire,omitempty"`
	CatchUp    int     `gorm:"column:CATCH_UP" json:"catchUp,omitempty"`
	Overlap    Overlap `gorm:"column:OVERLAP" json:"overlap,omitempty"`
	OverlapMax int     `gorm:"column:OVERLAP_MAX" json:"overlapMax,omitempty"`
	RunOn      RunOn   `gorm:"column:RUN_ON" json:"runOn,omitempty"`
	Targets    string  `gorm:"column:TARGETS" json:"targets,omitempty"`
	Priority   int     `gorm:"column:PRIORITY" quartz:"notnull" json:"priority"`
	Deadline   int64   `gorm:"column:DEADLINE" json:"deadline,omitempty"`
	Timeout    int64   `gorm:"column:TIMEOUT" json:"timeout,omitempty"`
	RetryMax   int     `gorm:"column:RETRY_MAX" json:"retryMax,omitempty"`
	RetryDelay int64   `gorm:"column:RETRY_DELAY" json:"retryDelay,omitempty"`
	RetryCap   int64   `gorm:"column:RETRY_CAP" json:"retryCap,omitempty"`
	PauseAfter int     `gorm:"column:PAUSE_AFTER" json:"pauseAfter,omitempty"`
	Recover    int     `gorm:"column:RECOVER" json:"recover,omitempty"` // recoveries after the loss of a node; 0 is none

	HighTime    int64  `gorm:"column:HIGH_TIME" json:"highTime,omitempty"`        // newest nominal time ever claimed
	FireNode    int64  `gorm:"column:FIRE_NODE" json:"fireNode,string,omitempty"` // node id of the last claim
	FireTime    int64  `gorm:"column:FIRE_TIME" json:"fireTime,omitempty"`        // nominal time of the fire in flight
	FireAttempt int    `gorm:"column:FIRE_ATTEMPT" json:"fireAttempt,omitempty"`
	FireFails   int    `gorm:"column:FIRE_FAILS" json:"fireFails,omitempty"`
	FireStart   int64  `gorm:"column:FIRE_START" json:"fireStart,omitempty"` // database time of the claim
	Cancel      string `gorm:"column:CANCEL" json:"cancel,omitempty"`        // names the fire to cancel: nominal time and attempt
	Checkpoint  string `gorm:"column:CHECKPOINT" json:"checkpoint,omitempty"`

	LastState    Outcome `gorm:"column:LAST_STATE" json:"lastState,omitempty"`
	LastFireTime int64   `gorm:"column:LAST_FIRE_TIME" json:"lastFireTime,omitempty"`
	LastEndTime  int64   `gorm:"column:LAST_END_TIME" json:"lastEndTime,omitempty"`
	LastError    string  `gorm:"column:LAST_ERROR" json:"lastError,omitempty"`
	FireCount    int64   `gorm:"column:FIRE_COUNT" quartz:"notnull" json:"fireCount"`
	FailCount    int64   `gorm:"column:FAIL_COUNT" quartz:"notnull" json:"failCount"`
	FailStreak   int     `gorm:"column:FAIL_STREAK" quartz:"notnull" json:"failStreak"`
	SkipCount    int64   `gorm:"column:SKIP_COUNT" quartz:"notnull" json:"skipCount"`
	LostCount    int64   `gorm:"column:LOST_COUNT" quartz:"notnull" json:"lostCount"`
	Recent       string  `gorm:"column:RECENT" json:"recent,omitempty"` // the last few fires, newest first; see PastFire
	Trace        string  `gorm:"column:TRACE" json:"trace,omitempty"`   // W3C trace context of whoever scheduled it, of a child: of its fire

	Origin   Origin `gorm:"column:ORIGIN" json:"origin,omitempty"` // kind of child; empty on ordinary rows
	OriginID int64  `gorm:"column:ORIGIN_ID" json:"originId,string,omitempty"`
	ChildKey string `gorm:"column:CHILD_KEY" json:"childKey,omitempty"`
}

// TableName names the table under the default prefix, for those who read the
// rows with gorm.
func (App) TableName() string { return "QRTZ_APP" }

// TableName names the table under the default prefix.
func (Node) TableName() string { return "QRTZ_NODE" }

// TableName names the table under the default prefix.
func (Job) TableName() string { return "QRTZ_JOB" }

// TableName names the table under the default prefix.
func (Execute) TableName() string { return "QRTZ_EXECUTE" }
