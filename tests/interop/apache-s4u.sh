#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Apache with mod_auth_gssapi as a service that acts for its users: Debian's, unchanged, with our library or MIT's. For each
# request it stores a credential of the user in a cache of its own: what was delegated, what a password gives, its right to
# act for who has shown a ticket (S4U2Proxy), or has proved another way who it is (S4U2Self). MIT's klist and kvno tell what
# is in there, to a script of the server, which goes on to another service with Debian's gss-client. Needs root, as Apache
# does to change users.

. "$(dirname "$0")/lib.sh"
. "$here/httpd.sh"
need curl curl klist krb5-user htpasswd apache2-utils gss-client krb5-gss-samples gss-server krb5-gss-samples
mit_realm
mit_ldap_realm "addprinc -randkey +ok_to_auth_as_delegate HTTP/localhost" "ktadd -k $work/http.keytab HTTP/localhost" \
    "addprinc -randkey demo/localhost" "addprinc -randkey imap/localhost" "ktadd -k $work/services.keytab demo/localhost imap/localhost"
mit_may_act HTTP/localhost demo/localhost
programs_with
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME" -f
declare -A ports=()
# services: the servers that Apache goes on to, and the files that it opens itself.
services() {
	for service in demo imap; do
		ports[$service]=$(free_port)
		start $service env KRB5_KTNAME="FILE:$work/services.keytab" gss-server -port "${ports[$service]}" $service@localhost
		must_listen gss-server "${ports[$service]}" "$work/$service.log"
	done
	mkdir -p "$work/users"
	httpd_files "$work/http.keytab" "$work/users"
}
services
# Proof of identity other than Kerberos.
for user in alice nobody; do
	htpasswd -bns $user other
done >"$work/passwords"
cat >"$work/whose" <<-END
	#!/bin/sh
	export KRB5_CONFIG=$work/krb5.conf
	printf 'Content-Type: text/plain\n\nuser: %s\n' "\$REMOTE_USER"
	[ -n "\$KRB5CCNAME" ] || exit 0
	echo "cache: \$KRB5CCNAME"
	klist -C 2>&1
	kvno demo/localhost 2>&1
	. $work/go-on
END
chmod 755 "$work/whose"

# kept prints the configuration of credentials, which each location needs for itself.
kept() {
	cat <<-END
		GssapiCredStore keytab:$work/http.keytab
		GssapiCredStore client_keytab:$work/http.keytab
		GssapiCredStore ccache:FILE:$work/rcache/cc
		GssapiDelegCcacheDir $work/users
		GssapiDelegCcacheUnique On
	END
}

