#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh [BUILD_DIR [THEIRS]]: the tables of bench.c, ours beside Debian's libgssapi_krb5, with a realm of our own. The
# calls for messages have one for each enctype.

build=${1:-build}
theirs=${2:-}
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$build" && pwd) || exit 1
. "$here/../tests/lib.sh"

if [ -z "$theirs" ]; then
	for theirs in /usr/lib/*/libgssapi_krb5.so.2 ''; do
		[ -e "$theirs" ] && break
	done
fi
if [ -z "$theirs" ]; then
	echo "bench: no libgssapi_krb5.so.2 to compare with; install it (Debian: libgssapi-krb5-2)" >&2
	exit 77
fi

aes=
grep -qw aes /proc/cpuinfo 2>/dev/null && aes=-maes
mkdir -p "$build/bin"
flags="-std=c99 -D_POSIX_C_SOURCE=200809L -O2 -Wall -Wextra -Werror -I$build/include"
${CC:-cc} $flags $aes -c -o "$build/bin/limit.o" "$here/limit.c" &&
	${CC:-cc} $flags -pthread -o "$build/bin/bench" "$here/bench.c" "$build/bin/limit.o" -ldl || exit 1

dir=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX") || exit 1
trap 'realm_stop; rm -rf "$dir"' EXIT

# one NUMBER NAME [BITS]: in a realm whose keys, and clients, know one enctype.
one() {
	realm_start "$build" "$dir/realm.$1$3" -enctypes "$1" || exit 1
	sed "s/^\[libdefaults\]/&\n	permitted_enctypes = $2/" "$KRB5_CONFIG" >"$dir/krb5.conf.$1"
	KRB5_CONFIG=$dir/krb5.conf.$1 KRB5CCNAME=FILE:$dir/cc.$1 KRB5RCACHEDIR=$dir
	export KRB5_CONFIG KRB5CCNAME KRB5RCACHEDIR
	realm_kinit alice "$dir/cc.$1" || exit 1
	"$build/bin/bench" "$build/lib/libgssapi.so.10" "$theirs" ${3:+"$3"} || exit 1
	realm_stop
}

one 18 aes256-cts-hmac-sha1-96
while read -r number name bits; do
	printf '\n%s\n' "$name"
	one "$number" "$name" "$bits"
done <<EOF
18 aes256-cts-hmac-sha1-96 256
17 aes128-cts-hmac-sha1-96 128
19 aes128-cts-hmac-sha256-128 128
20 aes256-cts-hmac-sha384-192 256
EOF

# What a fork costs, and the child's first call.
printf '\n'
# shellcheck disable=SC2086 # a list of options
${CC:-cc} $flags -pthread -o "$build/bin/bench-fork" "$here/fork.c" "$here/library.c" -ldl || exit 1
realm_start "$build" "$dir/realm.fork" || exit 1
KRB5CCNAME=FILE:$dir/cc.fork KRB5RCACHEDIR=$dir
export KRB5CCNAME KRB5RCACHEDIR
realm_kinit alice "$dir/cc.fork" || exit 1
"$build/bin/bench-fork" "$build/lib/libgssapi.so.10"

# Processes that authenticate once.
printf '\n'
# shellcheck disable=SC2086
${CC:-cc} $flags -o "$build/bin/bench-process" "$here/process.c" "$here/library.c" -ldl || exit 1
"$build/bin/bench-process" "$build/lib/libgssapi.so.10" "$theirs"
