#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Squid: Debian's proxy and its helper negotiate_kerberos_auth, unchanged, and curl, each with our library or MIT's. The
# helper copies its keytab into memory with MIT's libkrb5, and the library accepts with what is there. Needs root, as the
# proxy does to change users.

. "$(dirname "$0")/lib.sh"
need squid squid curl curl python3 python3
helper=/usr/lib/squid/negotiate_kerberos_auth
[ -x $helper ] || lacking squid
need_root "squid changes users"
mit_realm
programs_with
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME"
mit_service "$work/http.keytab" HTTP/localhost
mkdir -p "$work/www" "$work/rcache"
chown proxy "$work/http.keytab" "$work/rcache"
chmod 755 "$work"
chmod 644 "$work/krb5.conf"
echo "a page behind the proxy" >"$work/www/page"
origin=$(free_port)
start origin python3 -m http.server --bind 127.0.0.1 --directory "$work/www" "$origin"
wait_port "$origin" || give_up "a web server" "$work/origin.log"

# server FLAVOUR [OPTION...]: the proxy, and options of the helper, which env(1) names its library: what the proxy itself
# gets is lost as it changes users.
server() {
	use "$1"
	shift
	port=$(free_port)
	mkdir -p "$work/squid"
	chown proxy "$work/squid"
	cat >"$work/squid.conf" <<-END
		http_port 127.0.0.1:$port
		pid_filename $work/squid/pid
		coredump_dir $work/squid
		access_log stdio:$work/squid/access.log
		cache_log $work/squid/cache.log
		cache_store_log none
		cache deny all
		pinger_enable off
		netdb_filename none
		shutdown_lifetime 0 seconds
		auth_param negotiate program /usr/bin/env ${with[*]:1} $helper $*
		auth_param negotiate children 2 startup=1 idle=1
		acl known proxy_auth REQUIRED
		http_access allow known
		http_access deny all
	END
	: >"$work/squid/access.log"
	chown proxy "$work/squid/access.log"
	start server env KRB5_CONFIG="$work/krb5.conf" KRB5_KTNAME="FILE:$work/http.keytab" KRB5RCACHEDIR="$work/rcache" \
	    squid --foreground -n "interop$$" -f "$work/squid.conf"
	must_listen squid "$port" "$work/server.log" "$work/squid/cache.log"
}

# get FLAVOUR NAME: the page, and whom the proxy lets through.
get() {
	use "$1"
	begun "$work/squid/access.log"
	timeout $busy "${with[@]}" curl -sS --noproxy '' -x "http://localhost:$port" --proxy-negotiate -U : "http://127.0.0.1:$origin/page" \
	    >"$work/page" 2>&1
	grep -q "behind the proxy" "$work/page" && settle "$work/squid/access.log" "/200 .* $2 " && return
	cat "$work/page"
	tail -n 12 "$work/squid/cache.log"
	return 1
}

stranger() {
	use "$1"
	KRB5CCNAME=FILE:$work/none timeout $busy "${with[@]}" curl -sS -f --noproxy '' -x "http://localhost:$port" --proxy-negotiate -U : \
	    "http://127.0.0.1:$origin/page" 2>&1
}

# helper_has FLAVOUR: the proxy's helper has that library.
helper_has() {
	local pid
	for pid in $(pgrep -u proxy negotiate_kerb); do
		tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q " $work/" || continue
		has "$1" "/proc/$pid/maps"
		return
	done
	echo "no such process"
	return 1
}

for kinds in "ours mit" "mit ours" "ours ours"; do
	# shellcheck disable=SC2086 # two words
	set -- $kinds
	name="Squid with $1, curl with $2"
	server "$1" -s HTTP/localhost -k "$work/http.keytab"
	check "$name: a page" get "$2" "alice@$realm"
	check "$name: again" get "$2" "alice@$realm"
	check "$name: the library" helper_has "$1"
	refused "$name: no ticket" 407 stranger "$2"
	stop server
done
server ours -s GSS_C_NO_NAME -r
check "Squid with ours: any name of the default keytab, without the realm" get ours alice
stop server
finish
