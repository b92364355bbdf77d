#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Credentials from passwords (passwords.c), of MIT's KDC and of Heimdal's: ways to preauthenticate, salts, what KDCs refuse,
# canonical names, replicas, FAST. MIT's library joins in where it can do the same.

. "$(dirname "$0")/lib.sh"
need krb5kdc krb5-kdc kadmin.local krb5-admin-server kinit krb5-user
mkdir -p "$build/interop"
password=$build/interop/passwords-$ours
! outdated "$password" "$here/passwords.c" || cc_with ours -o "$password" "$here/passwords.c"

# says NAME PATTERN COMMAND...: the command succeeds, and prints a line like that.
says() {
	local name=$1 pattern=$2
	shift 2
	if limited "$@" >"$work/out" 2>&1 && grep -qE -e "$pattern" "$work/out"; then
		ok "$name"
	else
		echo "wanted /$pattern/: $*" >>"$work/out"
		not_ok "$name" "$work/out"
	fi
}

# kdc_said NAME PATTERN: since the last mark, MIT's KDC has logged that; with ! before it, that it has not.
kdc_said() {
	local wanted=0 pattern=$2
	case $pattern in !*) wanted=1 pattern=${pattern#!} ;; esac
	since "$work/kdc.messages" >"$work/since"
	grep -qE -e "$pattern" "$work/since"
	if [ $? -eq $wanted ]; then
		ok "$1"
	else
		not_ok "$1" "$work/since"
	fi
}

# kdc_again: MIT's KDC with what the files say now.
kdc_again() {
	stop kdc
	rm -f "$work/kdc.messages"
	mit_kdc_start # which says that its port is in use as long as connections of the one before are
	found 'commencing operation' "$work/kdc.messages" >/dev/null
	begun "$work/kdc.messages"
}

mit_realm "default_ccache_name = FILE:$work/cc"
# The KDC of mit_realm goes on with SPAKE and a log.
stop kdc
cat >>"$work/kdc.conf" <<-END
	[logging]
		kdc = FILE:$work/kdc.messages
END
spake() { sed -i -e '/spake_preauth_groups/d' -e "s/^\[libdefaults\]/&\n\tspake_preauth_groups = $1/" "$work/krb5.conf"; }
spake edwards25519,P-256
{
	echo "addprinc +requires_preauth -pw secret preauth"
	echo "addprinc +requires_preauth -pw secret -pwexpire yesterday stale"
	echo "addprinc +requires_preauth -pw secret -expire yesterday gone"
	echo "addprinc +requires_preauth -pw secret locked"
	echo "modprinc -allow_tix locked"
	for salt in norealm onlyrealm special; do
		echo "addprinc +requires_preauth -e aes256-cts:$salt -pw secret $salt"
	done
	echo "addprinc +requires_preauth -e aes128-sha2:normal -pw secret aes128"
	echo "addprinc +requires_preauth -pw secret joe\\@corp.example"
	echo "addprinc -randkey host/localhost"
	echo "ktadd -k $work/keytab host/localhost"
} | mit_kadmin
kdc_again

says "a login without preauthentication" "^accepted: alice@$realm" "$password" -s demo@localhost alice alice-password
says "a login with preauthentication" "^accepted: preauth@$realm" "$password" -s demo@localhost preauth secret
kdc_said "it was SPAKE" "MORE_PREAUTH_DATA_REQUIRED|More preauthentication data"
spake edwards25519
for user in norealm onlyrealm special aes128; do
	says "keys with another salt or enctype: $user" "^acquired: $user@$realm" "$password" "$user" secret
done
for user in alice preauth; do
	refused "$user's password is wrong" "Decrypt integrity|Preauthentication failed" "$password" "$user" wrong
done
refused "the password has expired" "Password has expired" "$password" stale secret
refused "the account has expired" "entry in database has expired" "$password" gone secret
refused "the account is locked" "credentials have been revoked" "$password" locked secret
refused "nobody has that name" "Client 'nobody@$realm' not found" "$password" nobody secret
says "an enterprise name" '^acquired: joe\\@corp.example@'"$realm" "$password" -e joe@corp.example secret

