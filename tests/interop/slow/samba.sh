#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Services that act for users in a realm of Active Directory: Samba's domain controller, its KDC alone, on 127.0.0.1. Rights
# to act are the service's: Samba 4.17 with Heimdal's KDC takes those of the target (resource-based delegation) for nothing,
# from MIT's library, too. It takes half a minute, most of it to set up the domain, so that run.sh leaves it out: run it by
# hand after changes of S4U.

. "$(dirname "$0")/../lib.sh"
need samba samba samba-tool samba ldbmodify ldb-tools kinit krb5-user
. "$here/acting.sh"
realm=AD.TEST
dc=$work/dc
directory=$dc/private/sam.ldb
tool() { samba-tool "$@" -H "$directory" -s "$dc/etc/smb.conf"; }
modify() { printf 'dn: CN=%s,CN=Users,DC=ad,DC=test\nchangetype: modify\nreplace: %s\n%s: %s\n' "$1" "$2" "$2" "$3" | ldbmodify -H "$directory"; }

# A service logs in by its user principal name. Without the attribute tickets for it are of RC4.
domain() {
	local account
	samba-tool domain provision --realm=$realm --domain=AD --server-role=dc --dns-backend=NONE --adminpass='Passw0rd.' \
	    --targetdir="$dc" --host-name=dc --host-ip=127.0.0.1 --option='interfaces=lo' --option='bind interfaces only=yes' &&
	    for account in alice web imap; do
		tool user create "$account" "Passw0rd.$account" || return
	    done
	tool spn add demo/localhost web && tool spn add host/localhost imap &&
	    modify web userPrincipalName demo/localhost@$realm && modify web msDS-SupportedEncryptionTypes 24 &&
	    modify imap msDS-SupportedEncryptionTypes 24 &&
	    for account in demo/localhost host/localhost; do
		samba-tool domain exportkeytab "$work/keytab" --principal="$account" -s "$dc/etc/smb.conf" || return
	    done
}
domain >"$work/domain.log" 2>&1 || give_up "a domain" "$work/domain.log"
kdc_port=$(free_port)
start kdc samba -F -M single --no-process-group -s "$dc/etc/smb.conf" --option='server services=kdc' \
    --option="krb5 port=$kdc_port" --option='kpasswd port=0' --option='log file=/dev/stdout' --debug-stdout
must_listen "Samba's KDC" "$kdc_port" "$work/kdc.log"
client_conf "$work/krb5.conf" $realm "$kdc_port"
export KRB5_CONFIG=$work/krb5.conf KRB5_KTNAME=FILE:$work/keytab KRB5RCACHENAME=dfl: KRB5RCACHEDIR=$work

self() { says "context of alice@$realm" serving "$work/acting-$1" for alice demo@localhost; }
other() { says "context of alice@$realm" serving "$work/acting-$1" for alice host@localhost; }
accepted() { says "acted with by demo/localhost@$realm" serving "$work/acting-$1" accept host@localhost "FILE:$work/cc"; }

check "we act for a user at ourselves" self ours
refused "not at another service" 'is not forwardable' serving "$work/acting-ours" for alice host@localhost
echo Passw0rd.alice | kinit -c "$work/cc" alice >"$work/kinit.log" 2>&1
check "the service may act there" tool delegation add-service web host/localhost
check "an acceptor acts for its client by that" accepted ours
refused "but not for others, whom it has named itself" 'is not forwardable' serving "$work/acting-ours" for alice host@localhost
check "it may do so for all" tool delegation for-any-protocol web on
check "then we act for whom it names" other ours
check "and so does MIT's library" other mit
check "a user forbids it" tool user sensitive alice on
refused "then we do not" 'is not forwardable' serving "$work/acting-ours" for alice host@localhost
finish
