# Shared by the scripts beside it; sourced, not run.
# shellcheck shell=bash

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export ROOT

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() {
	say "$@"
	exit 1
}

# Where the official archive unpacks to, for shells that do not have it in PATH.
if ! command -v go >/dev/null && [ -x /usr/local/go/bin/go ]; then
	PATH=$PATH:/usr/local/go/bin
	export PATH
fi

# The checkout may belong to another user, or there may be no git at all.
export GOFLAGS="${GOFLAGS:+$GOFLAGS }-buildvcs=false"

# modules prints the folder of each module of the workspace, the root first.
modules() { (cd "$ROOT" && go list -m -f '{{.Dir}}'); }

# user_cache prints where the user's programs keep what they can fetch again, as
# os.UserCacheDir has it.
user_cache() {
	if [ "$(uname)" = Darwin ]; then
		echo "$HOME/Library/Caches"
	else
		echo "${XDG_CACHE_HOME:-$HOME/.cache}"
	fi
}

# apt_install installs Debian packages, without starting the services in them.
apt_install() {
	if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
		die "please install: $* (as root on Debian or Ubuntu this is done for you)"
	fi
	say "installing $*"
	local policy=/usr/sbin/policy-rc.d own_policy='' log
	if [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod 755 "$policy"
		own_policy=yes
	fi
	log=$(mktemp)
	local status=0
	{
		# One source that cannot be reached need not be the one that counts.
		apt-get update || true
		DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
	} >"$log" 2>&1 </dev/null || status=$?
	[ -z "$own_policy" ] || rm -f "$policy"
	[ "$status" = 0 ] || cat "$log" >&2
	rm -f "$log"
	[ "$status" = 0 ] || die "could not install $*"
}
