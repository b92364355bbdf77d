#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Credential caches and keytabs shared with MIT's programs: what kinit wrote we read, what we wrote klist reads, and a
# service ticket once obtained serves the next process without a KDC.

. "$(dirname "$0")/lib.sh"
mit_realm
peers ours
peers mit
cc=$work/cc
export KRB5CCNAME=FILE:$cc
service=demo@localhost

# entries FILE: the tickets in a cache, one per line.
entries() { klist -A -c "$1" 2>/dev/null | awk '$NF ~ /@/ && !/^Default/ {print $NF}' | sort; }

start_server "$server_ours" $service
kinit_alice "$KRB5CCNAME"
inode=$(stat -c %i "$cc")
check "our client uses the cache that kinit wrote" "$client_ours" "$port" $service hello
check "klist reads the cache that we wrote to" klist -s -c "$cc"
if [ "$(entries "$cc" | grep -c '^demo/localhost@MIT.TEST$')" = 1 ]; then
	ok "the service ticket is in the cache, once"
else
	klist -c "$cc" >"$work/out" 2>&1
	not_ok "the service ticket is in the cache, once" "$work/out"
fi
klist -fea -c "$cc" >"$work/klist.ours" 2>&1
if [ "$(stat -c '%a %i' "$cc")" = "600 $inode" ]; then
	ok "the cache keeps its mode and its identity"
else
	not_ok "the cache keeps its mode and its identity"
fi

# The same by MIT's library into another cache: flags, enctypes and addresses must read the same.
kinit_alice "FILE:$work/cc.mit"
KRB5CCNAME=FILE:$work/cc.mit "$client_mit" "$port" $service hello >/dev/null 2>&1
klist -fea -c "$work/cc.mit" >"$work/klist.mit" 2>&1
timeless() { sed -e 's|[0-9][0-9]/[0-9][0-9]/[0-9]* [0-9:]*|TIME|g' -e 's|FILE:.*|FILE|' "$1" | tail -n +2; }
if diff <(timeless "$work/klist.mit") <(timeless "$work/klist.ours") >"$work/out"; then
	ok "klist shows our ticket as it shows MIT's"
else
	not_ok "klist shows our ticket as it shows MIT's" "$work/out"
fi
check "MIT's kvno finds our ticket" kvno --cached-only demo/localhost
check "a client of MIT's library uses our ticket" "$client_mit" "$port" $service hello

stop kdc
check "with the KDC down, our client uses the ticket in the cache" "$client_ours" "$port" $service hello
check "with the KDC down, a client of MIT's library uses it, too" "$client_mit" "$port" $service hello
refused "with the KDC down, no other service can be reached" "kdc|contact|reach|127.0.0.1" \
    "$client_ours" "$port" aes18@localhost hello
mit_kdc_start

# Many processes at once: every ticket is written whole, the cache stays readable.
kinit_alice "$KRB5CCNAME"
many() {
	local i e bad=0 jobs=
	for i in 1 2 3; do
		for e in $enctypes; do
			timeout $busy "$client_ours" -t "$work/token.$i.$e" 0 "aes$e@localhost" x >"$work/many.$i.$e" 2>&1 &
			jobs="$jobs $!"
			timeout $busy kvno "aes$e/localhost" "demo/localhost" >/dev/null 2>&1 &
			jobs="$jobs $!"
		done
	done
	for i in $jobs; do wait "$i" || bad=1; done
	[ $bad = 0 ] || { cat "$work"/many.*; return 1; }
	klist -A || return
	[ "$(entries "$cc" | sort -u | wc -l)" = 6 ]
}
check "24 processes of both libraries write to one cache" many

# readonly_cache: also as root, who may write everything: a directory and a file that are not to be written.
readonly_cache() {
	mkdir "$work/ro" && kinit_alice "FILE:$work/ro/cc" && chmod 0400 "$work/ro/cc" && chmod 0500 "$work/ro" || return
	KRB5CCNAME=FILE:$work/ro/cc timeout $busy "$client_ours" "$port" $service hello
}

