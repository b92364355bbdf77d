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
[ -x /usr/libexec/sssd/sssd_kcm ] || lacking sssd-kcm
mkdir "$work/run" "$work/dir" "$work/sssd" "$work/sssd/run" "$work/sssd/etc" "$work/sssd/log"
chmod 700 "$work/dir"
socket=$work/run/.heim_org.h5l.kcm-socket
mit_realm "kcm_socket = $socket"
client_conf "$work/sssd.conf" "$realm" "$kdc_port" "kcm_socket = $work/sssd/run/.heim_org.h5l.kcm-socket"
programs_with
peers ours
peers mit
export HOME=$work
start_server "$server_ours" -u demo@localhost demo@localhost
service=demo@localhost
{
	echo "addprinc -pw bob-password bob"
	echo "ktadd -norandkey -k $work/client.keytab alice"
} | mit_kadmin

# The daemons listen at paths of which one is not configured: each has a /run of its own, and SSSD's all of its files.
start kcm unshare -m sh -c "mount --bind '$work/run' /run && exec /usr/sbin/kcm"
cp -a /var/lib/sss "$work/sssd/lib"
printf '[sssd]\nservices =\n[kcm]\n' >"$work/sssd/etc/sssd.conf"
chmod 600 "$work/sssd/etc/sssd.conf"
start sssd unshare -m sh -c "cd '$work/sssd' && mount --bind lib /var/lib/sss && mount --bind etc /etc/sssd &&
    mount --bind log /var/log/sssd && mount --bind run /run && { /usr/sbin/sssd --genconf-section=kcm
    exec /usr/libexec/sssd/sssd_kcm --uid 0 --gid 0 --logger=stderr --debug-level=6; }"
wait_for $busy test -S "$socket"
wait_for $busy test -S "$work/sssd/run/.heim_org.h5l.kcm-socket"

# talk: one connection of our client to the server.
talk() { timeout $busy "$client_ours" "$port" "$service" hello; }

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

# client_keytab: what we get ourselves is there for MIT's programs, with when it is to be had anew. In a collection it has a cache
# of its own, which is not the primary one.
client_keytab() {
	KRB5_CLIENT_KTNAME=$work/client.keytab talk && { klist -s || kswitch -p alice; } && has_tickets 1 && klist -C | grep -q "refresh_time" &&
	    kvno "aes18/localhost@$realm" && talk
}

# read_at_once: we ask SSSD's daemon for all tickets in one operation, which Heimdal's does not have.
read_at_once() {
	begun "$work/sssd.log"
	talk && since "$work/sssd.log" >"$work/since" && grep 'GET_CRED_LIST' "$work/since" && ! grep 'GET_CRED_UUID_LIST' "$work/since"
}

# who CLIENT: as whom that client (ours, mit) is accepted.
who() {
	local client
	eval "client=\$client_$1"
	begun "$work/server.log"
	timeout $busy "$client" "$port" "$service" hello >"$work/who" 2>&1 || { cat "$work/who"; return 1; }
	settle "$work/server.log" 'connection ended' && sed -n 's/^accepted: \([a-z]*\).*/\1/p' "$work/since"
}

# agreed NAME: ours and MIT's client are both accepted as that one.
agreed() {
	[ "$(who mit)" = "$1" ] && [ "$(who ours)" = "$1" ] && return
	echo "ours: $(who ours), MIT's: $(who mit), wanted $1"
	klist -A
	return 1
}

# collection: two clients; kswitch and .k5identity choose.
collection() {
	echo alice-password | kinit alice >/dev/null && echo bob-password | kinit bob >/dev/null || return
	agreed bob && kswitch -p alice && agreed alice || return
	echo "bob@$realm service=demo host=local*" >"$work/.k5identity"
	agreed bob || return
	echo "bob@$realm service=imap" >"$work/.k5identity"
	agreed alice
}

# by_curl: curl has our library, for SPNEGO.
by_curl() {
	use ours
	timeout $busy "${with[@]}" curl -sS --negotiate -u : "http://localhost:$http_port/" | grep "hello [a-z]*@$realm"
}

# stored: what a program stores for alice leaves bob's cache alone, and becomes the primary one if it wants that.
stored() {
	kdestroy -A
	echo bob-password | kinit bob >/dev/null && "$work/store" "FILE:$work/alice" 0 && klist | grep "principal: bob@$realm" &&
	    "$work/store" "FILE:$work/alice" 1 && klist | grep "principal: alice@$realm" && klist -A >"$work/klist" &&
	    [ "$(grep -c "principal: alice@$realm" "$work/klist")" -eq 1 ] && grep "principal: bob@$realm" "$work/klist" && return
	cat "$work/klist"
	return 1
}

