-- The four tables on Oracle 12.2 and later.
--
-- Times are epoch milliseconds, durations milliseconds. The columns above the
-- first blank line of a table are the Java edition's, below it are ours: each of
-- those is nullable or has a default, so that INSERTs of the Java edition's
-- client, which do not name them, stay valid.
--
-- Texts are limited in bytes, as everywhere in the product. MODE is a reserved
-- word and quoted. Names stay within 30 characters also with the longest prefix.
--
-- No foreign keys: the Java edition's client deletes in an order of its own.

-- An application: the nodes that carry its name compete for the same executes.
CREATE TABLE QRTZ_APP (
    APPLICATION      VARCHAR2(50 BYTE)   NOT NULL,
    STATE            VARCHAR2(10 BYTE)   NOT NULL,           -- Y; N pauses the app
    TIME_PRE         NUMBER(18)          DEFAULT -1,         -- last pass of the ClusterMisfireHandler
    TIME_NEXT        NUMBER(18)          NOT NULL,           -- its next pass, and what a pass is won by
    TIME_INTERVAL    NUMBER(18),                             -- for readers of the Java edition

    NODE_SEQ         NUMBER(18),                             -- newest node id given out
    MASTER           NUMBER(18),                             -- node id of the master; with a minus sign, of a node without a cluster
    MASTER_EPOCH     NUMBER(18)          DEFAULT 0 NOT NULL, -- +1 at every change of the master
    MASTER_PREFER    VARCHAR2(50 BYTE),                      -- node key that an operator prefers as master
    MAINTENANCE      CHAR(1),                                -- Y while the app is held idle
    "MODE"           VARCHAR2(20 BYTE),                      -- where its executes run by default: ANY or MASTER_ONLY
    VERSION          NUMBER(18)          DEFAULT 0 NOT NULL, -- counts clients' edits
    EVENTS           CLOB,                                   -- JSON ring of what happened to the app, its nodes and master

    CONSTRAINT QRTZ_APP_PK PRIMARY KEY (APPLICATION)
);

-- A node: one running worker of an application.
CREATE TABLE QRTZ_NODE (
    APPLICATION      VARCHAR2(50 BYTE)   NOT NULL,
    HOST_IP          VARCHAR2(50 BYTE)   NOT NULL,           -- the node's key: configured, or its host's address
    HOST_NAME        VARCHAR2(80 BYTE)   NOT NULL,
    STATE            CHAR(1)             NOT NULL,           -- Y; N pauses the node
    TIME_CHECK       NUMBER(18)          NOT NULL,           -- database time of the last heartbeat

    NODE_ID          NUMBER(18),                             -- identity of this registration; without one the node is not live
    BEAT             NUMBER(18)          DEFAULT 0 NOT NULL, -- +1 per heartbeat
    TIME_START       NUMBER(18),                             -- database time of the registration
    CAPACITY         NUMBER(10)          DEFAULT 0 NOT NULL, -- slots
    RUNNING          NUMBER(10)          DEFAULT 0 NOT NULL, -- slots in use
    HANDLERS         CLOB,                                   -- JSON array of the classes that it can run
    LABELS           VARCHAR2(1000 BYTE),                    -- JSON array
    BARRED           CHAR(1),                                -- Y: never the master; C: by its own configuration
    SKEW             NUMBER(18)          DEFAULT 0 NOT NULL, -- its clock minus the database's
    BUILD            VARCHAR2(100 BYTE),
    APP_SEEN         NUMBER(18)          DEFAULT 0 NOT NULL, -- the app's VERSION that it has acted on
    COMMAND          VARCHAR2(1000 BYTE),                    -- what an operator asks of it
    COMMAND_ACK      VARCHAR2(1000 BYTE),                    -- its answer

    CONSTRAINT QRTZ_NODE_PK PRIMARY KEY (APPLICATION, HOST_IP)
);

