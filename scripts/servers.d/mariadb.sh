# A private MariaDB with the durability a fresh installation has.
# shellcheck shell=bash

mariadb_bin() { PATH=$PATH:/usr/sbin:/usr/local/sbin command -v mariadbd; }

mariadb_start() {
	local dir=$STATE/mariadb
	daemon "$dir" "$1" "$(mariadb_bin)" --no-defaults --user="$(account mysql)" \
		--datadir="$dir/data" --tmpdir="$dir/tmp" --socket="$dir/socket" --pid-file="$dir/server.pid" \
		--bind-address=127.0.0.1 --port="$1" --max-connections=400 --init-file="$dir/init.sql"
}

mariadb_up() {
	{ mariadb_bin && command -v mariadb-install-db; } >/dev/null || apt_install mariadb-server
	local dir=$STATE/mariadb user secret port
	user=$(account mysql)
	secret=$(password)
	folder "$dir" "$user"
	# A server that starts removes the temporary files that it finds, and takes
	# those of another server in the same folder for its own.
	folder "$dir/tmp" "$user"
	mariadb-install-db --no-defaults --user="$user" --datadir="$dir/data" --skip-test-db \
		--auth-root-authentication-method=socket >"$dir.install" 2>&1 || die "mariadb-install-db failed: $(cat "$dir.install")"
	run_as "$user" tee "$dir/init.sql" >/dev/null <<-SQL
		CREATE USER IF NOT EXISTS 'quartz'@'127.0.0.1' IDENTIFIED BY '$secret';
		CREATE USER IF NOT EXISTS 'quartz'@'localhost' IDENTIFIED BY '$secret';
		GRANT ALL ON *.* TO 'quartz'@'127.0.0.1' WITH GRANT OPTION;
		GRANT ALL ON *.* TO 'quartz'@'localhost' WITH GRANT OPTION;
	SQL
	port=$(with_port mariadb_start) || die "MariaDB does not start: $(tail -20 "$dir/log")"
	record mariadb "quartz:$secret@tcp(127.0.0.1:$port)/"
}

mariadb_down() { daemon_down "$STATE/mariadb"; }
