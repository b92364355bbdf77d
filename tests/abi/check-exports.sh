#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# check-exports.sh BUILD_DIR: with readelf(1), that the libraries in BUILD_DIR/lib export the names of their
# lists, each in its node, and nothing else; that sonames and needed libraries are as they must be; that nothing in BUILD_DIR wants
# a libc newer than FreeBSD 13's. "ok NAME" or "not ok NAME" for each.

set -u
if ! command -v readelf >/dev/null 2>&1; then
	echo "readelf is missing (binutils)"
	exit 77
fi
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
engine=$build/lib/libgssapi-engine.so
work=$(mktemp -d "${TMPDIR:-/tmp}/exports.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
LC_ALL=C
export LC_ALL
failed=0

# same NAME EXPECTED FOUND: two files must be equal.
same() {
	if diff "$2" "$3" >"$work/diff"; then
		echo "ok $1"
	else
		failed=1
		echo "not ok $1 (< expected, > found)"
		grep '^[<>]' "$work/diff" | sed 's/^/#   /'
	fi
}

# exports FILE: the defined names with their nodes, without the nodes themselves.
exports() {
	readelf --dyn-syms -W "$1" |
		awk '$5 != "LOCAL" && $7 != "UND" && $7 != "ABS" && $7 != "Ndx" && $8 != "" { print $8 }' | sort
}

# dynamic FILE TAG: the values of a tag of the dynamic section.
dynamic() {
	readelf -d "$1" | sed -n "s/.*($2).*\\[\\(.*\\)\\].*/\\1/p" | sort
}

# entries PATTERN LIST...: "node name" of the lines of the lists whose place fits.
entries() {
	entries_places=$1
	shift
	awk -v places="$entries_places" '$3 ~ "^(" places ")$" { print $1, $2 }' "$@"
}

# The front's libraries, each a folder. What internal/gen found is in places.txt: node, name and place of each.
libraries=
for abi in "$root"/capi/front/abi/*/; do
	# shellcheck source=capi/front/abi/mit/library.sh
	. "${abi}library.sh"
	library=$build/lib/$soname
	list=$build/gen/$(basename "$abi")/places.txt
	libraries="$libraries $library"

	entries '.*' "$list" | awk '{ print $2 "@@" $1 }' | sort >"$work/want"
	exports "$library" >"$work/have"
	same "exports of $soname" "$work/want" "$work/have"

	# A program may hold copies of the objects, so their size is part of the interface.
	entries data "$list" | awk '{ print $2 "@@" $1, $2 ~ /^krb5_gss_dbg/ ? 4 : 8, "OBJECT" }' | sort >"$work/want"
	readelf --dyn-syms -W "$library" | awk '$4 == "OBJECT" && $7 != "UND" && $7 != "ABS" { print $8, $3, $4 }' | sort >"$work/have"
	same "sizes of the objects of $soname" "$work/want" "$work/have"

	echo "$soname" >"$work/want"
	dynamic "$library" SONAME >"$work/have"
	same "soname of $soname" "$work/want" "$work/have"
	readelf -lW "$library" | grep -o GNU_RELRO >"$work/have"
	readelf -d "$library" | grep -o 'BIND_NOW' | head -n 1 >>"$work/have"
	printf 'GNU_RELRO\nBIND_NOW\n' >"$work/want"
	same "hardening of $soname" "$work/want" "$work/have"
done

# Numbers of names that other libraries have in their nodes.
{
	echo libgssapi.so.10 FBSD_1.1 64
	echo libgssapi.so.10 FBSDprivate_1.0 4
	echo libgssapi_krb5.so.122 HEIMDAL_GSS_2.0 84
	echo libgssapi_krb5.so.122 gssapi_krb5_2_MIT 84
	echo libgssapi_krb5.so.2 gssapi_krb5_2_MIT 168
} >"$work/want"
for library in $libraries; do
	exports "$library" | sed -n "s/.*@@/$(basename "$library") /p" | grep -v ' LIBGSSAPI_' | sort | uniq -c |
		awk '{ print $2, $3, $1 }'
done | sort >"$work/counts"
same "numbers of names in nodes of others" "$work/want" "$work/counts"

echo libgssapi-engine.so >"$work/want"
dynamic "$engine" SONAME >"$work/have"
same "soname of the engine" "$work/want" "$work/have"

# FreeBSD's libc without libthr hangs in a fork after dlopen(3) of something that wants libthr.
if dynamic "$engine" NEEDED | grep -q '^libc\.so\.7$'; then
	printf 'libc.so.7\nlibthr.so.3\n' >"$work/want"
else
	echo libc.so.6 >"$work/want"
fi
for library in $libraries $engine; do
	# The linker itself knows where the stack of a program's first thread is.
	dynamic "$library" NEEDED | grep -v '^ld-linux' >"$work/have"
	same "needed by $(basename "$library")" "$work/want" "$work/have"
	readelf -d "$library" | grep -o 'NODELETE' | head -n 1 >"$work/have"
	echo NODELETE >"$work/nodelete"
	same "$(basename "$library") stays loaded" "$work/nodelete" "$work/have"
done

{
	entries 'engine|waits|behind' "$build"/gen/*/places.txt | awk '{ print $2 }'
	echo gssapi_engine_begin
	echo gssapi_engine_cancel
	echo gssapi_engine_claim
	echo gssapi_engine_forked
	echo gssapi_engine_has
	echo gssapi_engine_is_mine
	echo gssapi_engine_join
	echo gssapi_engine_prepare
	echo gssapi_engine_start
} | sort -u >"$work/want"
exports "$engine" | grep '^gss' >"$work/have"
same "exports of the engine" "$work/want" "$work/have"

