# Oracle has no private form: its server is in no package repository.
# shellcheck shell=bash

oracle_up() { die "no Oracle server: set QUARTZ_TEST_ORACLE_DSN, or start Docker for the one of docker-compose.yml"; }
