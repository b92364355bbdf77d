#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Services that act for users, and credentials that go from process to process, with MIT's KDC and beside MIT's library:
# S4U2Self with its own database, S4U2Proxy with one in LDAP, for rights to act at others are there only. And with Heimdal's.

. "$(dirname "$0")/lib.sh"
mit_realm
. "$here/acting.sh"
mit_service "$work/keytab" host/localhost imap/localhost

acted="acted with by demo/localhost@$realm"
for e in $enctypes; do
	check "$(enctype_name "$e"): we act for a user at ourselves" \
	    says "context of alice@$realm" serving env KRB5_CONFIG="$work/krb5-$e.conf" SERVICE="aes$e@localhost" \
	    "$work/acting-ours" for alice "aes$e@localhost"
done
check "the credential says who acts" says "$acted" serving "$work/acting-ours" for alice demo@localhost
refused "a user whom the KDC does not know" "Client 'nobody@$realm' not found" \
    serving "$work/acting-ours" for nobody demo@localhost
refused "another service: a database without rights to act" 'is not allowed to act for users' \
    serving "$work/acting-ours" for alice host@localhost

# Each library goes on with what the other has stored or exported. A plain token needs the policy.
printf '[libgssapi]\n\texport_sec_context = open\n\tledger_directory = %s\n' "$work" >>"$work/krb5.conf"
kinit_alice "FILE:$work/cc"
export KRB5CCNAME=FILE:$work/cc
for pair in 'ours mit' 'mit ours' 'ours ours'; do
	read -r from to <<<"$pair"
	check "$from stores a credential to act with" serving "$work/acting-$from" store alice "FILE:$work/proxy"
	check "$to knows who acts with it" says "$acted" "$work/acting-$to" from "FILE:$work/proxy" demo@localhost
	for kind in file acceptor negotiated all delegated; do
		check "$from exports, $kind" "$work/acting-$from" export $kind "$work/token"
		check "$to imports, $kind" says "context of alice@$realm" "$work/acting-$to" import "$work/token" demo@localhost
	done
done

# The same realm with its database in LDAP.
rm "$work/keytab"
mit_ldap_realm 'addprinc -pw bob-password +disallow_forwardable bob' 'addprinc -randkey +ok_to_auth_as_delegate demo/localhost' \
    "ktadd -k $work/keytab demo/localhost" 'addprinc -randkey host/localhost' "ktadd -k $work/keytab host/localhost" \
    'addprinc -randkey imap/localhost'
mit_may_act demo/localhost host/localhost
kinit_alice "FILE:$work/cc"
check "we act for a user at another service" \
    says "context of alice@$realm" serving env KRB5_TRACE="$work/trace" "$work/acting-ours" for alice host@localhost
[ "$ours" = mit ] || check "a trace tells of it" found "demo/localhost@$realm acts for alice@$realm: S4U2Proxy" "$work/trace"
refused "not at one where we may not" 'is not allowed to act for users' serving "$work/acting-ours" for alice imap@localhost
refused "nor for a user whose tickets are not forwardable" 'is not forwardable' \
    serving "$work/acting-ours" for bob host@localhost
for pair in 'ours mit' 'mit ours' 'ours ours'; do
	read -r from to <<<"$pair"
	check "$from stores a credential to act with" serving "$work/acting-$from" store alice "FILE:$work/proxy"
	check "$to acts with it elsewhere" says "context of alice@$realm" "$work/acting-$to" from "FILE:$work/proxy" host@localhost
	check "$from exports one" serving "$work/acting-$from" export proxy "$work/token" alice
	check "$to acts with that elsewhere" says "context of alice@$realm" "$work/acting-$to" import "$work/token" host@localhost
done
check "an acceptor acts for its client elsewhere" \
    says "$acted" serving "$work/acting-ours" accept host@localhost "FILE:$work/cc"

# Heimdal's KDC answers with the older half of S4U2Self, so that the ticket has to be read. Its database has rights to act.
stop kdc
stop slapd
unset KRB5CCNAME
rm -f "$work/keytab"
heimdal_realm
heimdal_service() {
	local s
	for s in host/localhost imap/localhost; do
		kadmin_heimdal add --use-defaults --random-key "$s" && kadmin_heimdal ext_keytab -k "FILE:$work/keytab" "$s" || return
	done
	kadmin_heimdal modify --constrained-delegation="host/localhost@$realm" demo/localhost &&
	    kadmin_heimdal modify --attributes=+trusted-for-delegation demo/localhost
}
heimdal_service || give_up "Heimdal's services" "$work/kadmin.log"
check "Heimdal's KDC: we act for a user at ourselves" \
    says "context of alice@$realm" serving "$work/acting-ours" for alice demo@localhost
check "at another service" says "context of alice@$realm" serving "$work/acting-ours" for alice host@localhost
refused "not at one where we may not" 'is not allowed to act for users' serving "$work/acting-ours" for alice imap@localhost
refused "nor without the key to read the ticket" 'does not vouch for alice' \
    serving env KRB5_KTNAME=FILE:/nonexistent/keytab INITIATE=yes "$work/acting-ours" store alice "FILE:$work/proxy"
finish
