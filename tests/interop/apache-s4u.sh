#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Apache with mod_auth_gssapi as a service that acts for its users: Debian's, unchanged, with our library or MIT's. For each
# request it stores a credential of the user in a cache of its own: what was delegated, what a password gives, its right to
# act for who has shown a ticket (S4U2Proxy), or has proved another way who it is (S4U2Self). MIT's klist and kvno tell what
# is in there, to a script of the server, which goes on to another service with Debian's gss-client. Needs root, as Apache
# does to change users.

. "$(dirname "$0")/lib.sh"
need apache2 apache2 curl curl klist krb5-user htpasswd apache2-utils gss-client krb5-gss-samples gss-server krb5-gss-samples
modules=/usr/lib/apache2/modules
[ -e $modules/mod_auth_gssapi.so ] || lacking libapache2-mod-auth-gssapi
if [ "$(id -u)" != 0 ]; then
	echo "lacking - apache2 changes users as root only"
	exit 77
fi
mit_realm
mit_ldap_realm "addprinc -randkey +ok_to_auth_as_delegate HTTP/localhost" "ktadd -k $work/http.keytab HTTP/localhost" \
    "addprinc -randkey demo/localhost" "addprinc -randkey imap/localhost" "ktadd -k $work/services.keytab demo/localhost imap/localhost"
mit_may_act HTTP/localhost demo/localhost
programs_with
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME" -f
declare -A ports=()
for service in demo imap; do
	ports[$service]=$(free_port)
	start $service env KRB5_KTNAME="FILE:$work/services.keytab" gss-server -port "${ports[$service]}" $service@localhost
	wait_port "${ports[$service]}" || { not_ok "gss-server listens" "$work/$service.log"; finish; }
done

# Its children have a user of their own.
mkdir -p "$work/rcache" "$work/users"
chown www-data "$work/http.keytab" "$work/rcache" "$work/users"
chmod 755 "$work"
chmod 644 "$work/krb5.conf"
# Another proof than one of Kerberos.
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

# kept is what each location is told of credentials: it takes none of this from another one.
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
	port=$(free_port)
	rm -f "$work"/users/*
	for service in demo imap; do
		echo "echo $service: \$(${with[*]} gss-client -port ${ports[$service]} localhost $service@localhost hello 2>&1 | tail -n 1)"
	done >"$work/go-on"
	cat >"$work/apache.conf" <<-END
		LoadModule mpm_event_module $modules/mod_mpm_event.so
		LoadModule authn_core_module $modules/mod_authn_core.so
		LoadModule authn_file_module $modules/mod_authn_file.so
		LoadModule auth_basic_module $modules/mod_auth_basic.so
		LoadModule authz_core_module $modules/mod_authz_core.so
		LoadModule authz_user_module $modules/mod_authz_user.so
		LoadModule alias_module $modules/mod_alias.so
		LoadModule cgid_module $modules/mod_cgid.so
		LoadModule auth_gssapi_module $modules/mod_auth_gssapi.so
		ServerName localhost
		ServerRoot $work
		PidFile $work/apache.pid
		DefaultRuntimeDir $work
		Listen 127.0.0.1:$port
		User www-data
		Group www-data
		ErrorLog $work/error.log
		LogLevel info auth_gssapi:debug
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
	: >"$work/error.log"
	# It ends its whole process group.
	start server setsid env KRB5RCACHEDIR="$work/rcache" "${with[@]}" apache2 -DFOREGROUND -f "$work/apache.conf"
	wait_port "$port" || { cat "$work/error.log" >>"$work/server.log"; not_ok "apache2 listens" "$work/server.log"; finish; }
}

# get PAGE OPTION...: what the script of the server says, and that its cache is gone with the request.
get() {
	local page=$1 cache
	shift
	timeout 20 curl -sS -f "$@" "http://localhost:$port/$page" >"$work/said" 2>&1
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

# nobody PAGE OPTION...: the server lets somebody in whom the KDC does not know, and has no cache.
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
finish
