# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # of ../lib.sh
#
# Checks and their results, time limits, and what a script needs.

passed=0
failed=0

# busy is how long the machine may take, in seconds, for what takes a moment.
busy=60

# ok NAME and not_ok NAME [FILE] count a check; not_ok shows the end of the file as the reason.
ok() {
	passed=$((passed + 1))
	echo "ok - $1"
}

not_ok() {
	failed=$((failed + 1))
	echo "not ok - $1"
	if [ $# -gt 1 ] && [ -e "$2" ]; then
		tail -n 12 "$2" | cut -c 1-300 | sed 's/^/#   /'
	fi
}

# check NAME COMMAND...: the command must succeed; its output is the reason if not. Bounded in time, see limited.
check() {
	local name=$1
	shift
	if limited "$@" >"$work/out" 2>&1; then
		ok "$name"
	else
		echo "exit status $?: $*" >>"$work/out"
		not_ok "$name" "$work/out"
	fi
}

# refused NAME PATTERN COMMAND...: the command must fail (not crash, not hang), and its output must match the pattern.
refused() {
	local name=$1 pattern=$2 status
	shift 2
	limited "$@" >"$work/out" 2>&1
	status=$?
	if [ $status -ne 0 ] && [ $status -lt 124 ] && grep -qiE -e "$pattern" "$work/out"; then
		ok "$name"
	else
		echo "exit status $status, wanted /$pattern/: $*" >>"$work/out"
		not_ok "$name" "$work/out"
	fi
}

# limited runs a program for at most a minute. A shell function bounds its programs itself.
limited() {
	if [ "$(type -t "$1")" = function ]; then
		"$@"
	else
		timeout -k 2 "$busy" "$@"
	fi
}

# give_up NAME [FILE]: without this check the script cannot go on.
give_up() {
	not_ok "$@"
	finish
}

finish() {
	echo "$passed passed, $failed failed"
	[ $failed -eq 0 ] && [ $passed -gt 0 ]
	exit
}

# need PROGRAM PACKAGE [PROGRAM PACKAGE]...: or the script ends here.
need() {
	local packages=
	while [ $# -gt 1 ]; do
		command -v "$1" >/dev/null || packages="$packages $2"
		shift 2
	done
	[ -z "$packages" ] || lacking $packages
}

lacking() { skip "apt-get install $(printf '%s\n' "$@" | sort -u | tr '\n' ' ')"; }

# need_root REASON: or the script ends here.
need_root() { [ "$(id -u)" = 0 ] || skip "root: $1"; }

skip() {
	echo "lacking - $1"
	[ -z "${CI:-}" ] || exit 1
	exit 77
}
