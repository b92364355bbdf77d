#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The functions of gssapi_krb5.h, in a program that uses MIT's libkrb5 beside libgssapi_krb5.so.2.

. "$(dirname "$0")/lib.sh"
need cc gcc kadmind krb5-admin-server kadmin krb5-user kinit krb5-user
[ -e /usr/include/krb5.h ] || lacking libkrb5-dev
mit_realm
programs_with
cc_beside_libkrb5 -pthread -o "$work/libkrb5" "$here/libkrb5.c"
checks="import_cred ccache_name acceptor_identity principals inquiries enctypes"
# MIT's own gss_krb5_copy_ccache crashes where the credential has not yet looked for its cache.
[ "$ours" = mit ] || checks="copy_ccache $checks"
for name in $checks; do
	export KRB5CCNAME=FILE:$work/cc-$name
	kinit_alice "$KRB5CCNAME"
	use ours
	check "$name" "${with[@]}" "$work/libkrb5" $name
done
if [ "$ours" != mit ]; then
	[ -e /usr/include/heimdal/krb5.h ] || lacking heimdal-multidev
	cc_beside_libkrb5 -o "$work/delegated-mit" "$here/delegated.c"
	cc_beside_libkrb5 -DHEIMDAL -isystem /usr/include/heimdal -L/usr/lib/x86_64-linux-gnu/heimdal \
	    -o "$work/delegated-heimdal" "$here/delegated.c"
	for name in delegated-mit delegated-heimdal; do
		export KRB5CCNAME=FILE:$work/cc-$name
		kinit_alice "$KRB5CCNAME"
		use ours
		check "$name" "${with[@]}" "$work/$name"
	done
fi
# MIT's administration of a database, which is linked with the library and makes no context.
administrate() {
	"${with[@]}" env KRB5_KDC_PROFILE="$work/kdc.conf" kadmin.local -r MIT.TEST -q "getprinc alice" | tee "$work/princ"
	grep -q "^Principal: alice@MIT.TEST" "$work/princ"
}
check "kadmin.local" administrate
# The same over the network: kadmin names the server and itself by objects of libkrb5.
admin_port=$(free_port)
sed "s,acl_file = .*,acl_file = $work/acl\n\t\t\tkadmind_listen = 127.0.0.1:$admin_port\n\t\t\tkpasswd_listen = 127.0.0.1:$(free_port)," \
    "$work/kdc.conf" >"$work/kadmind.conf"
sed "s,kdc = .*,&\n\t\tadmin_server = 127.0.0.1:$admin_port," "$work/krb5.conf" >"$work/kadmin.conf"
echo "alice@$realm *" >"$work/acl"
mit_service "$work/kadmin.keytab" kadmin/localhost
export KRB5_CONFIG=$work/kadmin.conf
start admin env KRB5_KDC_PROFILE="$work/kadmind.conf" kadmind -nofork -r "$realm"
must_listen kadmind "$admin_port" "$work/admin.log"
echo alice-password | kinit -S kadmin/admin -c "$work/cc-admin" alice >"$work/kinit.log" 2>&1
# administrate_from_afar [OPTION...]: with a cache, or what the options say.
administrate_from_afar() {
	[ $# -gt 0 ] || set -- -c "FILE:$work/cc-admin"
	timeout $busy "${with[@]}" kadmin -r "$realm" "$@" -p "alice@$realm" -q "getprinc demo/localhost" 2>&1 |
	    tee "$work/princ"
	grep -q "^Principal: demo/localhost@$realm" "$work/princ"
}
check "kadmin" administrate_from_afar
# It gets these tickets itself, and has them in the memory of libkrb5.
check "kadmin with a password" administrate_from_afar -w alice-password
refused "kadmin with a wrong password" "Incorrect password|Preauthentication failed|Decrypt integrity" \
    "${with[@]}" kadmin -r "$realm" -p "alice@$realm" -w wrong -q "getprinc demo/localhost"
mit_kadmin "ktadd -norandkey -k $work/alice.keytab alice"
check "kadmin with a keytab" administrate_from_afar -k -t "$work/alice.keytab"
stop admin
# kadmind takes its keys from the database, by a keytab of type KDB that it has registered with its libkrb5.
use ours
start admin "${with[@]}" KRB5_KDC_PROFILE="$work/kadmind.conf" kadmind -nofork -r "$realm"
must_listen "kadmind with our library" "$admin_port" "$work/admin.log"
check "kadmind" administrate_from_afar
check "kadmind has it" has ours "/proc/${pids[admin]}/maps"
use mit
check "kadmind, kadmin with MIT's library" administrate_from_afar
stop admin
use ours
[ "$ours" = mit ] ||
    check "functions that are missing say so" "${with[@]}" "$work/libkrb5" missing "$build/gen/mit/missing.txt"
finish
