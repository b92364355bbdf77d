#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Channel bindings, the enctype of the subkey and checksums between our library and MIT's, in one process and in both
# roles (authenticator.c). AUTHENTICATOR_ROUNDS (default 100) is how many lists of enctypes are tried, AUTHENTICATOR_SEED
# a seed to repeat.

. "$(dirname "$0")/lib.sh"
need krb5kdc krb5-kdc kadmin.local krb5-admin-server kinit krb5-user
[ -e /usr/include/mit-krb5/gssapi/gssapi_ext.h ] || lacking libkrb5-dev
program=$build/interop/authenticator
mkdir -p "$build/interop"
sources="$here/authenticator.c $here/peers.c"
# shellcheck disable=SC2086 # a list of names
if outdated "$program" $sources "$here"/*.h; then
	${CC:-cc} -std=gnu99 -Wall -Wextra -Werror -O1 -g -I/usr/include/mit-krb5 -o "$program" $sources \
	    -L/usr/lib/x86_64-linux-gnu/mit-krb5 -ldl -lkrb5 || exit 1
fi

enctypes="$enctypes 16 23 25 26"
mit_realm "allow_weak_crypto = true" "allow_des3 = true" "allow_rc4 = true"
for e in $enctypes; do
	export KRB5_CONFIG=$work/krb5-$e.conf KRB5CCNAME=FILE:$work/cc-$e
	kinit_alice "$KRB5CCNAME"
	kvno -q "aes$e/localhost" >"$work/kvno.log" 2>&1 || not_ok "a ticket of $(enctype_name "$e")" "$work/kvno.log"
done
export KRB5_CONFIG=$work/krb5.conf KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME"
if timeout -k 2 300 "$program" "$build/lib/libgssapi.so.10" "$(mit_library)" "$work" "${AUTHENTICATOR_ROUNDS:-100}" \
    ${AUTHENTICATOR_SEED:+"$AUTHENTICATOR_SEED"} >"$work/out" 2>&1; then
	grep '^ok' "$work/out"
	passed=$(grep -c '^ok' "$work/out")
else
	cat "$work/out"
	not_ok "authenticator" "$work/out"
fi
finish
