#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh BUILD_DIR [PROGRAM...]: bad input and bad surroundings, with the programs in BUILD_DIR/bin/conditions and the
# KDC in BUILD_DIR/bin/kdc, for any /bin/sh with nothing else installed. Each program prints "ok NAME",
# "not ok NAME: what came instead" or "skip NAME: reason" for each condition; "N passed, M failed, L skipped" is the end.
#
# Environment:
#	CONDITIONS_VERBOSE	print the status that each condition gave, too

build=${1:-build}
[ $# -eq 0 ] || shift
here=$(dirname "$0")
. "$here/../lib.sh"
programs=$build/bin/conditions
LC_ALL=C
TZ=UTC
export LC_ALL TZ

dir=$(mktemp -d "${TMPDIR:-/tmp}/conditions.XXXXXX") || exit 1
kdcs=
finish() {
	limit_stop
	realm_stop
	for pid in $kdcs; do
		stop "$pid"
	done
	rm -rf "$dir"
}
trap 'finish; exit 1' HUP INT TERM

realm_start "$build" "$dir/realm" || {
	echo "run.sh: the KDC did not start" >&2
	cat "$dir/realm/kdc.log" >&2
	finish
	exit 1
}

# kdc_with NAME [OPTION]...: another KDC of the same realm; its krb5.conf is $dir/kdcs/NAME.conf.
mkdir "$dir/kdcs"
kdc_with() {
	kdc_name=$1
	shift
	"$build/bin/kdc" serve -config "$dir/realm/kdc.json" -krb5-conf "$dir/kdcs/$kdc_name.conf" \
		-ready "$dir/kdcs/$kdc_name.ready" -max-time 15m "$@" </dev/null >"$dir/kdcs/$kdc_name.log" 2>&1 &
	kdc_pid=$!
	wait_for 60 test -s "$dir/kdcs/$kdc_name.ready" || echo "not ok kdc-$kdc_name: it did not start"
	kdcs="$kdcs $kdc_pid"
}

# The programs that need KDCs of their own.
kdcs_for_network() {
	for fault in garbage half empty error deaf udp:garbage udp:half udp:empty tcp:trickle; do
		kdc_with "$(echo $fault | tr : -)" -fault $fault
	done
	for fault in garbage half empty huge error; do
		kdc_with toobig-$fault -fault "udp:toobig,tcp:$fault"
	done
	# Who never answers gets a second. Whoever does gets what a busy machine takes.
	kdc_with silent -fault silent -libdefaults "kdc_timeout = 1;max_retries = 1"
	kdc_with toobig-silent -fault udp:toobig,tcp:silent -libdefaults "kdc_timeout = 1;max_retries = 1"
	kdc_with udp-slow -fault udp:slow
	kdc_with udp-drop2 -fault udp:drop2
	kdc_with patient -fault silent
	kdc_with down
	stop "$kdc_pid"
}

# forge NAME OPTION...: a login in the cache $dir/forged/NAME that holds one ticket, for the service of the programs.
forge() {
	forge_name=$1
	shift
	"$build/bin/kdc" ticket -config "$dir/realm/kdc.json" -c "$dir/forged/$forge_name" "$@" alice@DEMO.TEST \
		host/server.demo.test@DEMO.TEST || echo "not ok ticket-$forge_name: it was not made"
}

kdcs_for_tickets() {
	kdc_with ahead -skew 20m
	kdc_with behind -skew -20m
	mkdir "$dir/forged"
	forge good
	forge expired -start -2h -end -1h
	forge expired-inside -start -2h -end -1h -cc-end 1h
	forge future -start 1h
	forge future-inside -start 1h -cc-start -1m
	forge kvno -kvno 77 -wrong-key
	forge kvno-zero -kvno 0
	forge wrong-key -wrong-key
	forge damaged -damage
	forge wrong-session -wrong-session
	forge realm -crealm OTHER.TEST
	forge invalid -flags 0x41000000
	forge transited -crealm OTHER.TEST -transited EVIL.TEST
	forge renamed -as demo/server.demo.test@DEMO.TEST
	forge pac -ad 128
	forge kdc-issued -ad 4
	forge mandatory -ad 999
}

# Keytabs with the right name and the wrong key.
keytabs() {
	"$build/bin/kdc" keytab -o "$dir/kvno.keytab" -p other -kvno 7 host/server.demo.test@DEMO.TEST &&
		"$build/bin/kdc" keytab -o "$dir/password.keytab" -p other -kvno 2 host/server.demo.test@DEMO.TEST ||
		echo "not ok keytabs: they were not made"
}

# A copy of program and library where everybody may read them, and a realm's files likewise.
unprivileged() {
	chmod 755 "$dir" "$dir/realm"
	chmod 644 "$dir/realm/krb5.keytab"
	mkdir -p "$dir/copy/bin/conditions" "$dir/copy/lib"
	cp "$programs/unprivileged" "$dir/copy/bin/conditions/"
	cp -R "$build"/lib/libgssapi* "$dir/copy/lib/"
	chmod -R a+rX "$dir/copy"
	program_dir=$dir/copy/bin/conditions
}

passed=0
failed=0
skipped=0
# one PROGRAM: in a directory and with a ccache and a replay cache of its own.
one() {
	TEST_DIR=$dir/run/$1
	mkdir -p "$TEST_DIR"
	chmod 755 "$dir/run" "$TEST_DIR"
	realm_kinit alice "$TEST_DIR/cc.tgt" && realm_kinit bob "$TEST_DIR/cc.bob" || exit 1
	cp "$TEST_DIR/cc.tgt" "$TEST_DIR/cc"
	KRB5CCNAME=FILE:$TEST_DIR/cc
	KRB5RCACHEDIR=$TEST_DIR
	CONDITIONS_DIR=$dir
	program_dir=$programs
	export TEST_DIR KRB5CCNAME KRB5RCACHEDIR CONDITIONS_DIR
	case $1 in
	keytab) keytabs ;;
	unprivileged) unprivileged ;;
	network) kdcs_for_network ;;
	tickets) kdcs_for_tickets ;;
	esac
	# The library never prints; what it or the C library says there fails the program.
	limit 300 "$program_dir/$1" >"$TEST_DIR/output" 2>"$TEST_DIR/stderr" </dev/null
	status=$?
	sed "s|^\([a-z ]*ok\) |\1 $1/|; s|^skip |skip $1/|" "$TEST_DIR/output"
	passed=$((passed + $(grep -c '^ok ' "$TEST_DIR/output")))
	skipped=$((skipped + $(grep -c '^skip ' "$TEST_DIR/output")))
	lines=$(grep -c '^not ok ' "$TEST_DIR/output")
	if [ "$lines" -eq 0 ] && { [ "$status" -ne 0 ] || [ -s "$TEST_DIR/stderr" ]; }; then
		echo "not ok $1: exit status $status"
		sed 's/^/#   /' "$TEST_DIR/stderr" | head -n 50
		lines=1
	fi
	failed=$((failed + lines))
	rm -rf "$TEST_DIR"
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
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