-- What to run: the name of a handler, and its data.
CREATE TABLE QRTZ_JOB (
    ID               NUMBER(18)          NOT NULL,
    APPLICATION      VARCHAR2(50 BYTE)   NOT NULL,
    STATE            VARCHAR2(10 BYTE)   NOT NULL,           -- INIT, EXECUTING, PAUSED, COMPLETE or ERROR
    JOB_CLASS        VARCHAR2(127 BYTE)  NOT NULL,           -- name of the handler
    JOB_DATA         VARCHAR2(4000 BYTE),                    -- JSON
    JOB_DESCRIPTION  VARCHAR2(100 BYTE),
    UPDATE_TIME      NUMBER(18)          NOT NULL,

    NAME             VARCHAR2(100 BYTE),                     -- optional, unique in its app
    VERSION          NUMBER(18)          DEFAULT 0 NOT NULL, -- counts clients' edits
    UPDATED_BY       VARCHAR2(100 BYTE),

    CONSTRAINT QRTZ_JOB_PK PRIMARY KEY (ID)
);

-- Many jobs without a name: Oracle leaves out of an index only what is null in
-- all its columns, so the other column must be null where NAME is.
CREATE UNIQUE INDEX QRTZ_JOB_NAME ON QRTZ_JOB (CASE WHEN NAME IS NOT NULL THEN APPLICATION END, NAME);

-- Lists of an app, page by page.
CREATE INDEX QRTZ_JOB_APP ON QRTZ_JOB (APPLICATION, ID);

