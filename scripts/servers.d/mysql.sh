# A private MySQL. Debian's stable suites carry MariaDB only, so the server comes
# from the unstable suite: unpacked into a cache, never installed, and run with
# the C library it was built for.
# shellcheck shell=bash

MYSQL_HOME=${QUARTZ_MYSQL_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/quartz/mysql}

# mysql_fetch downloads the server with all it links to and unpacks it. apt works
# on folders of its own here, with the machine's mirror and keys.
mysql_fetch() {
	[ -x "$MYSQL_HOME/usr/sbin/mysqld" ] && return
	command -v apt-get >/dev/null || die "no MySQL server: set QUARTZ_TEST_MYSQL_DSN (unpacking one needs apt-get)"
	local work mirror
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | head -1)
	[ -n "$mirror" ] || die "no MySQL server: apt knows no Debian mirror; set QUARTZ_TEST_MYSQL_DSN"
	say "unpacking MySQL from $mirror, suite sid"
	mkdir -p "$(dirname "$MYSQL_HOME")"
	work=$(mktemp -d "$MYSQL_HOME.XXXXXX")
	mkdir -p "$work/apt/lists/partial" "$work/apt/archives/partial" "$work/root"
	touch "$work/apt/status"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$work/apt/sources.list"
	cat >"$work/apt/conf" <<-CONF
		Dir::Etc::SourceList "$work/apt/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::Etc::Preferences "/dev/null";
		Dir::Etc::PreferencesParts "/dev/null";
		Dir::State::Lists "$work/apt/lists";
		Dir::State::Status "$work/apt/status";
		Dir::Cache "$work/apt";
		Dir::Cache::Archives "$work/apt/archives";
		APT::Sandbox::User "";
		APT::Install-Recommends "false";
		Debug::NoLocking "true";
	CONF
	if ! {
		APT_CONFIG=$work/apt/conf apt-get update &&
			APT_CONFIG=$work/apt/conf apt-get install -y --download-only mysql-server-core
	} >"$work/log" 2>&1 </dev/null; then
		cat "$work/log" >&2
		rm -rf "$work"
		die "could not download MySQL"
	fi
	local package
	for package in "$work"/apt/archives/*.deb; do
		dpkg -x "$package" "$work/root"
	done
	# The renaming is what makes a half unpacked server impossible.
	mv -T "$work/root" "$MYSQL_HOME" 2>/dev/null || [ -x "$MYSQL_HOME/usr/sbin/mysqld" ]
	rm -rf "$work"
}

# mysqld runs the unpacked server by its own loader and libraries.
mysqld() {
	local home=$MYSQL_HOME libraries loader
	loader=$(printf '%s\n' "$home"/lib*/ld-linux-*.so* "$home"/usr/lib*/ld-linux-*.so* \
		"$home"/usr/lib/*/ld-linux-*.so* | while read -r file; do [ ! -e "$file" ] || echo "$file"; done | head -1)
	libraries=$(printf '%s:' "$home"/usr/lib/*-linux-gnu* "$home"/lib/*-linux-gnu* "$home"/usr/lib/mysql/private)
	MYSQLD=("$loader" --library-path "${libraries%:}" "$home/usr/sbin/mysqld" --no-defaults --basedir="$home/usr"
		--lc-messages-dir="$home/usr/share/mysql" --character-sets-dir="$home/usr/share/mysql/charsets"
		--plugin-dir="$home/usr/lib/mysql/plugin")
}

mysql_start() {
	local dir=$STATE/mysql
	mysqld
	daemon "$dir" "$1" "${MYSQLD[@]}" --user="$(mysql_account)" --datadir="$dir/data" --socket="$dir/socket" \
		--pid-file="$dir/server.pid" --bind-address=127.0.0.1 --port="$1" --mysqlx=OFF --secure-file-priv=NULL --max-connections=400 \
		--init-file="$dir/init.sql"
}

# The unpacked server lies in the caller's own cache, which the package's user
# may not read; a private server of root's runs as root.
mysql_account() { id -un; }

mysql_up() {
	mysql_fetch
	local dir=$STATE/mysql user secret port
	user=$(mysql_account)
	secret=$(password)
	folder "$dir" "$user"
	mysqld
	"${MYSQLD[@]}" --user="$user" --datadir="$dir/data" --initialize-insecure >"$dir.install" 2>&1 ||
		die "MySQL's --initialize failed: $(cat "$dir.install")"
	cat >"$dir/init.sql" <<-SQL
		CREATE USER IF NOT EXISTS 'quartz'@'127.0.0.1' IDENTIFIED BY '$secret';
		CREATE USER IF NOT EXISTS 'quartz'@'localhost' IDENTIFIED BY '$secret';
		GRANT ALL ON *.* TO 'quartz'@'127.0.0.1' WITH GRANT OPTION;
		GRANT ALL ON *.* TO 'quartz'@'localhost' WITH GRANT OPTION;
		ALTER USER 'root'@'localhost' ACCOUNT LOCK;
	SQL
	port=$(with_port mysql_start) || die "MySQL does not start: $(tail -20 "$dir/log")"
	record mysql "quartz:$secret@tcp(127.0.0.1:$port)/"
}

mysql_down() { daemon_down "$STATE/mysql"; }
