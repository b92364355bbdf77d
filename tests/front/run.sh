#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Tests the front alone, with an engine that needs no Go: as it is, and under the sanitizers that the compiler has.
# CC and VARIANTS ("plain asan ubsan tsan") may be set. Wants build/gen, so run make front first.

set -eu
cd "$(dirname "$0")/../.."

CC=${CC:-cc}
VARIANTS=${VARIANTS:-plain asan ubsan tsan}
out=build/front-tests
failed=0
export ASAN_OPTIONS=detect_leaks=1:exitcode=99
export UBSAN_OPTIONS=halt_on_error=1
export TSAN_OPTIONS=die_after_fork=0:report_thread_leaks=0:exitcode=99:suppressions=$PWD/tests/front/tsan.supp

# try NAME DIR COMMAND...: runs a program with the front of DIR, by a relative path on purpose.
try() {
	name=$1 dir=$2
	shift 2
	if ! LD_LIBRARY_PATH=$dir timeout -k 5 120 "$@" >"$out/log" 2>&1; then
		failed=$((failed + 1))
		echo "FAIL $name"
		sed 's/^/  /' "$out/log" | head -40
	else
		echo "ok $name"
	fi
}

front_sources() {
	ls capi/front/*.c build/gen/stubs.c
}

warn="-std=c99 -Wall -Wextra -pedantic -Werror"
paths="-Iinclude -Icapi/front -Ibuild/gen"

for variant in $VARIANTS; do
	case $variant in
	plain) flags="-O2 -g" ;;
	asan) flags="-O1 -g -fsanitize=address -fno-omit-frame-pointer -DNO_THREAD" ;;
	ubsan) flags="-O1 -g -fsanitize=undefined -fno-sanitize-recover=all" ;;
	tsan) flags="-O1 -g -fsanitize=thread -DNO_THREAD" ;;
	esac
	d=$out/$variant
	rm -rf "$d"
	mkdir -p "$d/ok" "$d/missing" "$d/empty" "$d/version" "$d/lacks" "$d/text" "$d/directory/libgssapi-engine.so"
	if ! $CC $flags -o "$d/probe" -x c - -lpthread 2>/dev/null <<-'END'
		int main(void) { return 0; }
	END
	then
		echo "LACK $variant: $CC does not have it"
		continue
	fi
	$CC $flags $warn $paths -fPIC -shared -Wl,-soname,libgssapi.so.10 -Wl,--version-script=build/gen/libgssapi.map \
		-Wl,-z,nodelete -Wl,-Bsymbolic -o "$d/ok/libgssapi.so.10" $(front_sources) -lpthread
	engine="$CC $flags $warn $paths -fPIC -shared -Wl,-soname,libgssapi-engine.so tests/front/fake_rest.c"
	$engine tests/front/fake_engine.c -o "$d/ok/libgssapi-engine.so" -lpthread
	$engine -DREFUSE tests/front/fake_engine.c -o "$d/version/libgssapi-engine.so" -lpthread
	$engine -DLACK tests/front/fake_engine.c -o "$d/lacks/libgssapi-engine.so" -lpthread
	echo "no engine" >"$d/text/libgssapi-engine.so"
	: >"$d/empty/libgssapi-engine.so"
	size=$(wc -c <"$d/ok/libgssapi-engine.so")
	for part in 30 300 half most; do
		mkdir -p "$d/truncated-$part"
		case $part in
		half) n=$((size / 2)) ;;
		most) n=$((size - 1)) ;;
		*) n=$part ;;
		esac
		head -c $n "$d/ok/libgssapi-engine.so" >"$d/truncated-$part/libgssapi-engine.so"
	done
	for dir in "$d"/*/; do
		[ -f "$dir/libgssapi.so.10" ] || cp "$d/ok/libgssapi.so.10" "$dir"
	done
	# A link to the front elsewhere: the engine lies beside what the link leads to.
	mkdir "$d/link"
	ln -s ../ok/libgssapi.so.10 "$d/link/libgssapi.so.10"
	for program in data broken process threads; do
		$CC $flags $warn $paths -o "$d/$program" "tests/front/$program.c" "$d/ok/libgssapi.so.10" -lpthread
	done

	try "$variant data without an engine" "$d/missing" "$d/data"
	try "$variant data" "$d/ok" "$d/data"
	try "$variant engine missing" "$d/missing" "$d/broken" libgssapi-engine.so
	try "$variant engine empty" "$d/empty" "$d/broken" "ends within its header"
	try "$variant engine a text" "$d/text" "$d/broken" damaged
	try "$variant engine a directory" "$d/directory" "$d/broken" "no file"
	try "$variant engine of 30 octets" "$d/truncated-30" "$d/broken" "ends within its header"
	try "$variant engine of 300 octets" "$d/truncated-300" "$d/broken" "ends within its program headers"
	try "$variant half an engine" "$d/truncated-half" "$d/broken" truncated
	try "$variant engine without its last octet" "$d/truncated-most" "$d/broken" truncated
	try "$variant engine of another version" "$d/version" "$d/broken" "another version"
	try "$variant engine without a function" "$d/lacks" "$d/broken" "lacks gss_"
	try "$variant threads" "$d/ok" "$d/threads"
	try "$variant threads by a link" "$d/link" "$d/threads"
	try "$variant process" "$d/ok" "$d/process" "$PWD/$d/ok/libgssapi-engine.so"
done
[ $failed -eq 0 ]
