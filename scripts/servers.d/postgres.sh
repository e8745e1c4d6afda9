# A private PostgreSQL with the durability a fresh installation has.
# shellcheck shell=bash

postgres_bin() {
	local dir
	for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -Vr) "$(pg_config --bindir 2>/dev/null || true)" \
		"$(dirname "$(command -v initdb || echo /none/initdb)")"; do
		if [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ]; then
			echo "$dir"
			return
		fi
	done
	return 1
}

postgres_start() {
	# Many tests at once, each with several pools of ten.
	run_as "$(account postgres)" "$(postgres_bin)/pg_ctl" -D "$STATE/postgres/data" -l "$STATE/postgres/log" -w -t 60 -s \
		-o "-p $1 -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=400" start
}

postgres_up() {
	postgres_bin >/dev/null || apt_install postgresql
	local dir=$STATE/postgres user bin secret port
	user=$(account postgres)
	bin=$(postgres_bin) || die "PostgreSQL's initdb was not found"
	secret=$(password)
	folder "$dir" "$user"
	printf '%s\n' "$secret" | run_as "$user" tee "$dir/password" >/dev/null
	run_as "$user" "$bin/initdb" -D "$dir/data" -U quartz --pwfile="$dir/password" --auth=scram-sha-256 \
		--encoding=UTF8 --locale=C.UTF-8 >"$dir.initdb" 2>&1 || die "initdb failed: $(cat "$dir.initdb")"
	port=$(with_port postgres_start) || die "PostgreSQL does not start: $(tail -20 "$dir/log")"
	record postgres "postgres://quartz:$secret@127.0.0.1:$port/postgres?sslmode=disable"
}

postgres_down() {
	[ -e "$STATE/postgres/data/postmaster.pid" ] || return 0
	run_as "$(account postgres)" "$(postgres_bin)/pg_ctl" -D "$STATE/postgres/data" -m immediate -w -s stop || true
}
