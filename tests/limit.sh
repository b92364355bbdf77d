#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# limit.sh BUILD_DIR: tests of BUILD_DIR/bin/limit, with which run.sh and others end programs that hang.

limit=${1:-build}/bin/limit
dir=$(mktemp -d "${TMPDIR:-/tmp}/limit.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0

# expect NAME WANTED GOT
expect() {
	if [ "$2" = "$3" ]; then
		echo "ok $1"
	else
		failed=$((failed + 1))
		echo "not ok $1: $3, not $2"
	fi
}

# ended: "ended" when the process whose number is in $dir/child is gone, or a zombie that init has not seen, soon.
ended() {
	tries=300
	while [ "$tries" -gt 0 ]; do
		case $(ps -o stat= -p "$(cat "$dir/child")" 2>/dev/null) in
		'' | *Z*) echo ended; return ;;
		esac
		sleep 0.1
		tries=$((tries - 1))
	done
	kill -9 "$(cat "$dir/child")"
	echo runs
}

# A child that goes on for longer than this test, and ignores what can be ignored.
spin="trap '' HUP INT TERM; while :; do sleep 100; done"
start="sh -c \"$spin\" & echo \$! >\"$dir/child\""

"$limit" 10 sh -c 'exit 7'
expect "the exit status of the command" 7 $?
"$limit" 10 sh -c 'kill -15 $$'
expect "the signal that ended the command" 143 $?
"$limit" 10 /nonexistent/command 2>/dev/null
expect "a command that is not there" 127 $?
"$limit" 0 true 2>/dev/null
expect "no time" 125 $?
"$limit" 1 sh -c "$start; $spin"
expect "a command that takes too long" 137 $?
expect "its child" ended "$(ended)"
"$limit" 10 sh -c "$start"
expect "a command that leaves a child" 0 $?
expect "the child that was left" ended "$(ended)"
rm "$dir/child"
"$limit" 10 sh -c "$start; $spin" &
until [ -s "$dir/child" ]; do
	sleep 0.1
done
kill -TERM $!
wait $!
expect "limit itself is ended" 143 $?
expect "the child of its command" ended "$(ended)"
[ "$failed" -eq 0 ]
