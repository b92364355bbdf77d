#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh [--sanitize]: tests the front alone, with an engine that needs no Go: as it is, or under the sanitizers that
# the compiler (CC) has. Wants build/gen, which make front writes.

set -eu
cd "$(dirname "$0")/../.."

variants=plain
[ "${1:-}" != --sanitize ] || variants="asan ubsan tsan"
CC=${CC:-cc}
out=build/front-tests
failed=0
export CC
export ASAN_OPTIONS=detect_leaks=1:exitcode=99
export UBSAN_OPTIONS=halt_on_error=1
export TSAN_OPTIONS="die_after_fork=0:report_signal_unsafe=0:report_thread_leaks=0:exitcode=99"

mkdir -p $out
for variant in $variants; do
	# Sanitizers cannot start a thread in a child. Of fork(2) beside threads, AddressSanitizer and ThreadSanitizer leave
	# locks of theirs, and of the loader, held in the child for good.
	case $variant in
	plain) FLAGS="-O2 -g" ;;
	asan) FLAGS="-O1 -g -fsanitize=address -fno-omit-frame-pointer -DNO_THREAD -DNO_FORK -DNO_MALLOC" ;;
	ubsan) FLAGS="-O1 -g -fsanitize=undefined -fno-sanitize-recover=all" ;;
	tsan) FLAGS="-O1 -g -fsanitize=thread -DNO_THREAD -DNO_FORK -DNO_MALLOC" ;;
	esac
	export FLAGS
	# shellcheck disable=SC2086 # a list of options
	if ! echo 'int main(void) { return 0; }' | $CC $FLAGS -o "$out/probe" -x c - -lpthread 2>/dev/null; then
		echo "$CC lacks: $FLAGS"
		[ "${CI:-}" != true ] || failed=1
		continue
	fi
	sh tests/front/build.sh "$out/$variant"
	sh tests/front/try.sh "$out/$variant" "$variant" || failed=1
done
[ $failed -eq 0 ]
