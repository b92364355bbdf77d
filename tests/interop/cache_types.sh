#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The types of credential caches and keytabs, beside MIT krb5, Heimdal's kcm and SSSD's: what kinit puts into a cache our
# initiators use, what we put there klist, kvno and kdestroy do; the caches of a collection and who chooses among them.

. "$(dirname "$0")/lib.sh"
need kinit krb5-user kswitch krb5-user curl curl keyctl keyutils unshare util-linux cc gcc
[ -x /usr/sbin/kcm ] || lacking heimdal-kcm
[ -e /usr/include/mit-krb5/krb5.h ] || lacking libkrb5-dev
# A session keyring of its own, which ends with the script.
[ -n "${CACHE_TYPES_SESSION:-}" ] || CACHE_TYPES_SESSION=yes exec keyctl session - bash "$0" "$@"
socket=$work/run/.heim_org.h5l.kcm-socket
mit_realm "kcm_socket = $socket"
programs_with
peers ours
export HOME=$work
start_server "$server_ours" -u demo@localhost demo@localhost
service=demo@localhost

# Heimdal's kcm listens at a path that is not configured: it has a /run of its own.
mkdir "$work/run" "$work/dir"
chmod 700 "$work/dir"
start kcm unshare -m sh -c "mount --bind '$work/run' /run && exec /usr/sbin/kcm"
kcm_listens() { [ -S "$socket" ]; }
for _ in $(seq 30); do kcm_listens && break; sleep 0.1; done

# talk: one connection of our client to the server.
talk() { timeout 20 "$client_ours" "$port" "$service" hello; }

# has_tickets COUNT: klist sees so many tickets for the service in the default cache.
has_tickets() {
	klist >"$work/klist" 2>&1 || { cat "$work/klist"; return 1; }
	[ "$(grep -c "demo/localhost@$realm" "$work/klist")" -eq "$1" ] && return
	cat "$work/klist"
	return 1
}

# there_and_back: MIT's kinit, our initiator, MIT's klist, kvno and kdestroy.
there_and_back() {
	echo alice-password | kinit -r 1d alice >/dev/null &&
	    talk && has_tickets 1 && kvno "aes18/localhost@$realm" && kinit -R && has_tickets 0 && talk && has_tickets 1 &&
	    kdestroy && ! klist -s && ! talk
}

# client_keytab: what we get ourselves is there for MIT's programs, with when it is to be had anew.
client_keytab() {
	KRB5_CLIENT_KTNAME=$work/client.keytab talk && has_tickets 1 && klist -C | grep -q "refresh_time" &&
	    kvno "aes18/localhost@$realm" && talk
}

KRB5_KDC_PROFILE=$work/kdc.conf kadmin.local -r "$realm" -q "ktadd -norandkey -k $work/client.keytab alice" >"$work/ktadd.log" 2>&1
for cache in DIR:"$work/dir" DIR::"$work/dir/tktother" KCM: KCM:0:other KEYRING:session:test KEYRING:test \
    KEYRING:session:test:other KEYRING:user:interop$$ KEYRING:persistent:; do
	export KRB5CCNAME=$cache
	check "$cache: there and back" there_and_back
	check "$cache: client keytab" client_keytab
	kdestroy >/dev/null 2>&1
done
# A process's own keyring, and memory, nobody else sees.
for cache in MEMORY: MEMORY:x KEYRING:process:p KEYRING:thread:t; do
	export KRB5CCNAME=$cache
	check "$cache: client keytab" env KRB5_CLIENT_KTNAME="$work/client.keytab" "$client_ours" "$port" "$service" hello
	refused "$cache: nothing there" "No Kerberos credentials available" talk
done

# Caches and keytabs that a program makes with functions of the libkrb5 that it uses.
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME"
library=$libraries/libgssapi_krb5.so.2 headers=-I$root/include
# memory NAME OPTION...: builds the program of that name with a libkrb5, and runs it.
memory() {
	local name=$1
	shift
	${CC:-cc} -std=c99 -D_GNU_SOURCE -Wall -Wextra -Werror -g "$headers" -o "$work/$name" "$here/memory.c" "$library" \
	    "$@" >"$work/cc.log" 2>&1 || { not_ok "$name is built" "$work/cc.log"; return; }
	use ours
	check "$name" "${with[@]}" "$work/$name" "FILE:$work/cc" "FILE:$work/keytab"
}
memory memory-mit -lkrb5
if [ -e /usr/include/heimdal/krb5.h ]; then
	memory memory-heimdal -DHEIMDAL -isystem /usr/include/heimdal -L/usr/lib/x86_64-linux-gnu/heimdal -lkrb5
else
	lacking heimdal-multidev
fi
finish