${CC:-cc} -std=c99 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -I"$build/include" -o "$work/http-server" \
    "$here/http-server.c" "$here/sample.c" -L"$build/lib" "-Wl,-rpath,$build/lib" -lgssapi || exit 1
${CC:-cc} -std=c99 -Wall -Wextra -Werror -I"$build/include" -o "$work/store" "$here/stored.c" -L"$build/lib" \
    "-Wl,-rpath,$build/lib" -lgssapi || exit 1
kinit_alice "FILE:$work/alice"
mit_service "$work/keytab" HTTP/localhost
start http "$work/http-server"
found '^port' "$work/http.log" >/dev/null || give_up "the web server listens" "$work/http.log"
http_port=$(sed -n 's/^port //p' "$work/http.log")

for cache in DIR:"$work/dir" DIR::"$work/dir/tktother" KCM: KCM:0:other SSSD: KEYRING:session:test KEYRING:test \
    KEYRING:session:test:other KEYRING:user:interop$$ KEYRING:persistent:; do
	export KRB5CCNAME=${cache/SSSD/KCM} KRB5_CONFIG=$work/krb5.conf
	case $cache in SSSD:*) KRB5_CONFIG=$work/sssd.conf ;; esac
	check "$cache: there and back" there_and_back
	# MIT's library makes no cache for a client keytab where the name stands for one of a collection.
	case $ours:$cache in mit:*other) ;; *) check "$cache: client keytab" client_keytab ;; esac
	[ "$cache" != SSSD: ] || check "$cache: read at once" read_at_once
	case $cache in
	*other | KEYRING:test | KEYRING:user:*) ;; # the others are collections, too, but it takes its time
	*)
		kdestroy >/dev/null 2>&1
		check "$cache: two clients" collection
		check "$cache: curl" by_curl
		check "$cache: stored" stored
		rm -f "$work/.k5identity"
		;;
	esac
	kdestroy -A >/dev/null 2>&1
done
export KRB5_CONFIG=$work/krb5.conf
# A process's own keyring, and memory, nobody else sees.
for cache in MEMORY: MEMORY:x KEYRING:process:p KEYRING:thread:t; do
	export KRB5CCNAME=$cache
	check "$cache: client keytab" env KRB5_CLIENT_KTNAME="$work/client.keytab" "$client_ours" "$port" "$service" hello
	refused "$cache: nothing there" "No Kerberos credentials available" talk
done

# Caches and keytabs that a program makes with functions of the libkrb5 that it uses.
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME"
# facts COMMAND...: shows those that do not hold, and what was said before them.
facts() { timeout $busy "$@" >"$work/facts" || { grep -v "^ok" "$work/facts"; return 1; }; }

# memory NAME OPTION...: builds the program of that name with a libkrb5, and runs it.
memory() {
	cc_beside_libkrb5 "${@:2}" -o "$work/$1" "$here/memory.c"
	use ours
	check "$1" facts "${with[@]}" "$work/$1" "FILE:$work/cc" "FILE:$work/keytab" "${stored[@]}"
}
# And what they store in other types of caches klist finds.
mkdir -m 700 "$work/stored"
stored=("DIR:$work/stored" KCM:0:stored KEYRING:session:stored KEYRING:persistent:0:stored "FILE:$work/stored/file")
# MIT's library believes what Heimdal's daemon says of the KDC's clock where nobody has set it, and stores nothing in the
# last keyring.
[ "$ours" != mit ] || stored=("DIR:$work/stored" KEYRING:session:stored "FILE:$work/stored/file")
memory memory-mit
for cache in "${stored[@]}"; do
	check "$cache: klist" sh -c "klist -c '$cache' && klist -c '$cache' | grep -q 'principal: alice@$realm' &&
	    klist -c '$cache' | grep -q 'krbtgt/$realm@$realm' && kdestroy -c '$cache'"
done
stored=()
if [ "$ours" = mit ]; then
	: # its library is of no use beside Heimdal's
elif [ -e /usr/include/heimdal/krb5.h ]; then
	memory memory-heimdal -DHEIMDAL -isystem /usr/include/heimdal -L/usr/lib/x86_64-linux-gnu/heimdal
else
	lacking heimdal-multidev
fi
finish
