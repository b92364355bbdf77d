#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run-all.sh [BUILD_DIR]: all tests that can run here, on what "make all programs kdc" has built. A step that lacks a
# package names it, and the other steps run; with CI=true in the environment that is a failure. Ends with "N passed, M
# failed".

tests=$(cd "$(dirname "$0")" && pwd)
cd "$tests/.." || exit 1
build=${1:-build}
mkdir -p "$build"
build=$(cd "$build" && pwd)
BUILD=$build
export BUILD
log=$build/test.log
passed=0
failed=0
lacking=

# count LINES of a step's log that begin with a word of its own: "ok NAME", "not ok NAME", go's "ok" and "FAIL".
count() {
	grep -cE "$1" "$log"
}

# step NAME COMMAND...
step() {
	step_name=$1
	shift
	echo "== $step_name"
	{
		"$@" 2>&1
		echo $? >"$log.status"
	} | tee "$log"
	step_status=$(cat "$log.status")
	step_failed=$(count '^(not ok|FAIL)[[:blank:]]')
	passed=$((passed + $(count '^ok[[:blank:]]')))
	case $step_status in
	0) ;;
	77)
		lacking="$lacking$step_name, "
		[ "$CI" != true ] || step_failed=$((step_failed + 1))
		;;
	*) [ "$step_failed" -gt 0 ] || step_failed=1 ;;
	esac
	failed=$((failed + step_failed))
}

demonstration() {
	sh tests/demo.sh "$build" && echo "ok demo"
}

in_go() {
	if ! command -v go >/dev/null 2>&1; then
		echo "go is missing"
		return 77
	fi
	# There "go vet" is a step of its own.
	go test ${CI:+-vet=off} ./... 2>&1 | grep -v 'no test files'
	# The status of a pipe is its last command's: FAIL lines count.
}

go_results() {
	cat "$build/test.go.log"
	[ "$in_go" != lacking ] || return 77
}

interop() {
	if ! command -v bash >/dev/null 2>&1; then
		echo "bash is missing"
		return 77
	fi
	bash tests/interop/run.sh "$build"
}

step "the demonstration" demonstration
step "C programs, one for each function" sh tests/halves.sh "$build"
step "what ends programs that hang" sh tests/limit.sh "$build"
step "the same with MIT's library, line by line" sh tests/compare.sh "$build"
step "beside another library in Go" sh tests/beside/run.sh "$build"
step "the front alone" sh tests/front/run.sh
step "exported names" sh tests/abi/check-exports.sh "$build"
step "exported functions are tested" sh tests/abi/tested.sh "$build"
[ ! -f tests/conditions/run.sh ] || step "bad surroundings" sh tests/conditions/run.sh "$build"
step "manual pages" sh tests/man.sh
step "the FreeBSD port" sh tests/port.sh "$build"
step "building with what is installed" sh tests/install.sh "$build"
# The Go tests compute while the others wait for servers.
in_go >"$build/test.go.log" 2>&1 &
in_go=$!
step "MIT's and Heimdal's programs" interop
wait $in_go
[ $? -ne 77 ] || in_go=lacking
step "Go packages" go_results

[ -z "$lacking" ] || echo "Not everything could run here; see above what is missing: ${lacking%, }."
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