# Debian's gss-client takes a password, too.
programs_with
need gss-client krb5-gss-samples gss-server krb5-gss-samples
use ours
port=$(free_port)
start server "${with[@]}" gss-server -port "$port" demo@localhost
must_listen gss-server "$port" "$work/server.log"
logged_in() { timeout $busy "${with[@]}" gss-client -port "$port" "$@" localhost demo@localhost hello 2>&1; }
says "gss-client with a password" "Signature verified" logged_in -user preauth -pass secret
says "gss-client with a password, negotiated" "Signature verified" logged_in -spnego -user preauth -pass secret
refused "gss-client with a wrong password" "Preauthentication failed" logged_in -user preauth -pass wrong
stop server

says "verified by any host key" "^acquired: preauth@$realm" "$password" preauth secret verify=
says "verified by a service" "^acquired: preauth@$realm" "$password" preauth secret verify=demo/localhost
refused "verified by keys that are not there" "Key table entry not found|No key table|nonexistent" "$password" preauth secret verify=demo/elsewhere

for group in P-521 P-384 P-256; do
	spake $group
	kdc_again
	says "SPAKE in $group" "^acquired: preauth@$realm" "$password" preauth secret
	kdc_said "it was SPAKE" "More preauthentication data"
done
refused "SPAKE in $group, and a wrong password" "Preauthentication failed" "$password" preauth wrong
spake edwards25519
says "no group in common: encrypted timestamp" "^acquired: preauth@$realm" "$password" preauth secret
refused "no group in common, and a wrong password" "Preauthentication failed" "$password" preauth wrong
sed -i 's/^\[kdcdefaults\]/&\n\tspake_preauth_kdc_challenge = edwards25519/' "$work/kdc.conf"
kdc_again
says "SPAKE with a challenge at once" "^acquired: preauth@$realm" "$password" preauth secret
kdc_said "it was SPAKE, without a message more" "!More preauthentication data"
refused "SPAKE with a challenge at once, and a wrong password" "Preauthentication failed" "$password" preauth wrong
sed -i '/spake_preauth_kdc_challenge/d' "$work/kdc.conf"
spake none
kdc_again
says "encrypted timestamp" "^acquired: preauth@$realm" "$password" preauth secret
kdc_said "it was not SPAKE" "!More preauthentication data"
sed -i 's/kdc = 127/disable_encrypted_timestamp = true\n\t\t&/' "$work/krb5.conf"
refused "nothing that passwords can be tried on" "timestamp is disabled" "$password" preauth secret
sed -i '/disable_encrypted_timestamp/d' "$work/krb5.conf"
spake edwards25519
kdc_again

# A password that is wrong counts once, whatever the KDC offers, and for however many mechanisms it is.
attempts() {
	mit_kadmin "getprinc preauth"
	sed -n 's/.*Failed password attempts: //p' "$work/kadmin.log"
}
counts_once() {
	local before
	before=$(attempts)
	"$password" preauth wrong "$@"
	[ "$(attempts)" -eq $((before + 1)) ]
}
check "a wrong password counts once" counts_once
[ "$ours" != ours ] || check "a wrong password in a credential store counts once" counts_once verify=

# A replica that does not have the new password yet, nor a new client.
mkdir "$work/old"
cp "$work"/db/* "$work/old/"
replica_port=$(free_port)
sed -e "s,$work/db/,$work/old/,; s,127.0.0.1:$kdc_port,127.0.0.2:$replica_port,; s,kdc.messages,old.messages," "$work/kdc.conf" >"$work/old.conf"
start replica env KRB5_CONFIG="$work/krb5.conf" KRB5_KDC_PROFILE="$work/old.conf" krb5kdc -n -r "$realm"
found 'commencing operation' "$work/old.messages" >/dev/null || { not_ok "the replica listens" "$work/replica.log"; finish; }
printf 'cpw -pw fresh preauth\naddprinc +requires_preauth -pw fresh hired\n' |
	KRB5_KDC_PROFILE=$work/kdc.conf kadmin.local -r "$realm" >"$work/kadmin.log" 2>&1
cp "$work/krb5.conf" "$work/krb5.conf.one"
sed -i "s/kdc = .*/kdc = 127.0.0.2:$replica_port/" "$work/krb5.conf"
refused "the replica has the old password" "Preauthentication failed" "$password" preauth fresh
refused "the replica does not know the client" "Client 'hired@$realm' not found" "$password" hired fresh
sed -i "s/kdc = .*/&\n\t\tprimary_kdc = 127.0.0.1:$kdc_port/" "$work/krb5.conf"
says "the primary KDC has the new password" "^acquired: preauth@$realm" "$password" preauth fresh
says "the primary KDC knows the client" "^acquired: hired@$realm" "$password" hired fresh
says "the replica's word is enough" "^acquired: preauth@$realm" "$password" preauth secret
refused "wrong everywhere" "Preauthentication failed" "$password" preauth wrong
check "a wrong password counts once at the primary KDC, too" counts_once
sed -i "s/\(primary_kdc = 127.0.0\).*/\1.3:$kdc_port/" "$work/krb5.conf"
refused "the primary KDC is down" "Preauthentication failed" "$password" preauth fresh
stop replica
mv "$work/krb5.conf.one" "$work/krb5.conf"
printf 'cpw -pw secret preauth\n' | KRB5_KDC_PROFILE=$work/kdc.conf kadmin.local -r "$realm" >"$work/kadmin.log" 2>&1

