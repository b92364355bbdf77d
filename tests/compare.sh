#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# compare.sh BUILD_DIR [record] [PROGRAM...]: builds the C tests with Debian's libgssapi_krb5 (libkrb5-dev), runs them
# beside ours and compares line by line. Lines that differ for a reason are in c/differences.txt. With "record" it writes
# c/expected anew: what MIT's library prints, with the differences applied. Exits with 77 if libkrb5-dev is missing.
#
# differences.txt has a paragraph for each difference, lines in this order:
#	program: NAME
#	ours: what this library prints, "-" if that is nothing
#	mit: what MIT's prints
#	why: the reason, on one line or more

build=${1:-build}
[ $# -eq 0 ] || shift
record=
if [ "$1" = record ]; then
	record=yes
	shift
fi
here=$(dirname "$0")
mit=$build/mit
expected=$here/c/expected
differences=$here/c/differences.txt
. "$here/lib.sh"

if ! echo '#include <gssapi/gssapi_ext.h>
int main(void) { return 0; }' | ${CC:-cc} -x c -o /dev/null - -lgssapi_krb5 2>/dev/null; then
	echo "compare.sh: libkrb5-dev is missing"
	exit 77
fi

# apply PROGRAM: MIT's output on stdin, with our lines for those that differ.
apply() {
	awk -v program="$1" -v differences="$differences" '
	function learn() {
		if (name == program)
			instead[mit] = ours
		name = ours = mit = ""
	}
	BEGIN {
		while ((getline line < differences) > 0) {
			if (line == "")
				learn()
			else if (line ~ /^program: /)
				name = substr(line, 10)
			else if (line ~ /^ours: /)
				ours = substr(line, 7)
			else if (line ~ /^mit: /)
				mit = substr(line, 6)
		}
		learn()
	}
	$0 in instead {
		if (instead[$0] != "-")
			print instead[$0]
		used[$0] = 1
		next
	}
	{ print }
	END {
		for (line in instead)
			if (!(line in used))
				print "differences.txt has a line that MIT does not print: " line
	}'
}

# A test has a peer if something is expected of it.
names=
for file in "$expected"/*.txt; do
	[ ! -f "$file" ] || names="$names $(basename "$file" .txt)"
done
if [ -n "$record" ]; then
	names=$(cd "$here/c" && printf '%s\n' failures.c gss_*.c spnego.c channel_bindings.c enctypes.c time_req.c | sed 's/\.c$//' |
	    grep -v '^gss_duplicate_oid$')
fi
[ $# -eq 0 ] || names=$*
for name in $names; do
	program=$here/c/$name.c
	[ -n "$record" ] || program=$expected/$name.txt
	[ -f "$program" ] || {
		echo "compare.sh: $program is missing: there is no such program, or it is not for MIT's library"
		exit 1
	}
done

# shellcheck disable=SC2086
{
	mkdir -p "$expected"
	[ -z "$record" ] || for name in $names; do
		[ -f "$expected/$name.txt" ] || : >"$expected/$name.txt" # build.sh builds the programs that have one
	done
	PROGRAMS=$mit/bin GSS_CFLAGS=-DPEER_MIT GSS_LIBS=-lgssapi_krb5 sh "$here/build.sh" "$build" || exit 1
	# A comparison with ourselves would show nothing.
	if ! ldd "$mit/bin/c/gss_wrap" | grep 'libgssapi_krb5' | grep -qv "$(cd "$build" && pwd)"; then
		echo "compare.sh: the programs for MIT's library are linked with ours"
		exit 1
	fi
	rm -rf "$mit/output"
	PROGRAMS=$mit/bin/c EXPECTED=none OUTPUT=$mit/output sh "$here/halves.sh" "$build" $names >"$mit/log" 2>&1 || {
		grep -v '^ok ' "$mit/log"
		echo "compare.sh: not all programs run with MIT's library"
		exit 1
	}
}
if [ -n "$record" ]; then
	for name in $names; do
		apply "$name" <"$mit/output/$name.txt" >"$expected/$name.txt"
	done
	exit 0
fi
rm -rf "$build/output"
# shellcheck disable=SC2086
EXPECTED=none OUTPUT=$build/output sh "$here/halves.sh" "$build" $names >"$build/log" 2>&1
dir=$mit # of check (lib.sh)
for name in $names; do
	apply "$name" <"$mit/output/$name.txt" >"$mit/output/$name.applied"
	if diff "$mit/output/$name.applied" "$build/output/$name.txt" >"$mit/output/$name.diff" 2>&1; then
		ok "$name prints the same as with MIT's library"
	else
		grep '^[<>]' "$mit/output/$name.diff" | head -n 20 >"$mit/output/$name.lines"
		not_ok "$name: other lines than with MIT's library (< MIT's, > ours)" "$mit/output/$name.lines"
	fi
done
# The examples are for any library.
check "the demonstration with MIT's library" sh "$here/demo.sh" "$build" "$mit/bin" ''
results
