#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# build.sh DIR: compiles the front, engines that need no Go, and the programs that try them. Environment: CC, FLAGS (for
# the compiler), GEN (where make has generated the stubs).

set -eu
cd "$(dirname "$0")/../.."

d=$1
CC=${CC:-cc}
FLAGS=${FLAGS:--O2 -g}
GEN=${GEN:-build/gen}
flags="$FLAGS -std=c99 -Wall -Wextra -pedantic -Werror -Iinclude -Icapi/front -I$GEN"
front="-DGSSAPI_ANY_LIBRARY capi/front/*.c capi/front/abi/freebsd/*.c $GEN/freebsd/stubs.c"

rm -rf "$d"
for part in 30 300 half most; do
	mkdir -p "$d/truncated-$part"
done
mkdir -p "$d/ok" "$d/forks" "$d/alone" "$d/claimed" "$d/taken" "$d/big" "$d/never" "$d/missing" "$d/empty" "$d/version" "$d/lacks" "$d/cramped" "$d/text" \
	"$d/link" "$d/takes" "$d/directory/libgssapi-engine.so"

# The lists of options are lists.
# shellcheck disable=SC2086
{
	$CC $flags -fPIC -shared -Wl,-soname,libgssapi.so.10 -Wl,--version-script="$GEN/freebsd/exports.map" \
		-Wl,-z,nodelete -Wl,-Bsymbolic -o "$d/ok/libgssapi.so.10" $front -lpthread
	engine="$CC $flags -fPIC -shared -Wl,-soname,libgssapi-engine.so -DGSSAPI_ANY_LIBRARY tests/front/fake_engine.c tests/front/fake_rest.c"
	$engine -o "$d/ok/libgssapi-engine.so" -lpthread
	$engine -DREFUSE -o "$d/version/libgssapi-engine.so" -lpthread
	$engine -DFORKS -o "$d/forks/libgssapi-engine.so" -lpthread
	$engine -DALONE -o "$d/alone/libgssapi-engine.so" -lpthread
	$engine -DTAKES -o "$d/takes/libgssapi-engine.so" -lpthread
	$engine -DNO_ROOM -o "$d/cramped/libgssapi-engine.so" -lpthread
	$engine -DCLAIMED=1 -o "$d/claimed/libgssapi-engine.so" -lpthread
	$engine -DCLAIMED=0 -o "$d/taken/libgssapi-engine.so" -lpthread
	$engine -DBIG=67108864 -o "$d/big/libgssapi-engine.so" -lpthread
	cp "$d/ok/libgssapi-engine.so" "$d/never/"
	$CC $flags -DFRONT_PATIENCE=2 -fPIC -shared -Wl,-soname,libgssapi.so.10 \
		-Wl,--version-script="$GEN/freebsd/exports.map" -Wl,-z,nodelete -Wl,-Bsymbolic -o "$d/never/libgssapi.so.10" \
		$front -lpthread
	$engine -DLACK -o "$d/lacks/libgssapi-engine.so" -lpthread
	for program in beside broken cause data descriptors memory process silent threads wait; do
		$CC $flags -o "$d/$program" "tests/front/$program.c" "$d/ok/libgssapi.so.10" -lpthread
	done
	$CC $flags -o "$d/second" tests/front/second.c
	$CC $flags -o "$d/rtld" tests/front/rtld.c capi/front/platform.c
	$CC $flags -DREFUSE_FILES -rdynamic -o "$d/second-refused" tests/front/second.c
}
echo "no engine" >"$d/text/libgssapi-engine.so"
: >"$d/empty/libgssapi-engine.so"
size=$(wc -c <"$d/ok/libgssapi-engine.so")
for part in 30 300 half most; do
	case $part in
	half) n=$((size / 2)) ;;
	most) n=$((size - 1)) ;;
	*) n=$part ;;
	esac
	head -c "$n" "$d/ok/libgssapi-engine.so" >"$d/truncated-$part/libgssapi-engine.so"
done
# The engine lies beside what a link to the front leads to, too.
ln -s ../ok/libgssapi.so.10 "$d/link/libgssapi.so.10"
for dir in "$d"/*/; do
	[ -e "$dir/libgssapi.so.10" ] || cp "$d/ok/libgssapi.so.10" "$dir"
done
for dir in claimed taken; do
	cp "$d/ok/libgssapi.so.10" "$d/$dir/second.so"
done
