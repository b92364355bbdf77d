#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# RPCSEC_GSS (RFC 2203), as NFS has it, with our libgssapi_krb5.so.2 or MIT's below Debian's libtirpc and libntirpc,
# unchanged. Their servers read 16 octets behind a context's handle and send them to the client as the name of the
# context; libntirpc's finds it again by them.

. "$(dirname "$0")/lib.sh"
need cc gcc
[ -e /usr/include/tirpc/rpc/rpcsec_gss.h ] || lacking libtirpc-dev
[ -e /usr/include/ntirpc/rpc/svc.h ] || lacking libntirpc-dev
[ -e /usr/include/mit-krb5/gssapi/gssapi.h ] || lacking libkrb5-dev
mit_realm
programs_with
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME"
service=demo@localhost

# built PROGRAM OPTION...
built() {
	local program=$1
	shift
	${CC:-cc} -D_GNU_SOURCE -Wall -Wextra -Werror -g -I/usr/include/mit-krb5 -o "$work/$program" "$here/$program.c" "$@" \
	    >"$work/cc.log" 2>&1 || give_up "$program is built" "$work/cc.log"
}

built rpcsec-gss -std=c99 -I/usr/include/tirpc -ltirpc
built rpcsec-gss-ntirpc -std=gnu99 -isystem /usr/include/ntirpc -lntirpc -lpthread

# rpc_run FLAVOUR HOW: a client with a library, and what it and the server say.
rpc_run() {
	use "$1"
	begun "$work/server.log"
	timeout $busy "${with[@]}" "$work/rpcsec-gss" client "$port" "$service" "$2" hello 30000 >"$work/client" || return
	if [ "$(grep -cx "$2 alice@$realm hello" "$work/client")" != 10 ] ||
	    [ "$(sed -n 11p "$work/client")" != "$2 alice@$realm " ]; then
		cat "$work/client"
		return 1
	fi
	since "$work/server.log" >"$work/since"
	[ "$(grep -cx "called by alice@$realm, $2" "$work/since")" = 11 ] || { cat "$work/since"; return 1; }
}

# rpc_pair NAME SERVER CLIENT COMMAND...: a server with one library, and clients with another.
rpc_pair() {
	local name server=$2 client=$3 how
	name="$1 with $(library "$2"), client with $(library "$3")"
	shift 3
	use "$server"
	start server "${with[@]}" "$@"
	found '^port' "$work/server.log" >/dev/null || { not_ok "$name: the server listens" "$work/server.log"; return; }
	port=$(sed -n 's/^port //p' "$work/server.log")
	for how in none integrity privacy; do
		check "$name: $how" rpc_run "$client" $how
	done
	use "$client"
	refused "$name: no ticket" "context: RPC error" env KRB5CCNAME="FILE:$work/none" \
	    "${with[@]}" "$work/rpcsec-gss" client "$port" "$service" privacy hello
	check "$name: after that" rpc_run "$client" privacy
	check "$name: the server has that library" server_has "$server"
	stop server
}

for pair in "ours mit" "mit ours" "ours ours"; do
	# shellcheck disable=SC2086 # two words
	rpc_pair libtirpc $pair "$work/rpcsec-gss" server "$service"
	# shellcheck disable=SC2086
	rpc_pair libntirpc $pair "$work/rpcsec-gss-ntirpc"
done
finish
