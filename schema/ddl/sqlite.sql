-- The four tables on SQLite 3.35 and later.
--
-- Times are epoch milliseconds, durations milliseconds. The columns above the
-- first blank line of a table are the Java edition's, below it are ours: each of
-- those is nullable or has a default, so that INSERTs of the Java edition's
-- client, which do not name them, stay valid.
--
-- Sizes are given for the reader: SQLite stores what fits no declared size, and
-- the product checks lengths itself.
--
-- No foreign keys: the Java edition's client deletes in an order of its own.

-- An application: the nodes that carry its name compete for the same executes.
CREATE TABLE QRTZ_APP (
    APPLICATION      varchar(50)    NOT NULL,
    STATE            varchar(10)    NOT NULL,                -- Y; N pauses the app
    TIME_PRE         bigint         DEFAULT -1,              -- last pass of the ClusterMisfireHandler
    TIME_NEXT        bigint         NOT NULL,                -- its next pass, and what a pass is won by
    TIME_INTERVAL    bigint,                                 -- for readers of the Java edition

    NODE_SEQ         bigint,                                 -- newest node id given out
    MASTER           bigint,                                 -- node id of the master; with a minus sign, of a node without a cluster
    MASTER_EPOCH     bigint         DEFAULT 0 NOT NULL,      -- +1 at every change of the master
    MASTER_PREFER    varchar(50),                            -- node key that an operator prefers as master
    MAINTENANCE      char(1),                                -- Y while the app is held idle
    MODE             varchar(20),                            -- where its executes run by default: ANY or MASTER_ONLY
    VERSION          bigint         DEFAULT 0 NOT NULL,      -- counts clients' edits
    EVENTS           text,                                   -- JSON ring of what happened to the app, its nodes and master

    PRIMARY KEY (APPLICATION)
);

-- A node: one running worker of an application.
CREATE TABLE QRTZ_NODE (
    APPLICATION      varchar(50)    NOT NULL,
    HOST_IP          varchar(50)    NOT NULL,                -- the node's key: configured, or its host's address
    HOST_NAME        varchar(80)    NOT NULL,
    STATE            char(1)        NOT NULL,                -- Y; N pauses the node
    TIME_CHECK       bigint         NOT NULL,                -- database time of the last heartbeat

    NODE_ID          bigint,                                 -- identity of this registration; without one the node is not live
    BEAT             bigint         DEFAULT 0 NOT NULL,      -- +1 per heartbeat
    TIME_START       bigint,                                 -- database time of the registration
    CAPACITY         integer        DEFAULT 0 NOT NULL,      -- slots
    RUNNING          integer        DEFAULT 0 NOT NULL,      -- slots in use
    HANDLERS         text,                                   -- JSON array of the classes that it can run
    LABELS           varchar(1000),                          -- JSON array
    BARRED           char(1),                                -- Y: never the master; C: by its own configuration
    SKEW             bigint         DEFAULT 0 NOT NULL,      -- its clock minus the database's
    BUILD            varchar(100),
    APP_SEEN         bigint         DEFAULT 0 NOT NULL,      -- the app's VERSION that it has acted on
    COMMAND          varchar(1000),                          -- what an operator asks of it
    COMMAND_ACK      varchar(1000),                          -- its answer

    PRIMARY KEY (APPLICATION, HOST_IP)
);

-- What to run: the name of a handler, and its data.
CREATE TABLE QRTZ_JOB (
    ID               integer        NOT NULL PRIMARY KEY,
    APPLICATION      varchar(50)    NOT NULL,
    STATE            varchar(10)    NOT NULL,                -- INIT, EXECUTING, PAUSED, COMPLETE or ERROR
    JOB_CLASS        varchar(127)   NOT NULL,                -- name of the handler
    JOB_DATA         varchar(4000),                          -- JSON
    JOB_DESCRIPTION  varchar(100),
    UPDATE_TIME      bigint         NOT NULL,

    NAME             varchar(100),                           -- optional, unique in its app
    VERSION          bigint         DEFAULT 0 NOT NULL,      -- counts clients' edits
    UPDATED_BY       varchar(100)
);

CREATE UNIQUE INDEX QRTZ_JOB_NAME ON QRTZ_JOB (APPLICATION, NAME);

-- Lists of an app, page by page.
CREATE INDEX QRTZ_JOB_APP ON QRTZ_JOB (APPLICATION, ID);

