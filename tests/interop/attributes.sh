#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Attributes of clients' names: the PAC that MIT's KDC issues, and the indicator of how the client was authenticated. Our library
# and MIT's say the same about one ticket, and about names and contexts that the other has exported.

. "$(dirname "$0")/lib.sh"
mit_realm 'spake_preauth_groups = edwards25519'
mit_indicates proven-by-spake
mit_kadmin "addprinc -randkey bare/localhost" "modprinc +no_auth_data_required bare/localhost" "ktadd -k $work/keytab bare/localhost"
kinit_alice "$work/cc"
export KRB5CCNAME=FILE:$work/cc
printf '[libgssapi]\n\texport_sec_context = open\n\tformat = mit\n\tledger_directory = %s\n' "$work" >>"$work/krb5.conf"
for flavour in mit ours; do
	cc_with $flavour -o "$work/attributes-$flavour" "$here/attributes.c"
done

# run FLAVOUR FILE ARGUMENT...: what the program prints with that library.
run() {
	local flavour=$1 output=$2
	shift 2
	timeout -k 2 $busy "$work/attributes-$flavour" "$@" >"$output"
}

for service in demo bare; do
	for flavour in mit ours; do
		check "$service: what names say with $flavour" run $flavour "$work/$service-$flavour" ask $service@localhost
	done
	check "$service: ours says what MIT's says" diff "$work/$service-mit" "$work/$service-ours"
done
check "a PAC is authenticated" grep -q '^source: urn:mspac:: 0, authenticated 1, complete 1, more 0, value [0-9a-f]' "$work/demo-ours"
check "an indicator is authenticated" grep -q "^source: auth-indicators: 0, authenticated 1, complete 1, more 0, value $(printf proven-by-spake |
    od -An -tx1 | tr -d ' \n'), " "$work/demo-ours"
check "a ticket without a PAC has no attributes" grep -q '^source: gss_inquire_name: 0, MN 1, mechanism 1, no set 0 attributes' \
    "$work/bare-ours"

for writer in mit ours; do
	check "$writer exports a composite name" run $writer /dev/null name demo@localhost "$work/name-$writer"
	for reader in mit ours; do
		[ $writer$reader != mitmit ] || continue
		check "$reader reads the name of $writer" run $reader "$work/named-$writer-$reader" named "$work/name-$writer"
		check "$reader reads all attributes of $writer" diff <(sed -n 's/^source/composite/p' "$work/demo-mit" |
		    grep -E 'urn:|auth-|gss_inq') "$work/named-$writer-$reader"
		check "$writer exports a context" run $writer /dev/null context demo@localhost "$work/context-$writer"
		check "$reader reads the context of $writer" run $reader "$work/moved-$writer-$reader" moved "$work/context-$writer"
		check "$reader reads all attributes of the client of $writer" diff <(sed -n 's/^source/moved/p' "$work/demo-mit" |
		    grep -E 'urn:|auth-|gss_inq') "$work/moved-$writer-$reader"
	done
done
finish
