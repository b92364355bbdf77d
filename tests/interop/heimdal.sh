#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Heimdal 7.8: its KDC, kinit, klist and kgetcred, and its libgssapi under our sample programs, against our library in
# both roles: four enctypes, all flags. MIT's library joins in, so that three implementations meet in one realm.

. "$(dirname "$0")/lib.sh"
need klist krb5-user
heimdal_realm
peers ours
peers mit
peers heimdal

for e in $enctypes; do
	export KRB5_CONFIG=$work/krb5-$e.conf KRB5CCNAME=FILE:$work/cc-$e
	name=$(enctype_name "$e")
	heimdal_login "$KRB5CCNAME"
	service=aes$e@localhost
	sample_pair "$name: our client, Heimdal's library" ours heimdal
	klist -e "$KRB5CCNAME" >"$work/klist" 2>&1
	if grep -A2 "aes$e/localhost" "$work/klist" | grep -q "Etype (skey, tkt): $name, $name"; then
		ok "$name: that is what the ticket is of"
	else
		not_ok "$name: that is what the ticket is of" "$work/klist"
	fi
	sample_pair "$name: Heimdal's library, our server" heimdal ours
done

export KRB5_CONFIG=$work/krb5.conf KRB5CCNAME=FILE:$work/cc
service=demo@localhost
heimdal_login "$KRB5CCNAME"
start_server "$server_ours"
check "our client, our server, Heimdal's KDC" "$client_ours" -d "$port" "$service" hello
check "Heimdal's klist reads the cache that we wrote to" "$heimdal_klist" klist -t -c "$KRB5CCNAME"
"$heimdal_klist" klist -c "$KRB5CCNAME" >"$work/out" 2>&1
if grep -q "demo/localhost@$realm" "$work/out"; then
	ok "and shows our ticket"
else
	not_ok "and shows our ticket" "$work/out"
fi
check "Heimdal's library uses the ticket that we wrote" "$client_heimdal" "$port" "$service" hello
check "kgetcred adds tickets beside it" "$heimdal_kgetcred" -c "$KRB5CCNAME" aes20/localhost
check "our client uses the ticket of kgetcred" \
    env KRB5_CONFIG="$work/krb5.conf" "$client_ours" "$port" aes20@localhost hello
check "a client of MIT's library, our server, Heimdal's KDC" "$client_mit" -d "$port" "$service" hello
stop kdc
check "with the KDC down, our client uses the ticket in the cache" "$client_ours" "$port" "$service" hello
stop server
finish