# Caches of other versions and makes, and what is in the way.
for v in 3 4; do
	client_conf "$work/v.conf" MIT.TEST "$kdc_port" "ccache_type = $v"
	KRB5_CONFIG=$work/v.conf kinit_alice "FILE:$work/cc.v$v"
	check "a cache that kinit wrote with ccache_type $v" env KRB5CCNAME="FILE:$work/cc.v$v" \
	    "$client_ours" "$port" $service hello
	check "klist reads it afterwards" klist -s -c "$work/cc.v$v"
done
check "a cache named without FILE:" env KRB5CCNAME="$cc" "$client_ours" "$port" $service hello
client_conf "$work/named.conf" MIT.TEST "$kdc_port" "default_ccache_name = FILE:$work/cc.named"
KRB5_CONFIG=$work/named.conf kinit_alice "FILE:$work/cc.named"
check "a cache named by default_ccache_name" env -u KRB5CCNAME KRB5_CONFIG="$work/named.conf" \
    "$client_ours" "$port" $service hello
check "a cache that cannot be written still serves" readonly_cache
refused "no cache: the text names it" "$work/none" env KRB5CCNAME="FILE:$work/none" \
    "$client_ours" "$port" $service hello
head -c 100 "$cc" >"$work/cc.cut"
refused "a cache cut short" "$work/cc.cut|format|cache" env KRB5CCNAME="FILE:$work/cc.cut" \
    "$client_ours" "$port" $service hello
head -c 3000 /dev/urandom >"$work/cc.noise"
refused "a cache of noise" "$work/cc.noise|format|cache" env KRB5CCNAME="FILE:$work/cc.noise" \
    "$client_ours" "$port" $service hello
stop server

# Keytabs.
start_server "$server_ours"
check "our server without a name takes any key of MIT's keytab" "$client_mit" "$port" aes19@localhost hello
stop server
start_server "$server_ours" $service
mit_kadmin "ktadd -k $work/keytab demo/localhost"
check "the ticket of the old key still works, the keytab has both" "$client_ours" "$port" $service hello
kinit_alice "$KRB5CCNAME"
check "a ticket of the new key works in the running server" "$client_ours" "$port" $service hello
# A client keytab, in a cache that is not there: both say in the cache when the ticket is to be had anew, and that the KDC
# does FAST.
mit_service "$work/client.keytab" daemon/localhost
refresh_time() {
	local client=$1 cache=FILE:$work/cc.daemon.$2 half entry
	KRB5CCNAME=$cache KRB5_CLIENT_KTNAME=FILE:$work/client.keytab "$client" "$port" "$service" hello || return 1
	klist -C -c "$cache" >"$work/klist" || return 1
	entry=$(sed -n 's/^config: refresh_time = //p' "$work/klist")
	grep -q '^config: fast_avail(krbtgt/MIT.TEST@MIT.TEST) = yes' "$work/klist" && [ -n "$entry" ] || { cat "$work/klist"; return 1; }
	half=$((entry - $(date +%s)))
	echo "$half seconds from now"
	[ "$half" -gt 60 ] && echo "$half" >"$work/half.$2"
}
check "our client with a client keytab" refresh_time "$client_ours" ours
check "a client of MIT's library with it" refresh_time "$client_mit" mit
alike() {
	local d=$(($(cat "$work/half.ours") - $(cat "$work/half.mit")))
	echo "a difference of $d seconds"
	[ "$d" -ge -20 ] && [ "$d" -le 20 ]
}
check "both have it anew at the same time" alike

# Tokens in the name of the default cache. Neither library finds it; both say where they looked.
default_cache() {
	local token config=$work/token.conf klist ours
	unset KRB5CCNAME
	for token in LIBDIR BINDIR SBINDIR TEMP USERID uid euid username null; do
		sed "s|^\\[libdefaults\\]|&\n\tdefault_ccache_name = FILE:/nonexistent/%{$token}.cc|" "$KRB5_CONFIG" >"$config"
		klist=$(KRB5_CONFIG=$config klist 2>&1 | sed -n 's|.*filename: \(.*\.cc\)).*|\1|p')
		ours=$(KRB5_CONFIG=$config "$client_ours" "$port" "$service" hello 2>&1 | sed -n 's|.*default cache: FILE:\([^:)]*\.cc\).*|\1|p')
		echo "%{$token}: klist $klist, ours $ours"
		[ -n "$klist" ] && [ "$klist" = "$ours" ] || return 1
	done
}
check "the tokens of names of files are MIT's" default_cache
stop server
finish
