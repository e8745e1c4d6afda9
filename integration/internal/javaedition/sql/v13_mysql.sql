-- The Java edition's tables on MySQL. What has a default may be null as well.
create table QRTZ_APP (
    application varchar(50) not null,
    state varchar(10) not null,
    time_pre bigint default -1,
    time_next bigint not null,
    time_interval bigint,
    primary key (application)
) engine = InnoDB default charset = utf8mb4;
create table QRTZ_NODE (
    application varchar(50) not null,
    host_ip varchar(50) not null,
    host_name varchar(80) not null,
    state char(1) not null,
    time_check bigint not null,
    primary key (application, host_ip)
) engine = InnoDB default charset = utf8mb4;
create table QRTZ_JOB (
    id bigint not null,
    application varchar(50) not null,
    state varchar(10) not null,
    job_class varchar(127) not null,
    job_data varchar(255),
    job_description varchar(100),
    update_time bigint not null,
    primary key (id)
) engine = InnoDB default charset = utf8mb4;
create table QRTZ_EXECUTE (
    id bigint not null,
    pid bigint not null,
    job_type varchar(8) not null,
    state varchar(10) not null,
    cron varchar(50),
    zone_id varchar(50),
    repeat_count int,
    repeat_interval int,
    time_triggered int default -1,
    prev_fire_time bigint default -1,
    next_fire_time bigint,
    host_ip varchar(50) not null,
    host_name varchar(80) not null,
    start_time bigint not null,
    end_time bigint default -1,
    primary key (id)
) engine = InnoDB default charset = utf8mb4;
create index idx_execute_pid on QRTZ_EXECUTE (pid);
