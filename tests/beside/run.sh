#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh BUILD_DIR: our library beside another one that is written in Go, in one process. Wants Go, and exits with 77
# where it is missing.

build=${1:-build}
here=$(dirname "$0")
. "$here/../lib.sh"
if ! command -v go >/dev/null 2>&1; then
	echo "go is missing"
	exit 77
fi
build=$(cd "$build" && pwd) || exit 1
dir=$(mktemp -d "${TMPDIR:-/tmp}/beside.XXXXXX") || exit 1
trap 'limit_stop; realm_stop; rm -rf "$dir"' EXIT
(cd "$here/other" && CGO_ENABLED=1 go build -buildmode=c-shared -o "$dir/other.so" .) || exit 1
${CC:-cc} -std=c99 -Wall -Wextra -Werror -O2 -g -I"$here/../../include" -I"$here/../c" \
	-o "$dir/beside" "$here/beside.c" "$here/../c/harness.c" -L"$build/lib" -lgssapi -lpthread -ldl || exit 1
realm_start "$build" "$dir/realm" && realm_kinit alice "$dir/cc" || exit 1
KRB5CCNAME=FILE:$dir/cc
KRB5RCACHEDIR=$dir
TEST_DIR=$dir
export KRB5CCNAME KRB5RCACHEDIR TEST_DIR
failed=0
for order in before after; do
	if LD_LIBRARY_PATH=$build/lib limit 150 "$dir/beside" "$dir/other.so" $order >"$dir/output" 2>&1; then
		echo "ok another library in Go, loaded $order ours"
	else
		echo "not ok another library in Go, loaded $order ours"
		head -n 40 "$dir/output" | sed 's/^/#   /'
		failed=1
	fi
done
exit $failed
