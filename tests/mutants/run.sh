#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh BUILD_DIR [NAME...]: builds the engine, or the front, with one flaw at a time and makes sure that the tests notice.
#
# A mutant is a file NAME.mutant:
#
#	file: the source file that has the flaw; of the engine's runtime that is what build/gen/_runtime has
#	caught by: go PACKAGE...          the Go tests of these packages must fail, or
#	caught by: c PROGRAM...           at least one of these programs of tests/c must fail, or
#	caught by: hammer SECONDS PART    this part of tests/hammer must fail within the time
#	and then a sed(1) script, which must change the file.
#
# Nothing of the tree is touched: the Go tool is given the changed file as an overlay, the C compiler a copy of the front.

build=${1:-build}
[ $# -gt 0 ] && shift
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$(cd "$build" && pwd)
cd "$top" || exit 1

all=$(mktemp -d "${TMPDIR:-/tmp}/mutants.XXXXXX") || exit 1
trap 'rm -rf "$all"' EXIT

# engine: a build directory beside the real one, with the mutated engine in it.
engine() {
	rm -rf "$work/build"
	mkdir -p "$work/build/lib"
	mkdir -p "$build/hammer"
	ln -s "$build/bin" "$build/hammer" "$work/build/"
	cp -P "$build"/lib/libgssapi.so* "$build"/lib/libgssapi_krb5.so* "$work/build/lib/"
	make -s engine B="$work/build" OVERLAY="$work/engine.json"
}

# front FILE: likewise with the mutated front.
front() {
	rm -rf "$work/build" "$work/front"
	mkdir -p "$work/build/lib"
	ln -s "$build/bin" "$work/build/bin"
	cp "$build/lib/libgssapi-engine.so" "$work/build/lib/"
	cp -R capi/front "$work/front"
	cp "$work/mutated.go" "$work/front/${1#capi/front/}"
	make -s front B="$work/build" FRONT_DIR="$work/front"
}

# try go PACKAGE..., c PROGRAM... or hammer SECONDS PART: 0 if the mutant is caught, 1 if not, 2 if it does not build.
try() {
	kind=$1
	shift
	case $kind in
	go)
		! go test -count=1 -short -failfast -vet=off -overlay "$work/overlay.json" "$@" >"$work/log" 2>&1 || return 1
		! grep -q '\[build failed\]\|\[setup failed\]' "$work/log" || return 2
		;;
	c)
		case $file in
		capi/front/*) front "$file" >"$work/log" 2>&1 || return 2 ;;
		*) engine >"$work/log" 2>&1 || return 2 ;;
		esac
		! sh tests/run.sh "$work/build" "$@" >"$work/log" 2>&1
		;;
	hammer)
		engine >"$work/log" 2>&1 || return 2
		! BUILD=$work/build sh tests/hammer/run.sh "$1" 1 "$2" >"$work/log" 2>&1 || return 1
		grep -q '^not ok' "$work/log" || return 2
		;;
	*)
		return 2
		;;
	esac
}

mutate() {
	mutant=$here/$1.mutant
	file=$(sed -n 's/^file: //p' "$mutant")
	by=$(sed -n 's/^caught by: //p' "$mutant")
	sed -e '/^file: /d' -e '/^caught by: /d' "$mutant" >"$work/script"
	if ! sed -f "$work/script" "$file" >"$work/mutated.go" || cmp -s "$file" "$work/mutated.go"; then
		echo "not ok $1: the script changes nothing in $file"
		return
	fi
	printf '{"Replace":{"%s":"%s"}}\n' "$top/$file" "$work/mutated.go" >"$work/overlay.json"
	# What the engine is always built with, and this.
	case $file in
	build/gen/*) script="s,\"$top/$file\",\"$work/mutated.go\"," ;;
	*) script="s,\"Replace\": {,&\n\t\t\"$top/$file\": \"$work/mutated.go\"\,," ;;
	esac
	sed "$script" "$build/gen/_runtime/overlay.json" >"$work/engine.json"
	# shellcheck disable=SC2086 # the words of "caught by" are arguments
	try $by
	case $? in
	0) echo "ok $1: caught" ;;
	1) echo "not ok $1: all of ($by) pass with it" ;;
	*)
		echo "not ok $1: it does not build"
		tail -20 "$work/log" | sed 's/^/#   /'
		;;
	esac
}

# Two at a time: much of a build waits for itself.
[ $# -gt 0 ] || set -- $(cd "$here" && ls ./*.mutant | sed -e 's,^\./,,' -e 's,\.mutant$,,')
for turn in 0 1; do
	work=$all/$turn
	mkdir "$work"
	number=0
	for name; do
		[ $((number % 2)) -ne $turn ] || mutate "$name"
		number=$((number + 1))
	done | tee "$all/said.$turn" &
done
wait
caught=$(cat "$all"/said.* | grep -c '^ok ')
missed=$(cat "$all"/said.* | grep -c '^not ok ')
echo "$caught passed, $missed failed"
[ "$missed" -eq 0 ] && [ "$caught" -eq $# ]
