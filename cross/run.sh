#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh [-v]: the demonstration and the tests of this directory, on a FreeBSD/amd64 with nothing else installed. With -v
# each line tells what its C program proves.

cd "$(dirname "$0")" || exit 1
failed=0

uname -srm

# step NAME COMMAND...
step() {
	step_name=$1
	shift
	echo "== $step_name"
	if ! "$@"; then
		failed=$((failed + 1))
		echo "== FAILED: $step_name"
	fi
}

step "the demonstration" sh tests/demo.sh .
step "what ends programs that hang" sh tests/limit.sh .
step "C programs, one for each function" sh tests/run.sh ${1+"$1"} .
step "bad surroundings" sh tests/conditions/run.sh .
step "the front alone" sh tests/front/try.sh bin/front
[ "$failed" -eq 0 ] && echo "all steps passed"
[ "$failed" -eq 0 ]
