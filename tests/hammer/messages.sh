#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# messages.sh SECONDS SEED: changed tokens and messages, to our library and to MIT's (messages/messages.c), for each enctype.
# What is known to differ is in messages/differences.txt.

. "$(dirname "$0")/../interop/lib.sh"
need krb5kdc krb5-kdc kadmin.local krb5-admin-server kinit krb5-user
seconds=${1:-60}
seed=${2:-1}
parts=$root/tests/hammer/messages
program=$build/hammer/messages
mits=$(mit_library)
[ -n "$mits" ] || lacking libgssapi-krb5-2

enctypes="${HAMMER_ENCTYPES:-$enctypes 16 23 25 26}"
mit_realm "allow_weak_crypto = true" "allow_des3 = true" "allow_rc4 = true"
export KRB5RCACHENAME=none:
each=$(awk "BEGIN { print $seconds / $(echo "$enctypes" | wc -w) }")
for e in $enctypes; do
	export KRB5_CONFIG=$work/krb5-$e.conf KRB5CCNAME=FILE:$work/cc-$e
	name=$(enctype_name "$e")
	kinit_alice "$KRB5CCNAME"
	case $e in
	16 | 23) legacy=1 ;;
	*) legacy=0 ;;
	esac
	if timeout -k 2 $((seconds + 130)) "$program" "$build/lib/libgssapi.so.10" "$mits" "aes$e@localhost" "$each" $legacy \
	    "$seed" "$parts/differences.txt" >"$work/out" 2>"$work/err"; then
		sed -n "s/aes$e@localhost/$name/; /^ok\\|tried/p" "$work/out"
	else
		echo "not ok - messages, $name, seed $seed"
		tail -n 60 "$work/out"
		tail -n 5 "$work/err"
		exit 1
	fi
done
