# The services of docker-compose.yml, on the loopback ports written there.
# shellcheck shell=bash

compose() { docker compose --project-name quartz-test --file "$ROOT/docker-compose.yml" "$@"; }

# compose_available asks for an engine, as the client alone answers to --version.
compose_available() {
	command -v docker >/dev/null && timeout 20 docker info >/dev/null 2>&1 && docker compose version >/dev/null 2>&1
}

compose_up() {
	compose up --detach --wait "$1" >&2 || die "docker compose could not start $1"
	echo "$1" >>"$STATE/compose"
	record "$1" "$(compose_dsn "$1")"
}

compose_down() {
	[ -e "$STATE/compose" ] || return 0
	compose down --volumes --timeout 5 >&2
}

# compose_dsn prints a service's DSN as .env.example has it.
compose_dsn() { (. "$ROOT/.env.example" && var=QUARTZ_TEST_${1^^}_DSN && echo "${!var}"); }
