# What private servers have in common.
# shellcheck shell=bash

# password prints a new one of letters and digits.
password() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# free_port prints a loopback port that nobody listens on, below the range from
# which the system takes the ports of outgoing connections.
free_port() {
	local port
	while :; do
		port=$((20000 + RANDOM % 12000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# run_as runs a command as the given user, where that makes a difference.
run_as() {
	local user=$1
	shift
	if [ "$(id -u)" = 0 ]; then
		runuser -u "$user" -- "$@"
	else
		"$@"
	fi
}

# account prints the user whom a server runs as: the one of its package, or
# nobody, as PostgreSQL refuses root.
account() {
	if [ "$(id -u)" != 0 ]; then
		id -un
	elif id "$1" >/dev/null 2>&1; then
		echo "$1"
	else
		echo nobody
	fi
}

# folder makes a server's folder, owned by the user it runs as, in the place of
# one that a failed start left.
folder() {
	rm -rf "$1"
	mkdir -m 700 "$1"
	[ "$(id -u)" != 0 ] || chown "$2:" "$1"
}

# greets succeeds when a MySQL-like server on the port says the first word.
greets() { timeout 2 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0" && head -c1 <&3' "$1" 2>/dev/null | grep -q .; }

# daemon starts a MySQL-like server and waits until it greets: daemon <folder>
# <port> <command...>. Fails when the server ended, for instance because the port
# was taken meanwhile.
daemon() {
	local dir=$1 port=$2 tries=0 pid
	shift 2
	setsid nohup "$@" >>"$dir/log" 2>&1 </dev/null &
	pid=$!
	echo "$pid" >"$dir/pid"
	until greets "$port"; do
		kill -0 "$pid" 2>/dev/null || return 1
		tries=$((tries + 1))
		if [ $tries -gt 600 ]; then
			kill -KILL "$pid"
			return 1
		fi
		sleep 0.1
	done
}

# daemon_down ends what daemon started. The data goes anyway, so it is not asked
# to write it out first. The folder in the command line tells our server from a
# later process of the same number.
daemon_down() {
	local dir=$1 pid
	[ -e "$dir/pid" ] || return 0
	pid=$(cat "$dir/pid")
	if tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$dir"; then
		kill -KILL "$pid" 2>/dev/null || true
		while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
	fi
	rm -f "$dir/pid"
}

# with_port tries a start on several ports: with_port <start function> prints the
# port that it came up on.
with_port() {
	local port
	for _ in 1 2 3 4 5; do
		port=$(free_port)
		if "$1" "$port" >&2; then
			echo "$port"
			return
		fi
	done
	return 1
}