-- When to run it: a schedule under a job, the fire in flight, and what became of the last ones.
CREATE TABLE QRTZ_EXECUTE (
    ID               integer        NOT NULL PRIMARY KEY,
    PID              bigint         NOT NULL,                -- its job
    JOB_TYPE         varchar(8)     NOT NULL,                -- CRON or SIMPLE
    STATE            varchar(10)    NOT NULL,                -- INIT, EXECUTING (enabled), PAUSED, COMPLETE or ERROR
    CRON             varchar(250),
    ZONE_ID          varchar(50),                            -- IANA name; null is UTC
    REPEAT_COUNT     integer,                                -- below 1: for ever
    REPEAT_INTERVAL  bigint,
    TIME_TRIGGERED   bigint         DEFAULT -1,              -- how often a counted schedule has fired
    PREV_FIRE_TIME   bigint         DEFAULT -1,
    NEXT_FIRE_TIME   bigint,
    HOST_IP          varchar(50)    NOT NULL,                -- who last wrote the row
    HOST_NAME        varchar(80)    NOT NULL,
    START_TIME       bigint         NOT NULL,
    END_TIME         bigint         DEFAULT -1,              -- below 1: none

    APPLICATION      varchar(50),                            -- copied from the job; null on a row not yet taken over
    SHARD            integer        DEFAULT 0 NOT NULL,      -- part of the app's executes that it belongs to
    NAME             varchar(100),                           -- optional, unique in its job
    DATA             varchar(4000),                          -- JSON; stands in for the job's
    VERSION          bigint         DEFAULT 0 NOT NULL,      -- counts clients' edits
    UPDATE_TIME      bigint,
    UPDATED_BY       varchar(100),

    -- policies: null is the default
    MISFIRE          varchar(20),                            -- FIRE_ONCE, SKIP or FIRE_ALL
    CATCH_UP         integer,                                -- most instants that FIRE_ALL runs
    OVERLAP          varchar(20),
    OVERLAP_MAX      integer,
    RUN_ON           varchar(20),
    TARGETS          varchar(1000),
    PRIORITY         integer        DEFAULT 0 NOT NULL,
    DEADLINE         bigint,                                 -- later than this after its time a fire is not started
    TIMEOUT          bigint,                                 -- longest run
    RETRY_MAX        integer,
    RETRY_DELAY      bigint,
    RETRY_CAP        bigint,
    PAUSE_AFTER      integer,                                -- failures in a row after which it goes to ERROR
    RECOVER          integer,                                -- recoveries after the loss of a node

    -- the fire in flight
    HIGH_TIME        bigint,                                 -- newest nominal time ever claimed
    FIRE_NODE        bigint,                                 -- node id of the last claim; stays after completion
    FIRE_TIME        bigint,                                 -- nominal time; null when nothing is in flight
    FIRE_ATTEMPT     integer,
    FIRE_FAILS       integer,
    FIRE_START       bigint,                                 -- database time of the claim
    CANCEL           varchar(60),                            -- names the fire to cancel
    CHECKPOINT       varchar(4000),                          -- what the run wants its successor to know

    -- the account of what was
    LAST_STATE       varchar(20),                            -- SUCCEEDED, FAILED, TIMED_OUT, CANCELLED or LOST
    LAST_FIRE_TIME   bigint,
    LAST_END_TIME    bigint,
    LAST_ERROR       varchar(1000),
    FIRE_COUNT       bigint         DEFAULT 0 NOT NULL,
    FAIL_COUNT       bigint         DEFAULT 0 NOT NULL,
    FAIL_STREAK      integer        DEFAULT 0 NOT NULL,
    SKIP_COUNT       bigint         DEFAULT 0 NOT NULL,
    LOST_COUNT       bigint         DEFAULT 0 NOT NULL,
    RECENT           varchar(1500),                          -- the last few fires, a line of JSON each
    TRACE            varchar(100),                           -- W3C trace context of whoever scheduled it

    -- a child: a fire that runs beside its origin's schedule
    ORIGIN           varchar(20),                            -- kind of child; null on ordinary rows
    ORIGIN_ID        bigint,
    CHILD_KEY        varchar(100)                            -- makes each child at most once
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

-- These hold the few rows that have the column: nothing to write for the others.
CREATE UNIQUE INDEX QRTZ_EXECUTE_NAME ON QRTZ_EXECUTE (PID, NAME) WHERE NAME IS NOT NULL;
CREATE UNIQUE INDEX QRTZ_EXECUTE_CHILD ON QRTZ_EXECUTE (CHILD_KEY) WHERE CHILD_KEY IS NOT NULL;
CREATE INDEX QRTZ_EXECUTE_ORIGIN ON QRTZ_EXECUTE (ORIGIN_ID) WHERE ORIGIN_ID IS NOT NULL;