# FAST: MIT's library has no setting for it in programs like this one.
if [ "$ours" = ours ]; then
	kinit_alice "$work/cc.armor"
	traced() { KRB5_TRACE=$work/trace "$password" "$@"; status=$?; cat "$work/trace"; rm -f "$work/trace"; return $status; }
	spake none
	for armor in "armor_ccache = $work/cc.armor" "armor_keytab = $work/keytab"; do
		sed -i '/^\[libgssapi\]/,$d' "$work/krb5.conf"
		printf '[libgssapi]\n\t%s\n' "$armor" >>"$work/krb5.conf"
		says "FAST, ${armor%% *}: encrypted challenge" "with encrypted challenge, in FAST" traced preauth secret
		refused "FAST, ${armor%% *}: a wrong password" "Preauthentication failed" "$password" preauth wrong
		refused "FAST, ${armor%% *}: an expired password" "Password has expired" "$password" stale secret
		says "FAST, ${armor%% *}: without preauthentication" "without preauthentication, in FAST" traced alice alice-password
		says "FAST, ${armor%% *}: a context" "^accepted: preauth@$realm" "$password" -s demo@localhost preauth secret
	done
	spake edwards25519
	kdc_again
	says "FAST and SPAKE" "with SPAKE, in FAST" traced preauth secret
	sed -i 's,armor_keytab = .*,armor_ccache = FILE:/nonexistent/cc,' "$work/krb5.conf"
	refused "no armor, no login" "no armor for FAST" "$password" preauth secret
fi
stop kdc
rm "$work/keytab"

# Heimdal's KDC has aliases, and other ways to say things.
heimdal_realm
kadmin_heimdal add --use-defaults --password=secret preauth
kadmin_heimdal modify --attributes=+requires-pre-auth preauth
kadmin_heimdal modify --alias=other@corp.example preauth
kadmin_heimdal add --use-defaults --password=secret --pw-expiration-time=2001-01-01 stale
kadmin_heimdal add --use-defaults --password=secret locked
kadmin_heimdal modify --attributes=+disallow-all-tix locked
kadmin_heimdal add --use-defaults --random-key host/localhost
kadmin_heimdal ext_keytab -k "FILE:$work/keytab" host/localhost
says "Heimdal: without preauthentication" "^accepted: alice@$realm" "$password" -s demo@localhost alice alice-password
says "Heimdal: with preauthentication" "^accepted: preauth@$realm" "$password" -s demo@localhost preauth secret
refused "Heimdal: a wrong password" "Preauthentication failed|Decrypt integrity" "$password" preauth wrong
refused "Heimdal: nobody has that name" "not found in Kerberos database" "$password" nobody secret
refused "Heimdal: the password has expired" "Password has expired" "$password" stale secret
refused "Heimdal: the account is locked" "revoked|policy" "$password" locked secret
says "Heimdal: verified" "^acquired: preauth@$realm" "$password" preauth secret verify=
# MIT's library does not ask for another name, and gets none.
[ "$ours" != ours ] ||
    says "Heimdal: an enterprise name becomes another one" "^accepted: preauth@$realm" "$password" -e -s demo@localhost other@corp.example secret
finish
