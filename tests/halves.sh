#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# halves.sh BUILD_DIR [PROGRAM...]: run.sh for two halves of the C tests side by side, by default of all: most of them wait.
# The lines of one half come when the other's have.

here=$(dirname "$0")
build=$1
shift
# shellcheck disable=SC2046 # a list of names
[ $# -gt 0 ] || set -- $(cut -f 1 "$build/bin/c.txt")
log=$(mktemp "${TMPDIR:-/tmp}/halves.XXXXXX") || exit 1
first='' second='' number=0
for program; do
	number=$((number + 1))
	if [ $((number % 2)) -eq 0 ]; then
		first="$first $program"
	else
		second="$second $program"
	fi
done
half=
trap '[ -z "$half" ] || kill "$half"; rm -f "$log"; exit 1' HUP INT TERM
failed=0
# shellcheck disable=SC2086 # lists of names
if [ -n "$first" ]; then
	sh "$here/run.sh" "$build" $first >"$log" 2>&1 &
	half=$!
fi
# shellcheck disable=SC2086
sh "$here/run.sh" "$build" $second || failed=1
[ -z "$half" ] || wait "$half" || failed=1
cat "$log"
rm -f "$log"
[ "$failed" -eq 0 ]
