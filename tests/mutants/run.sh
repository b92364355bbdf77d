#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh BUILD_DIR [NAME...]: builds the engine with one flaw at a time and makes sure that the tests notice.
#
# A mutant is a file NAME.mutant:
#
#	file: the source file that has the flaw
#	caught by: go PACKAGE...          the Go tests of these packages must fail, or
#	caught by: c PROGRAM...           at least one of these programs of tests/c must fail
#	and then a sed(1) script, which must change the file.
#
# Nothing of the tree is touched: the Go tool is given the changed file as an overlay.

build=${1:-build}
[ $# -gt 0 ] && shift
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$(cd "$build" && pwd)
cd "$top" || exit 1

work=$(mktemp -d "${TMPDIR:-/tmp}/mutants.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
go run ./internal/goruntime -goroot "$(go env GOROOT)" -o "$work/runtime" || exit 1
caught=0 missed=0

# engine: a build directory beside the real one, with the mutated engine in it.
engine() {
	rm -rf "$work/build"
	mkdir -p "$work/build/lib"
	ln -s "$build/bin" "$work/build/bin"
	cp -P "$build"/lib/libgssapi.so* "$work/build/lib/"
	CGO_ENABLED=1 go build -buildmode=c-shared -buildvcs=false \
		-ldflags "-s -w -X=runtime.godebugDefault=gcshrinkstackoff=1" -overlay "$work/engine.json" \
		-o "$work/build/lib/libgssapi-engine.so" ./capi
}

try() {
	name=$1 file=$2 kind=$3
	shift 3
	case $kind in
	go)
		! go test -count=1 -failfast -vet=off -overlay "$work/overlay.json" "$@" >"$work/log" 2>&1 || return 1
		! grep -q '\[build failed\]\|\[setup failed\]' "$work/log" || return 2
		;;
	c)
		engine >"$work/log" 2>&1 || return 2
		! sh tests/run.sh "$work/build" "$@" >"$work/log" 2>&1
		;;
	*)
		return 2
		;;
	esac
}

[ $# -gt 0 ] || set -- $(cd "$here" && ls ./*.mutant | sed -e 's,^\./,,' -e 's,\.mutant$,,')
for name; do
	mutant=$here/$name.mutant
	file=$(sed -n 's/^file: //p' "$mutant")
	by=$(sed -n 's/^caught by: //p' "$mutant")
	sed -e '/^file: /d' -e '/^caught by: /d' "$mutant" >"$work/script"
	sed -f "$work/script" "$file" >"$work/mutated.go" || exit 1
	if cmp -s "$file" "$work/mutated.go"; then
		echo "not ok $name: the script changes nothing in $file"
		missed=$((missed + 1))
		continue
	fi
	printf '{"Replace":{"%s":"%s"}}\n' "$top/$file" "$work/mutated.go" >"$work/overlay.json"
	# What the engine is always built with, and this.
	sed "s,\"Replace\": {,&\n\t\t\"$top/$file\": \"$work/mutated.go\"\,," "$work/runtime/overlay.json" >"$work/engine.json"
	# shellcheck disable=SC2086 # the words of "caught by" are arguments
	try "$name" "$file" $by
	case $? in
	0)
		echo "ok $name: caught"
		caught=$((caught + 1))
		;;
	1)
		echo "not ok $name: all of ($by) pass with it"
		missed=$((missed + 1))
		;;
	*)
		echo "not ok $name: it does not build"
		tail -20 "$work/log"
		missed=$((missed + 1))
		;;
	esac
done
echo "$caught passed, $missed failed"
[ "$missed" -eq 0 ] && [ "$caught" -gt 0 ]
