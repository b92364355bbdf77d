#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# demo.sh BUILD_DIR [PROGRAMS [ACCEPTOR_OPTIONS]]: a client authenticates to an acceptor, and a worker continues with the
# context. Files are in one directory that is removed afterwards; the KDC is our own (tests/kdc). Fails if any step differs
# from what is expected. PROGRAMS is the directory of client, acceptor and worker (default: BUILD_DIR/bin); for programs
# built with another library ACCEPTOR_OPTIONS must be empty (default: -k, use the old handle after the export).

build=${1:-build}
programs=${2:-$build/bin}
options=${3--k}
here=$(dirname "$0")
. "$here/lib.sh"

dir=$(mktemp -d "${TMPDIR:-/tmp}/demo.XXXXXX") || exit 1
transcript=$dir/transcript
: >"$transcript"
worker=
acceptor=
finish() {
	limit_stop
	stop "$worker"
	stop "$acceptor"
	realm_stop
	rm -rf "$dir"
}
trap 'finish; exit 1' HUP INT TERM

fail() {
	cat "$transcript" >&2
	echo "demo: $*" >&2
	finish
	exit 1
}

# expect PROGRAM TEXT: the program must have said that.
expect() {
	grep -q -- "^$1 .*$2" "$transcript" || fail "the $1 did not say: $2"
}

realm_start "$build" "$dir/realm" || fail "the KDC did not start"
echo "A KDC for $REALM runs on 127.0.0.1 (pid $realm_pid). There is a keytab for $SERVICE and a ticket for alice."
realm_kinit alice "$dir/cc" || fail "no ticket for alice"

# Each program gets what it needs and no more: only the acceptor sees the keytab, only the client the ticket.
env KRB5_KTNAME=/nonexistent/keytab KRB5CCNAME=FILE:/nonexistent/cc \
    "$programs/worker" -c 1 "$dir/worker.socket" >>"$transcript" 2>&1 &
worker=$!
wait_for 60 test -S "$dir/worker.socket" || fail "the worker does not listen"
# shellcheck disable=SC2086 # no option, or options
env KRB5CCNAME=FILE:/nonexistent/cc \
    "$programs/acceptor" -c 1 $options -s "$SERVICE" "$dir/worker.socket" >>"$transcript" 2>&1 &
acceptor=$!
wait_for 60 grep -q '^acceptor .*port [1-9]' "$transcript" || fail "the acceptor does not listen"
port=$(sed -n 's/^acceptor .*port \([0-9][0-9]*\)$/\1/p' "$transcript")

echo "Three programs: worker (pid $worker) and acceptor (pid $acceptor) wait, the client begins."
echo
limit 60 env KRB5_KTNAME=/nonexistent/keytab KRB5CCNAME="FILE:$dir/cc" \
    "$programs/client" 127.0.0.1 "$port" "$SERVICE" >>"$transcript" 2>&1 || fail "the client failed"
wait_for 60 grep -q 'the client is done' "$transcript" || fail "the worker did not end"
wait "$worker" || fail "the worker failed"
worker=
wait "$acceptor" || fail "the acceptor failed"
acceptor=
cat "$transcript"

flags='flags: mutual replay sequence conf integ'
expect client "I am alice@$REALM"
expect client "$flags"
expect client 'done$'
expect acceptor "the client is alice@$REALM"
expect acceptor "$flags.* trans"
expect acceptor 'interprocess token of [1-9]'
expect acceptor 'my handle is GSS_C_NO_CONTEXT now'
[ -z "$options" ] || expect acceptor 'locked out: .* GSS_S_NO_CONTEXT'
expect worker "the client is alice@$REALM"
expect worker "$flags.* trans"
expect worker 'received encrypted: "hello, whoever is there"'
expect worker 'received signed: "no secret"'
expect worker 'received with a good MIC'
expect worker 'refused: GSS_S_DUPLICATE_TOKEN'
expect worker 'refused: GSS_S_BAD_SIG'

finish
echo
echo "The acceptor authenticated the client, and the worker continued with the context: all as expected."