# Nor may the stack hold code. Systems can be told to refuse such programs (FreeBSD: kern.elf64.allow_wx).
: >"$work/want"
for library in $libraries $engine; do
	readelf -lW "$library" | grep -E ' RWE +0x|GNU_STACK.* E' | sed "s,^,$(basename "$library"):,"
	readelf -lW "$library" | grep -q GNU_STACK || echo "$(basename "$library") says nothing of the stack"
done >"$work/have"
same "nothing is both code and data" "$work/want" "$work/have"

# The linker only maps the engine and finds functions of the C library: programs that never need it, and have it loaded
# before chroot(2), pay for nothing else.
: >"$work/want"
readelf -d "$engine" | grep -oE 'TEXTREL|INIT_ARRAY|FINI_ARRAY' >"$work/have"
readelf -r "$engine" | grep -o R_X86_64_RELATIVE | sort -u >>"$work/have"
same "the linker has nothing to do in the engine" "$work/want" "$work/have"

# Go's runtime on FreeBSD opens devices, if that is not edited (internal/goruntime).
: >"$work/want"
if dynamic "$engine" NEEDED | grep -q '^libc\.so\.7$'; then
	grep -aoP '/dev/urandom(?=\x00)|/dev/hpet' "$engine" | sort -u # other names in Go do not end with NUL
fi >"$work/have"
same "the engine opens no device" "$work/want" "$work/have"

# FBSD_1.6 is the newest node of FreeBSD 13's libraries.
find "$build/lib" "$build/bin" -type f 2>/dev/null | while read -r file; do
	readelf -V "$file" 2>/dev/null | sed -n "s,.*Name: FBSD_1\\.\\([0-9]*\\) .*,\\1 $file,p" |
		awk '$1 > 6 { print $2, "wants FBSD_1." $1 }'
done | sort -u >"$work/have"
: >"$work/want"
same "no libc newer than FreeBSD 13's" "$work/want" "$work/have"

# Those of FBSD_1.0 are for programs of FreeBSD 8 (cross/semaphores.h).
find "$build/lib" "$build/bin" -type f 2>/dev/null | while read -r file; do
	readelf --dyn-syms -W "$file" 2>/dev/null | sed -n "s,.* UND \\(sem_[a-z]*@FBSD_1\\.[01]\\) .*,$file wants \\1,p"
done | sort -u >"$work/have"
same "semaphores are those of today" "$work/want" "$work/have"

exit $failed
