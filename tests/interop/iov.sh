#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Messages in pieces, whole, and as MICs, between our library and MIT's in one process (iov.c), for each enctype and in
# both roles. IOV_SECONDS (default 1) is the time for an enctype, IOV_SEED a seed to repeat.

. "$(dirname "$0")/lib.sh"
need krb5kdc krb5-kdc kadmin.local krb5-admin-server kinit krb5-user
[ -e /usr/include/mit-krb5/gssapi/gssapi_ext.h ] || lacking libkrb5-dev
program=$build/interop/iov
mkdir -p "$build/interop"
sources="$here/iov.c $here/agree.c $here/peers.c $here/pieces.c"
# shellcheck disable=SC2086 # a list of names
if outdated "$program" $sources "$here"/*.h; then
	${CC:-cc} -std=gnu99 -Wall -Wextra -Werror -O1 -g -I"$root/include" -o "$program" $sources -ldl || exit 1
fi

enctypes="$enctypes 16 23 25 26"
mit_realm "allow_weak_crypto = true" "allow_des3 = true" "allow_rc4 = true"
for e in $enctypes; do
	export KRB5_CONFIG=$work/krb5-$e.conf KRB5CCNAME=FILE:$work/cc-$e
	name=$(enctype_name "$e")
	kinit_alice "$KRB5CCNAME"
	case $e in
	16 | 23) legacy=1 ;;
	*) legacy=0 ;;
	esac
	if timeout -k 2 300 "$program" "$build/lib/libgssapi.so.10" "$(mit_library)" "aes$e@localhost" "${IOV_SECONDS:-1}" $legacy \
	    ${IOV_SEED:+"$IOV_SEED"} >"$work/out" 2>&1; then
		grep '^ok' "$work/out" | sed "s/aes$e@localhost/$name/"
		passed=$((passed + 1))
	else
		not_ok "$name" "$work/out"
	fi
done
finish