-- When to run it: a schedule under a job, the fire in flight, and what became of the last ones.
CREATE TABLE QRTZ_EXECUTE (
    ID               NUMBER(18)          NOT NULL,
    PID              NUMBER(18)          NOT NULL,           -- its job
    JOB_TYPE         VARCHAR2(8 BYTE)    NOT NULL,           -- CRON or SIMPLE
    STATE            VARCHAR2(10 BYTE)   NOT NULL,           -- INIT, EXECUTING (enabled), PAUSED, COMPLETE or ERROR
    CRON             VARCHAR2(250 BYTE),
    ZONE_ID          VARCHAR2(50 BYTE),                      -- IANA name; null is UTC
    REPEAT_COUNT     NUMBER(10),                             -- below 1: for ever
    REPEAT_INTERVAL  NUMBER(18),
    TIME_TRIGGERED   NUMBER(18)          DEFAULT -1,         -- how often a counted schedule has fired
    PREV_FIRE_TIME   NUMBER(18)          DEFAULT -1,
    NEXT_FIRE_TIME   NUMBER(18),
    HOST_IP          VARCHAR2(50 BYTE)   NOT NULL,           -- who last wrote the row
    HOST_NAME        VARCHAR2(80 BYTE)   NOT NULL,
    START_TIME       NUMBER(18)          NOT NULL,
    END_TIME         NUMBER(18)          DEFAULT -1,         -- below 1: none

    APPLICATION      VARCHAR2(50 BYTE),                      -- copied from the job; null on a row not yet taken over
    SHARD            NUMBER(10)          DEFAULT 0 NOT NULL, -- part of the app's executes that it belongs to
    NAME             VARCHAR2(100 BYTE),                     -- optional, unique in its job
    DATA             VARCHAR2(4000 BYTE),                    -- JSON; stands in for the job's
    VERSION          NUMBER(18)          DEFAULT 0 NOT NULL, -- counts clients' edits
    UPDATE_TIME      NUMBER(18),
    UPDATED_BY       VARCHAR2(100 BYTE),

    -- policies: null is the default
    MISFIRE          VARCHAR2(20 BYTE),                      -- FIRE_ONCE, SKIP or FIRE_ALL
    CATCH_UP         NUMBER(10),                             -- most instants that FIRE_ALL runs
    OVERLAP          VARCHAR2(20 BYTE),
    OVERLAP_MAX      NUMBER(10),
    RUN_ON           VARCHAR2(20 BYTE),
    TARGETS          VARCHAR2(1000 BYTE),
    PRIORITY         NUMBER(10)          DEFAULT 0 NOT NULL,
    DEADLINE         NUMBER(18),                             -- later than this after its time a fire is not started
    TIMEOUT          NUMBER(18),                             -- longest run
    RETRY_MAX        NUMBER(10),
    RETRY_DELAY      NUMBER(18),
    RETRY_CAP        NUMBER(18),
    PAUSE_AFTER      NUMBER(10),                             -- failures in a row after which it goes to ERROR
    RECOVER          NUMBER(10),                             -- recoveries after the loss of a node

    -- the fire in flight
    HIGH_TIME        NUMBER(18),                             -- newest nominal time ever claimed
    FIRE_NODE        NUMBER(18),                             -- node id of the last claim; stays after completion
    FIRE_TIME        NUMBER(18),                             -- nominal time; null when nothing is in flight
    FIRE_ATTEMPT     NUMBER(10),
    FIRE_FAILS       NUMBER(10),
    FIRE_START       NUMBER(18),                             -- database time of the claim
    CANCEL           VARCHAR2(60 BYTE),                      -- names the fire to cancel
    CHECKPOINT       VARCHAR2(4000 BYTE),                    -- what the run wants its successor to know

    -- the account of what was
    LAST_STATE       VARCHAR2(20 BYTE),                      -- SUCCEEDED, FAILED, TIMED_OUT, CANCELLED or LOST
    LAST_FIRE_TIME   NUMBER(18),
    LAST_END_TIME    NUMBER(18),
    LAST_ERROR       VARCHAR2(1000 BYTE),
    FIRE_COUNT       NUMBER(18)          DEFAULT 0 NOT NULL,
    FAIL_COUNT       NUMBER(18)          DEFAULT 0 NOT NULL,
    FAIL_STREAK      NUMBER(10)          DEFAULT 0 NOT NULL,
    SKIP_COUNT       NUMBER(18)          DEFAULT 0 NOT NULL,
    LOST_COUNT       NUMBER(18)          DEFAULT 0 NOT NULL,
    RECENT           VARCHAR2(1500 BYTE),                    -- the last few fires, a line of JSON each
    TRACE            VARCHAR2(100 BYTE),                     -- W3C trace context of whoever scheduled it

    -- a child: a fire that runs beside its origin's schedule
    ORIGIN           VARCHAR2(20 BYTE),                      -- kind of child; null on ordinary rows
    ORIGIN_ID        NUMBER(18),
    CHILD_KEY        VARCHAR2(100 BYTE),                     -- makes each child at most once

    CONSTRAINT QRTZ_EXECUTE_PK PRIMARY KEY (ID)
);

-- The scan of a node: what is due in a shard of its app. It stays a plain range of
-- this index whatever other apps, completed rows and rows due much later there are.
CREATE INDEX QRTZ_EXECUTE_SCAN ON QRTZ_EXECUTE (APPLICATION, SHARD, NEXT_FIRE_TIME, ID);

-- What a dead node left in flight.
CREATE INDEX QRTZ_EXECUTE_NODE ON QRTZ_EXECUTE (APPLICATION, FIRE_NODE);

-- Lists of an app, page by page.
CREATE INDEX QRTZ_EXECUTE_APP ON QRTZ_EXECUTE (APPLICATION, ID);

-- The executes of a job.
CREATE INDEX QRTZ_EXECUTE_PID ON QRTZ_EXECUTE (PID, ID);

-- Many executes without a name: see QRTZ_JOB_NAME.
CREATE UNIQUE INDEX QRTZ_EXECUTE_NAME ON QRTZ_EXECUTE (CASE WHEN NAME IS NOT NULL THEN PID END, NAME);

-- A child at most once, and the children of an execute.
CREATE UNIQUE INDEX QRTZ_EXECUTE_CHILD ON QRTZ_EXECUTE (CHILD_KEY);
CREATE INDEX QRTZ_EXECUTE_ORIGIN ON QRTZ_EXECUTE (ORIGIN_ID);
