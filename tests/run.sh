#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh [-v] BUILD_DIR [PROGRAM...]: runs the C tests in BUILD_DIR/bin/c with the library in BUILD_DIR/lib and the
# KDC in BUILD_DIR/bin/kdc, for any /bin/sh with nothing else installed. A program passes if it exits with 0 and, where
# expected/PROGRAM.txt is, prints just that. "ok NAME" or "not ok NAME: reason" for each, and "N passed, M failed" at
# the end. With -v the line tells what the program proves, by the list that build.sh has made of their first comments.
#
# Environment:
#	PROGRAMS	another directory than BUILD_DIR/bin/c
#	EXPECTED	another directory than tests/c/expected; "none" for exit codes only
#	OUTPUT		a directory that gets PROGRAM.txt, what each program printed

verbose=
if [ "$1" = -v ]; then
	verbose=yes
	shift
fi
build=${1:-build}
[ $# -eq 0 ] || shift
here=$(dirname "$0")
. "$here/lib.sh"
build=$(cd "$build" && pwd) || exit 1
# Other programs come with another library: the one in BUILD_DIR must not take its place under the same name.
library=$build/lib
[ -z "$PROGRAMS" ] || library=$LD_LIBRARY_PATH
programs=${PROGRAMS:-$build/bin/c}
expected=${EXPECTED:-$here/c/expected}
LC_ALL=C
TZ=UTC
export LC_ALL TZ

dir=$(mktemp -d "${TMPDIR:-/tmp}/c-tests.XXXXXX") || exit 1
output=${OUTPUT:-$dir/output}
mkdir -p "$output"
finish() {
	limit_stop
	realm_stop
	rm -rf "$dir"
}
trap 'finish; exit 1' HUP INT TERM

realm_start "$build" "$dir/realm" || {
	echo "run.sh: the KDC did not start" >&2
	cat "$dir/realm/kdc.log" >&2
	finish
	exit 1
}

# The logins that the programs ask for (harness.h).
logins=$dir/logins
mkdir "$logins"
realm_kinit alice "$logins/cc.tgt" && realm_kinit bob "$logins/cc.bob" || exit 1
for e in 17 18 19 20; do
	realm_kinit alice "$logins/cc.aes$e" -enctypes $e || exit 1
done
"$realm_kdc" ticket -config "$realm_dir/kdc.json" -start -2h -end -1h -c "$logins/cc.expired" "alice@$REALM" \
    "krbtgt/$REALM@$REALM" || exit 1
cp "$dir/realm/other.keytab" "$dir/realm/third.keytab" "$logins"

# verdict ok|"not ok" PROGRAM [REASON]
verdict() {
	if [ -n "$verbose" ]; then
		verdict_proves=$(sed -n "s/^$2	//p" "$build/bin/c.txt")
		echo "$1 $2 - $verdict_proves"
		[ -z "$3" ] || echo "#   $3"
	else
		echo "$1 $2${3:+: $3}"
	fi
}

passed=0
failed=0
# one PROGRAM: in a directory and with a ccache and a replay cache of its own.
one() {
	TEST_DIR=$dir/$1
	mkdir "$TEST_DIR"
	cp "$logins"/* "$TEST_DIR"
	cp "$TEST_DIR/cc.tgt" "$TEST_DIR/cc"
	KRB5CCNAME=FILE:$TEST_DIR/cc
	KRB5RCACHEDIR=$TEST_DIR
	export TEST_DIR KRB5CCNAME KRB5RCACHEDIR
	limit 180 env LD_LIBRARY_PATH="$library" KDC="$realm_kdc" "$programs/$1" >"$output/$1.txt" 2>"$TEST_DIR/stderr" </dev/null
	status=$?
	if [ "$status" -ne 0 ]; then
		verdict "not ok" "$1" "exit status $status"
		{ tail -n 20 "$output/$1.txt"; head -n 40 "$TEST_DIR/stderr"; } | sed 's/^/#   /'
	elif [ -f "$expected/$1.txt" ] && ! diff "$expected/$1.txt" "$output/$1.txt" >"$TEST_DIR/diff" 2>&1; then
		verdict "not ok" "$1" "another output (< expected, > printed)"
		grep '^[<>]' "$TEST_DIR/diff" | head -n "${DIFF_LINES:-20}" | sed 's/^/#   /'
		status=1
	else
		verdict ok "$1"
	fi
	rm -rf "$TEST_DIR"
	if [ "$status" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
}

if [ $# -eq 0 ]; then
	for program in "$programs"/*; do
		[ ! -x "$program" ] || set -- "$@" "$(basename "$program")"
	done
fi
for program in "$@"; do
	one "$program"
done
finish
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
