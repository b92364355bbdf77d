#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Debian's libtirpc, unchanged, with our libgssapi_krb5.so.2 or MIT's: a server and clients of RPCSEC_GSS (RFC 2203), as
# NFS has them. libtirpc copies the first 16 octets of what a context's handle points to.

. "$(dirname "$0")/lib.sh"
need cc gcc
[ -e /usr/include/tirpc/rpc/rpcsec_gss.h ] || lacking libtirpc-dev
[ -e /usr/include/mit-krb5/gssapi/gssapi.h ] || lacking libkrb5-dev
mit_realm
programs_with
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME"
service=demo@localhost
${CC:-cc} -std=c99 -D_DEFAULT_SOURCE -Wall -Wextra -Werror -g -I/usr/include/tirpc -I/usr/include/mit-krb5 \
    -o "$work/rpcsec-gss" "$here/rpcsec-gss.c" -ltirpc >"$work/cc.log" 2>&1 ||
    { not_ok "the program is built" "$work/cc.log"; finish; }

# rpc_run FLAVOUR HOW: a client with a library, and what it and the server say.
rpc_run() {
	use "$1"
	begun "$work/server.log"
	timeout 40 "${with[@]}" "$work/rpcsec-gss" client "$port" "$service" "$2" hello 30000 >"$work/client" || return
	[ "$(grep -cx "$2 alice@$realm hello" "$work/client")" = 10 ] &&
	    [ "$(sed -n 11p "$work/client")" = "$2 alice@$realm " ] || { cat "$work/client"; return 1; }
	since "$work/server.log" >"$work/since"
	[ "$(grep -cx "called by alice@$realm, $2" "$work/since")" = 11 ] || { cat "$work/since"; return 1; }
}

rpc_maps() { has "$1" "/proc/${pids[server]}/maps"; }

for pair in "ours mit" "mit ours" "ours ours"; do
	read -r s c <<<"$pair"
	name="server with ${s/ours/our} library, client with ${c/ours/our} library"
	name=${name//mit/MIT\'s}
	use "$s"
	start server "${with[@]}" "$work/rpcsec-gss" server "$service"
	found '^port' "$work/server.log" >/dev/null || { not_ok "$name: the server listens" "$work/server.log"; continue; }
	port=$(sed -n 's/^port //p' "$work/server.log")
	for how in none integrity privacy; do
		check "$name: $how" rpc_run "$c" $how
	done
	use "$c"
	refused "$name: no ticket" "context: RPC error" env KRB5CCNAME="FILE:$work/none" \
	    "${with[@]}" "$work/rpcsec-gss" client "$port" "$service" privacy hello
	check "$name: after that" rpc_run "$c" privacy
	check "$name: the server has that library" rpc_maps "$s"
	stop server
done
finish
