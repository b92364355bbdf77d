# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# What the test scripts share, for any /bin/sh: results, a time limit, and a realm of our own. To be read with ".".

passed=0
failed=0

# ok NAME and not_ok NAME [FILE] print a result and count it; the file explains a failure.
ok() {
	passed=$((passed + 1))
	echo "ok $1"
}

not_ok() {
	failed=$((failed + 1))
	echo "not ok $1"
	[ -z "${2-}" ] || tail -n 40 "$2" | sed 's/^/#   /'
}

# check NAME COMMAND...: the result of a command, whose output explains a failure. The script has a directory $dir.
check() {
	check_name=$1
	shift
	if "$@" >"$dir/check.log" 2>&1; then
		ok "$check_name"
	else
		not_ok "$check_name" "$dir/check.log"
	fi
}

# results prints the numbers at the end of a script, and fails unless all results are good and there are some.
results() {
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

umask 022 # programs change users

# limit SECONDS COMMAND...: runs it, and kills it and its children when the time is over or the script ends
# (tests/tools/limit.c). The script has the build directory in $build, and calls limit_stop at its end.
limit_pid=

limit() {
	"$build/bin/limit" "$@" &
	limit_pid=$!
	wait "$limit_pid"
	limit_status=$?
	limit_pid=
	return "$limit_status"
}

limit_stop() {
	stop "$limit_pid"
	limit_pid=
}

# watch SECONDS PID: kills the process after that time; checks every second, so that it does not outlive the process by much.
watch() {
	watch_left=$1
	while [ "$watch_left" -gt 0 ]; do
		sleep 1
		kill -0 "$2" || return 0
		watch_left=$((watch_left - 1))
	done
	kill -9 "$2"
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
	wait_left=$(($1 * 10))
	shift
	until "$@" >/dev/null 2>&1; do
		wait_left=$((wait_left - 1))
		[ "$wait_left" -gt 0 ] || return 1
		sleep 0.1
	done
}

# stop PID: ends a server that we started, and waits for it.
realm_pid=

stop() {
	[ -n "$1" ] || return 0
	kill "$1" 2>/dev/null
	watch 5 "$1" </dev/null >/dev/null 2>&1 &
	wait "$1" 2>/dev/null
	kill $! 2>/dev/null
	return 0
}

# realm_start BUILD_DIR DIR [OPTION...]: the KDC of tests/kdc on 127.0.0.1, with its files in DIR; the options are those of
# "kdc realm". Sets REALM, SERVICE (which is in the keytab), realm_pid, and the environment that a Kerberos program needs.
realm_start() {
	realm_kdc=$1/bin/kdc
	realm_dir=$2
	shift 2
	mkdir -p "$realm_dir"
	"$realm_kdc" realm "$realm_dir" "$@" >"$realm_dir/kdc.log" 2>&1 </dev/null &
	realm_pid=$!
	wait_for 60 test -s "$realm_dir/ready" || return 1
	. "$realm_dir/env.sh"
	REALM=DEMO.TEST
	SERVICE=demo@localhost
}

# realm_kinit USER CCACHE [OPTION...]: a ticket-granting ticket; the options are those of "kdc kinit".
realm_kinit() {
	realm_user=$1
	realm_cache=$2
	shift 2
	"$realm_kdc" kinit -p "$realm_user-password" -c "$realm_cache" "$@" "$realm_user"
}

realm_stop() {
	stop "$realm_pid"
	realm_pid=
}
