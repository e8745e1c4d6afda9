package javaedition

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
)

// Client writes as the Java edition's client does: every column of v1.3 by name,
// each statement in a transaction of its own, guarded by the primary key alone.
type Client struct {
	DB *gorm.DB
}

// Job is a row of QRTZ_JOB as that client knows it.
type Job struct {
	ID                        int64
	Application, State, Class string
	Data, Description         sql.NullString
	UpdateTime                int64
}

// Execute is a row of QRTZ_EXECUTE as that client knows it.
type Execute struct {
	ID, PID                     int64
	Type, State                 string
	Cron, Zone                  sql.NullString
	RepeatCount, RepeatInterval sql.NullInt64
	TimeTriggered               int64
	Prev, Next                  sql.NullInt64
	HostIP, HostName            string
	Start, End                  int64
}

// AddApp is addApp.
func (c Client) AddApp(t testing.TB, app string, now int64) {
	t.Helper()
	c.one(t, `INSERT INTO QRTZ_APP (APPLICATION, STATE, TIME_PRE, TIME_NEXT, TIME_INTERVAL) VALUES (?, 'Y', -1, ?, 15000)`, app, now)
}

// AddNode is addNode.
func (c Client) AddNode(t testing.TB, app, hostIP string) {
	t.Helper()
	c.one(t, `INSERT INTO QRTZ_NODE (APPLICATION, HOST_IP, HOST_NAME, STATE, TIME_CHECK) VALUES (?, ?, ?, 'Y', -1)`, app, hostIP, hostIP)
}

// AddJob is addJob.
func (c Client) AddJob(t testing.TB, j Job) {
	t.Helper()
	c.one(t, `INSERT INTO QRTZ_JOB (ID, APPLICATION, STATE, JOB_CLASS, JOB_DATA, JOB_DESCRIPTION, UPDATE_TIME) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		j.ID, j.Application, j.State, j.Class, j.Data, j.Description, j.UpdateTime)
}

// UpdateJob is updateJob.
func (c Client) UpdateJob(t testing.TB, j Job) {
	t.Helper()
	c.one(t, `UPDATE QRTZ_JOB SET APPLICATION = ?, STATE = ?, JOB_CLASS = ?, JOB_DATA = ?, JOB_DESCRIPTION = ?, UPDATE_TIME = ? WHERE ID = ?`,
		j.Application, j.State, j.Class, j.Data, j.Description, j.UpdateTime, j.ID)
}

// AddExecute is addExecute.
func (c Client) AddExecute(t testing.TB, e Execute) {
	t.Helper()
	c.one(t, `INSERT INTO QRTZ_EXECUTE (ID, PID, JOB_TYPE, STATE, CRON, ZONE_ID, REPEAT_COUNT, REPEAT_INTERVAL, TIME_TRIGGERED,
		PREV_FIRE_TIME, NEXT_FIRE_TIME, HOST_IP, HOST_NAME, START_TIME, END_TIME) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.ID, e.PID, e.Type, e.State, e.Cron, e.Zone, e.RepeatCount, e.RepeatInterval, e.TimeTriggered,
		e.Prev, e.Next, e.HostIP, e.HostName, e.Start, e.End)
}

// UpdateExecute is updateExecute: the only one that is also guarded by PID.
func (c Client) UpdateExecute(t testing.TB, e Execute) {
	t.Helper()
	c.one(t, `UPDATE QRTZ_EXECUTE SET JOB_TYPE = ?, STATE = ?, CRON = ?, ZONE_ID = ?, REPEAT_COUNT = ?, REPEAT_INTERVAL = ?, TIME_TRIGGERED = ?,
		PREV_FIRE_TIME = ?, NEXT_FIRE_TIME = ?, HOST_IP = ?, HOST_NAME = ?, START_TIME = ?, END_TIME = ? WHERE ID = ? AND PID = ?`,
		e.Type, e.State, e.Cron, e.Zone, e.RepeatCount, e.RepeatInterval, e.TimeTriggered,
		e.Prev, e.Next, e.HostIP, e.HostName, e.Start, e.End, e.ID, e.PID)
}

// UpdateExecuteState is updateExecuteState.
func (c Client) UpdateExecuteState(t testing.TB, id int64, state string) {
	t.Helper()
	c.one(t, `UPDATE QRTZ_EXECUTE SET STATE = ? WHERE ID = ?`, state, id)
}

// UpdateJobState is updateJobState.
func (c Client) UpdateJobState(t testing.TB, id int64, state string) {
	t.Helper()
	c.one(t, `UPDATE QRTZ_JOB SET STATE = ? WHERE ID = ?`, state, id)
}

// UpdateAppState is updateAppState, which cascades to the nodes.
func (c Client) UpdateAppState(t testing.TB, app, state string) {
	t.Helper()
	c.one(t, `UPDATE QRTZ_APP SET STATE = ? WHERE APPLICATION = ?`, state, app)
	require.NoError(t, c.DB.Exec(`UPDATE QRTZ_NODE SET STATE = ? WHERE APPLICATION = ?`, state, app).Error)
}

// DeleteExecute is deleteExecute.
func (c Client) DeleteExecute(t testing.TB, id int64) {
	t.Helper()
	c.one(t, `DELETE FROM QRTZ_EXECUTE WHERE ID = ?`, id)
}

// DeleteJob is deleteJob, once its executes are gone.
func (c Client) DeleteJob(t testing.TB, id int64) {
	t.Helper()
	c.one(t, `DELETE FROM QRTZ_JOB WHERE ID = ?`, id)
}

func (c Client) one(t testing.TB, statement string, args ...any) {
	t.Helper()
	res := c.DB.Exec(statement, args...)
	require.NoError(t, res.Error)
	require.EqualValues(t, 1, res.RowsAffected, statement)
}
