#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# try.sh DIR [NAME]: runs what build.sh has put into DIR. "ok NAME: TEST" or "not ok NAME: TEST" for each.

d=$1
variant=${2:-front}
log=$d/log
failed=0

# try TEST WHERE COMMAND...: runs a program with the front of DIR/WHERE; by a relative path if DIR is one.
try() {
	name=$1 where=$2
	shift 2
	if LD_LIBRARY_PATH=$d/$where timeout -k 5 300 "$@" >"$log" 2>&1; then
		echo "ok $variant: $name"
	else
		failed=$((failed + 1))
		echo "not ok $variant: $name"
		head -n 40 "$log" | sed 's/^/#   /'
	fi
}

try "data without an engine" missing "$d/data"
try "data" ok "$d/data"
try "the cause of a failure" ok "$d/cause"
try "no memory" ok "$d/memory"
try "engine missing" missing "$d/broken" libgssapi-engine.so
try "engine empty" empty "$d/broken" "its header is truncated"
try "engine a text" text "$d/broken" damaged
try "engine a directory" directory "$d/broken" "not a regular file"
try "engine of 30 octets" truncated-30 "$d/broken" "its header is truncated"
try "engine of 300 octets" truncated-300 "$d/broken" "its program headers are truncated"
try "half an engine" truncated-half "$d/broken" truncated
try "engine without its last octet" truncated-most "$d/broken" truncated
try "engine of another version" version "$d/broken" "does not belong to this version"
try "engine without a function" lacks "$d/broken" "lacks gss_"
try "engine that has no room" cramped "$d/broken" "MiB of address space"
try "a fork within the load" forks "$d/threads"
try "descriptors that are taken within the load" takes "$d/descriptors"
# "static TLS block" says the one, "static Thread Local Storage" the other linker.
try "engine that the linker has no room for" big "$d/broken" "static T"
try "engine without threads" alone "$d/beside"
try "engine that never answers" never "$d/silent"
try "two fronts" ok "$d/second" "$d/claimed/libgssapi.so.10" "$d/claimed/second.so"
try "two fronts, and a linker that gives one engine" ok "$d/second" "$d/ok/libgssapi.so.10" "$d/taken/second.so" \
    "the linker returned the first instance again"
try "two fronts, and no file in memory" ok "$d/second-refused" "$d/claimed/libgssapi.so.10" "$d/claimed/second.so" \
    "a second instance cannot be loaded"
try "two fronts, and FreeBSD's linkers" ok "$d/rtld" "$d/rtld"
try "threads" ok "$d/threads"
try "waiting" ok "$d/wait"
try "threads by a link" link "$d/threads"
# The program removes the engine that it is given.
rm -rf "$d/process-run"
cp -R "$d/ok" "$d/process-run"
try "process" process-run "$d/process" "$(cd "$d" && pwd)/process-run/libgssapi-engine.so"
[ "$failed" -eq 0 ]
