#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# tested.sh BUILD_DIR: each exported function is called by a test program, and by the hammer. "ok NAME" or "not ok NAME:
# what to add" for each.

cd "$(dirname "$0")/../.." || exit 1
build=${1:-build}
failed=0
checked=0
# verdict NAME ADVICE FILE...: a file has a call of the function, or its name among others.
verdict() {
	verdict_name=$1 verdict_advice=$2
	shift 2
	checked=$((checked + 1))
	if grep -qE "(^|[^a-z_])${verdict_name}[(,)]" "$@"; then
		echo "ok $verdict_name"
	else
		failed=$((failed + 1))
		echo "not ok $verdict_name: $verdict_advice"
	fi
}
# shellcheck disable=SC2013 # names
for name in $(awk '$3 !~ /^(data|absent|another)$/ { print $2 }' "$build"/gen/*/places.txt | sort -u); do
	# Those that no public header declares are of no use to a program.
	if grep -q "[ *]$name(" include/gssapi/*.h; then
		verdict "$name" "no test calls it: add tests/c/$name.c" tests/c/*.c tests/front/*.c tests/interop/*.c
		if [ -f "tests/c/$name.c" ] && [ ! -f "tests/c/expected/$name.txt" ] && grep -qw "$name" tests/interop/names.txt; then
			failed=$((failed + 1))
			echo "not ok $name: MIT's library has it, too: sh tests/compare.sh $build record $name, and why lines differ"
		fi
	fi
	verdict "$name" "the hammer does not call it: add a CALL of it to an operation in tests/hammer/api" tests/hammer/api/*.c
done
echo "$((checked - failed)) passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$checked" -gt 0 ]