# server FLAVOUR
server() {
	use "$1"
	rm -f "$work"/users/*
	for service in demo imap; do
		echo "echo $service: \$(${with[*]} gss-client -port ${ports[$service]} localhost $service@localhost hello 2>&1 | tail -n 1)"
	done >"$work/go-on"
	httpd_start "$1" mpm_event authn_file auth_basic alias cgid <<-END
		ScriptSock $work/cgid
		ScriptAliasMatch ^/(tickets|password|proof)$ $work/whose
		<Location /tickets>
		  AuthType GSSAPI
		  AuthName known
		  $(kept)
		  GssapiUseS4U2Proxy On
		  Require valid-user
		</Location>
		<Location /password>
		  AuthType GSSAPI
		  AuthName known
		  $(kept)
		  GssapiBasicAuth On
		  Require valid-user
		</Location>
		<Location /proof>
		  AuthType Basic
		  AuthName known
		  $(kept)
		  AuthUserFile $work/passwords
		  GssapiImpersonate On
		  GssapiUseS4U2Proxy On
		  Require valid-user
		</Location>
	END
}

# get PAGE OPTION...: what the script of the server says, and that its cache is gone with the request.
get() {
	local page=$1 cache
	shift
	timeout $busy curl -sS -f "$@" "http://localhost:$port/$page" >"$work/said" 2>&1
	cat "$work/said"
	cache=$(sed -n 's/^cache: FILE://p' "$work/said")
	for _ in $(seq $((10 * busy))); do
		[ -n "$cache" ] && [ -e "$cache" ] || return 0
		sleep 0.1
	done
	echo "$cache is still there"
	return 1
}

# has_tgt PAGE OPTION...: the cache is alice's, and it gives tickets for any service.
has_tgt() {
	get "$@" && grep -q "^user: alice@$realm" "$work/said" && grep -q "^Default principal: alice@$realm" "$work/said" &&
	    grep -q "krbtgt/$realm@$realm" "$work/said" && grep -q "^demo/localhost@$realm: kvno" "$work/said" &&
	    grep -q '^demo: Signature verified' "$work/said" && grep -q '^imap: Signature verified' "$work/said" &&
	    ! grep -q proxy_impersonator "$work/said" && return
	tail -n 5 "$work/error.log"
	return 1
}

# acts PAGE OPTION...: the cache has alice's ticket for the service, which acts for her at another one as it may, and no TGT
# of hers.
acts() {
	get "$@" && grep -q "^user: alice@$realm" "$work/said" && grep -q "^Default principal: alice@$realm" "$work/said" &&
	    grep -q "^config: proxy_impersonator = HTTP/localhost@$realm" "$work/said" &&
	    grep -q "for client HTTP/localhost@$realm" "$work/said" && grep -q "^[0-9].* HTTP/localhost@$realm" "$work/said" &&
	    grep -q '^demo: Signature verified' "$work/said" && grep -q "^imap: .*can't fulfill" "$work/said" && return
	tail -n 5 "$work/error.log"
	return 1
}

# nobody PAGE OPTION...: the server admits a user whom the KDC does not know, without a cache.
nobody() {
	get "$@" && grep -q '^user: nobody$' "$work/said" && ! grep -q '^cache' "$work/said" &&
	    grep -q "not found in Kerberos database" "$work/error.log"
}

for flavour in mit ours; do
	name="Apache with $flavour"
	server $flavour
	check "$name: a ticket" acts tickets --negotiate -u :
	check "$name: a ticket, again" acts tickets --negotiate -u :
	check "$name: delegated" has_tgt tickets --negotiate -u : --delegation always
	check "$name: a password" has_tgt password --basic -u alice:alice-password
	refused "$name: a wrong password" 401 curl -sS -f --basic -u alice:wrong "http://localhost:$port/password"
	check "$name: another proof" acts proof --basic -u alice:other
	check "$name: another proof, of nobody" nobody proof --basic -u nobody:other
	check "$name: the library" child_has $flavour
	stop server
done

# Heimdal's KDC does not vouch for the user, so that the library reads the ticket that it gets, with the key in the keytab that
# Apache acquires it with. MIT's library does not ask.
for service in demo imap kdc slapd; do
	stop $service
done
rm -rf "$work"/*keytab "$work/rcache"
heimdal_realm
heimdal_services() {
	kadmin_heimdal add --use-defaults --random-key HTTP/localhost && kadmin_heimdal add --use-defaults --random-key imap/localhost &&
	    kadmin_heimdal modify --constrained-delegation="demo/localhost@$realm" HTTP/localhost &&
	    kadmin_heimdal modify --attributes=+trusted-for-delegation HTTP/localhost &&
	    kadmin_heimdal ext_keytab -k "FILE:$work/http.keytab" HTTP/localhost &&
	    kadmin_heimdal ext_keytab -k "FILE:$work/services.keytab" demo/localhost imap/localhost
}
heimdal_services || { not_ok "Heimdal's services" "$work/kadmin.log"; finish; }
unset KRB5_KTNAME
services
server ours
check "Heimdal's KDC: another proof" acts proof --basic -u alice:other
check "Heimdal's KDC: another proof, of nobody" nobody proof --basic -u nobody:other
stop server
finish
