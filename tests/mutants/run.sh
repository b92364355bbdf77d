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

# The compiler has memory enough to collect less.
GOGC=400
export GOGC

all=$(mktemp -d "${TMPDIR:-/tmp}/mutants.XXXXXX") || exit 1
trap 'rm -rf "$all"' EXIT

# engine: a build directory beside the real one, with the mutated engine in it.
engine() {
	rm -rf "$work/build"
	mkdir -p "$work/build/lib" "$work/build/gen" "$build/hammer"
	ln -s "$build/bin" "$build/hammer" "$work/build/"
	ln -s "$build/gen/functions.h" "$work/build/gen/" # for the hammer
	cp -P "$build"/lib/libgssapi.so* "$build"/lib/libgssapi_krb5.so* "$work/build/lib/"
	# The overlays are for the directory that Go has for the real engine.
	set -- B="$work/build" ENGINE_GO="sh internal/goruntime/go.sh $build/gen"
	make -s relink "$@" OVERLAY="$build/gen/_runtime/overlay.json" MUTANT="$work/engine.json" PACKAGE="$(package)" ||
		make -s engine "$@" OVERLAY="$work/engine.json"
}

# package: the one that the mutated file belongs to. Those of the engine's runtime are Go's own.
package() {
	case $file in
	build/gen/*) sed -n "s,.*\"[^\"]*/src/\(.*\)/[^/]*\": \"$top/$file\".*,\1,p" "$build/gen/_runtime/overlay.json" ;;
	*) echo "./${file%/*}" ;;
	esac
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

# try go PACKAGE..., c PROGRAM... or hammer SECONDS PART: 0 if the mutant is caught, 1 if not, 2 if it does not build, 3 if no
# test has been run.
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
		! sh tests/run.sh "$work/build" "$@" >"$work/log" 2>&1 || return 1
		grep -q '^not ok' "$work/log" || return 3
		;;
	hammer)
		engine >"$work/log" 2>&1 || return 2
		! BUILD=$work/build sh tests/hammer/run.sh "$1" 1 "$2" >"$work/log" 2>&1 || return 1
		grep -q '^not ok' "$work/log" || return 3
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
		echo "not ok $1: it does not build, or no test runs"
		tail -20 "$work/log" | sed 's/^/#   /'
		;;
	esac
}

# shellcheck disable=SC2012,SC2046 # names without blanks
[ $# -gt 0 ] || set -- $(cd "$here" && ls ./*.mutant | sed -e 's,^\./,,' -e 's,\.mutant$,,')
# What takes long comes first: the hammer, and programs that wait for something that does not come.
long='^caught by: \(hammer\|c footprint\|c lookup_hosts\|c second_thread\)'
for name; do
	if grep -q "$long" "$here/$name.mutant"; then
		echo "$name" >>"$all/first"
	else
		echo "$name" >>"$all/then"
	fi
done
touch "$all/first" "$all/then"
# shellcheck disable=SC2046
set -- $(cat "$all/first" "$all/then")
# Four at a time, since much of a build waits for itself.
for worker in 1 2 3 4; do
	work=$all/$worker
	mkdir "$work"
	for name; do
		if mkdir "$all/$name" 2>/dev/null; then
			mutate "$name"
		fi
	done | tee "$all/said.$worker" &
done
wait
caught=$(cat "$all"/said.* | grep -c '^ok ')
missed=$(cat "$all"/said.* | grep -c '^not ok ')
echo "$caught passed, $missed failed"
[ "$missed" -eq 0 ] && [ "$caught" -eq $# ]
