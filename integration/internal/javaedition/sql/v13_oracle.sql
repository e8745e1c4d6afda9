-- The Java edition's tables on Oracle. What has a default may be null as well.
create table QRTZ_APP (
    application VARCHAR2(50) not null,
    state VARCHAR2(10) not null,
    time_pre NUMBER(18) default -1,
    time_next NUMBER(18) not null,
    time_interval NUMBER(18),
    primary key (application)
);
create table QRTZ_NODE (
    application VARCHAR2(50) not null,
    host_ip VARCHAR2(50) not null,
    host_name VARCHAR2(80) not null,
    state char(1) not null,
    time_check NUMBER(18) not null,
    primary key (application, host_ip)
);
create table QRTZ_JOB (
    id NUMBER(18) not null,
    application VARCHAR2(50) not null,
    state VARCHAR2(10) not null,
    job_class VARCHAR2(127) not null,
    job_data VARCHAR2(255),
    job_description VARCHAR2(100),
    update_time NUMBER(18) not null,
    primary key (id)
);
create table QRTZ_EXECUTE (
    id NUMBER(18) not null,
    pid NUMBER(18) not null,
    job_type VARCHAR2(8) not null,
    state VARCHAR2(10) not null,
    cron VARCHAR2(50),
    zone_id VARCHAR2(50),
    repeat_count NUMBER(10),
    repeat_interval NUMBER(10),
    time_triggered NUMBER(10) default -1,
    prev_fire_time NUMBER(18) default -1,
    next_fire_time NUMBER(18),
    host_ip VARCHAR2(50) not null,
    host_name VARCHAR2(80) not null,
    start_time NUMBER(18) not null,
    end_time NUMBER(18) default -1,
    primary key (id)
);
create index idx_execute_pid on QRTZ_EXECUTE (pid);
