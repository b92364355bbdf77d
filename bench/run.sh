#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh [BUILD_DIR [THEIRS]]: the table of bench.c, ours beside Debian's libgssapi_krb5, with a realm of our own.

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

mkdir -p "$build/bin"
${CC:-cc} -std=c99 -D_POSIX_C_SOURCE=200809L -O2 -Wall -Wextra -Werror -I"$build/include" -o "$build/bin/bench" \
	"$here/bench.c" -ldl || exit 1

dir=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX") || exit 1
trap 'realm_stop; rm -rf "$dir"' EXIT
realm_start "$build" "$dir/realm" || exit 1
export KRB5CCNAME="FILE:$dir/cc" KRB5RCACHEDIR="$dir"
realm_kinit alice "$dir/cc" || exit 1
"$build/bin/bench" "$build/lib/libgssapi.so.10" "$theirs"
