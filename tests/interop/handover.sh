#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The three programs of examples/ against MIT's KDC: a context that our acceptor accepted goes on in our worker, whether
# the client is of our library, MIT's or Heimdal's, for each enctype.

. "$(dirname "$0")/lib.sh"
mit_realm

# example NAME FLAVOUR: builds examples/NAME.c with that library.
example() { cc_with "$2" -o "$work/$1-$2" "$root/examples/$1.c" "$root/examples/common.c"; }
for p in client acceptor worker; do
	example $p ours
done
example client mit
example client heimdal
old_handle=-k
[ "$ours" = ours ] || old_handle= # elsewhere using it is undefined

start worker env KRB5_KTNAME=/nonexistent/keytab KRB5CCNAME=FILE:/nonexistent/cc "$work/worker-ours" "$work/socket"
wait_for $busy test -S "$work/socket"
start acceptor env KRB5CCNAME=FILE:/nonexistent/cc "$work/acceptor-ours" $old_handle "$work/socket"
found 'port [1-9]' "$work/acceptor.log" || give_up "the acceptor listens" "$work/acceptor.log"
port=$(sed -n 's/^acceptor .*port \([0-9]*\)$/\1/p' "$work/acceptor.log" | head -1)

for e in $enctypes; do
	name=$(enctype_name "$e")
	for who in ours mit heimdal; do
		conf=$work/krb5-$e.conf
		cc=$work/cc-$e-$who
		KRB5_CONFIG=$conf kinit_alice "FILE:$cc"
		check "$name: a client of $who, our acceptor and worker" \
		    env KRB5_CONFIG="$conf" KRB5CCNAME="FILE:$cc" KRB5_KTNAME=/nonexistent/keytab \
		    "$work/client-$who" 127.0.0.1 "$port" "aes$e@localhost"
		if ! kill -0 "${pids[acceptor]}" 2>/dev/null || ! kill -0 "${pids[worker]}" 2>/dev/null; then
			not_ok "acceptor and worker go on" "$work/acceptor.log"
			finish
		fi
	done
done
# twelve NAME PATTERN LOG
twelve() {
	if wait_for $busy all_twelve "$2" "$work/$3"; then
		ok "$1"
	else
		not_ok "$1: $(grep -c "$2" "$work/$3") of 12" "$work/$3"
	fi
}
all_twelve() { [ "$(grep -c "$1" "$2")" = 12 ]; }
twelve "all contexts were exported" 'interprocess token of' acceptor.log
twelve "each worker refused a replay" 'refused: GSS_S_DUPLICATE_TOKEN' worker.log
twelve "each worker refused a changed message" 'refused: GSS_S_BAD_SIG' worker.log
stop acceptor
stop worker
finish
