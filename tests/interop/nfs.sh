#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# rpc.gssd, which makes the contexts of Linux's NFS clients: Debian's daemon, unchanged, with our library or MIT's, and a
# server of libtirpc's with the other. Each of its threads becomes another user. Needs root, as rpc.gssd does.

. "$(dirname "$0")/lib.sh"
need rpc.gssd nfs-common cc gcc python3 python3
[ -e /usr/include/tirpc/rpc/rpcsec_gss.h ] || lacking libtirpc-dev
[ -e /usr/include/mit-krb5/gssapi/gssapi.h ] || lacking libkrb5-dev
need_root "rpc.gssd changes users"
mit_realm
programs_with
kinit_alice "FILE:$work/cc"
mit_service "$work/nfs.keytab" nfs/localhost host/localhost
${CC:-cc} -std=c99 -D_GNU_SOURCE -Wall -Wextra -Werror -g -I/usr/include/mit-krb5 -I/usr/include/tirpc -o "$work/rpcsec-gss" \
    "$here/rpcsec-gss.c" -ltirpc >"$work/cc.log" 2>&1 || give_up "rpcsec-gss is built" "$work/cc.log"

users="1 2 65534" # who have tickets, and 3 has not
mkdir -p "$work/pipefs/nfs" "$work/users"
chmod 755 "$work"
chmod 644 "$work/krb5.conf"
chmod 1777 "$work/users"

# tickets: each user's, without one for the server.
tickets() {
	local user
	for user in $users; do
		cp "$work/cc" "$work/users/krb5cc_$user"
		chown "$user" "$work/users/krb5cc_$user"
		chmod 600 "$work/users/krb5cc_$user"
	done
}

# ask FLAVOUR USER[:ENCTYPES]...: what rpc.gssd answers. Each request has a server of its own, with that library: libtirpc
# finds a context by the address of a connection, which another connection may have had.
ask() {
	local requests=() user n=0
	use "$1"
	shift
	for user in "$@"; do
		n=$((n + 1))
		KRB5_KTNAME=$work/nfs.keytab start "rpc$n" "${with[@]}" "$work/rpcsec-gss" server nfs@localhost
		found '^port' "$work/rpc$n.log" || return 1
		requests+=("$(sed -n 's/^port //p' "$work/rpc$n.log"):$user")
	done
	timeout 40 python3 "$here/pipefs.py" "$work/pipefs" "${requests[@]}" >"$work/answers"
	for ((; n > 0; n--)); do
		stop "rpc$n"
	done
}

# answers FLAVOUR WANTED USER...
answers() {
	ask "$1" "${@:3}" || return
	[ "$(tr '\n' , <"$work/answers")" = "$2" ] && return
	cat "$work/answers"
	tail -n 8 "$work/gssd.log"
	return 1
}

# stored: each user has got a ticket for the server, in a file that is still that user's.
stored() {
	local user
	for user in $users; do
		[ "$(stat -c '%u %a' "$work/users/krb5cc_$user")" = "$user 600" ] &&
		    klist -c "FILE:$work/users/krb5cc_$user" 2>&1 | grep -q nfs/localhost && continue
		ls -ln "$work/users"
		klist -c "FILE:$work/users/krb5cc_$user"
		return 1
	done
}

gssd_has() { has "$1" "/proc/${pids[gssd]}/maps"; }

for pair in "ours mit" "mit ours" "ours ours"; do
	# shellcheck disable=SC2086 # two words
	set -- $pair
	name="rpc.gssd with $(library "$1"), server with $(library "$2")"
	tickets
	use "$1"
	start gssd "${with[@]}" rpc.gssd -f -vv -p "$work/pipefs" -d "$work/users" -k "$work/nfs.keytab"
	check "$name: three users at once" answers "$2" "1 enctype 18 key 32,2 enctype 18 key 32,65534 enctype 18 key 32," $users
	check "$name: their tickets" stored
	check "$name: no ticket, and the host itself with its keytab" answers "$2" "3 refused,0 enctype 18 key 32," 3 0
	check "$name: one enctype of the kernel's" answers "$2" "1 enctype 17 key 16," 1:17
	check "$name: the library" gssd_has "$1"
	stop gssd
	rm -rf "$work"/pipefs/nfs/* "$work"/users/*
done
finish
