-- The Java edition's tables on PostgreSQL. What has a default may be null as well.
create table qrtz_app (
    application varchar(50) not null,
    state varchar(10) not null,
    time_pre int8 default -1,
    time_next int8 not null,
    time_interval int8,
    primary key (application)
);
create table qrtz_node (
    application varchar(50) not null,
    host_ip varchar(50) not null,
    host_name varchar(80) not null,
    state char(1) not null,
    time_check int8 not null,
    primary key (application, host_ip)
);
create table qrtz_job (
    id int8 not null,
    application varchar(50) not null,
    state varchar(10) not null,
    job_class varchar(127) not null,
    job_data varchar(255),
    job_description varchar(100),
    update_time int8 not null,
    primary key (id)
);
create table qrtz_execute (
    id int8 not null,
    pid int8 not null,
    job_type varchar(8) not null,
    state varchar(10) not null,
    cron varchar(50),
    zone_id varchar(50),
    repeat_count int4,
    repeat_interval int4,
    time_triggered int4 default -1,
    prev_fire_time int8 default -1,
    next_fire_time int8,
    host_ip varchar(50) not null,
    host_name varchar(80) not null,
    start_time int8 not null,
    end_time int8 default -1,
    primary key (id)
);
create index idx_execute_pid on qrtz_execute (pid);
