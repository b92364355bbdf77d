#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Apache with mod_auth_gssapi: Debian's web server, unchanged, and curl, each with our library or MIT's. The server keeps a
# delegated credential in a file, which MIT's klist then reads, and asks the KDC about passwords (HTTP Basic). Needs root,
# as Apache does to change users.

. "$(dirname "$0")/lib.sh"
need apache2 apache2 curl curl klist krb5-user
modules=/usr/lib/apache2/modules
[ -e $modules/mod_auth_gssapi.so ] || lacking libapache2-mod-auth-gssapi
if [ "$(id -u)" != 0 ]; then
	echo "lacking - apache2 changes users as root only"
	exit 77
fi
mit_realm
programs_with
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME" -f
mit_service "$work/http.keytab" HTTP/localhost

# Its children have a user of their own.
mkdir -p "$work/www" "$work/rcache" "$work/delegated"
chown www-data "$work/http.keytab" "$work/rcache" "$work/delegated"
chmod 755 "$work"
chmod 644 "$work/krb5.conf"
echo "a page for those who are known" >"$work/www/page"

# server FLAVOUR MPM
server() {
	use "$1"
	port=$(free_port)
	cat >"$work/apache.conf" <<-END
		LoadModule mpm_$2_module $modules/mod_mpm_$2.so
		LoadModule authn_core_module $modules/mod_authn_core.so
		LoadModule authz_core_module $modules/mod_authz_core.so
		LoadModule authz_user_module $modules/mod_authz_user.so
		LoadModule headers_module $modules/mod_headers.so
		LoadModule auth_gssapi_module $modules/mod_auth_gssapi.so
		ServerName localhost
		ServerRoot $work
		PidFile $work/apache.pid
		DefaultRuntimeDir $work
		Listen 127.0.0.1:$port
		User www-data
		Group www-data
		StartServers 2
		ErrorLog $work/error.log
		LogLevel info auth_gssapi:debug
		DocumentRoot $work/www
		Header always set X-User "expr=%{REMOTE_USER}"
		<Location />
		  AuthType GSSAPI
		  AuthName known
		  GssapiCredStore keytab:$work/http.keytab
		  GssapiCredStore rcache:dfl:
		  GssapiDelegCcacheDir $work/delegated
		  GssapiConnectionBound On
		  GssapiAllowedMech krb5
		  GssapiBasicAuth On
		  Require user alice@$realm
		</Location>
	END
	: >"$work/error.log"
	# It ends its whole process group.
	start server setsid env KRB5RCACHEDIR="$work/rcache" "${with[@]}" apache2 -DFOREGROUND -f "$work/apache.conf"
	wait_port "$port" || { cat "$work/error.log" >>"$work/server.log"; not_ok "apache2 listens" "$work/server.log"; finish; }
}

# get FLAVOUR [OPTION...]: the page, and who the server says the client is.
get() {
	use "$1"
	shift
	timeout 20 "${with[@]}" curl -sS -D "$work/headers" --negotiate -u : "$@" "http://localhost:$port/page" >"$work/page" 2>&1
	grep -q "who are known" "$work/page" && grep -q "^X-User: alice@$realm" "$work/headers" && return
	cat "$work/page" "$work/headers"
	tail -n 5 "$work/error.log"
	return 1
}

# delegated FLAVOUR: the server has the client's ticket, and it is one to use.
delegated() {
	rm -f "$work"/delegated/*
	get "$1" --delegation always || return 1
	klist -c "FILE:$work/delegated/alice@$realm" >"$work/klist" 2>&1 && grep -q "krbtgt/$realm@$realm" "$work/klist" && return
	ls -l "$work/delegated"
	cat "$work/klist"
	return 1
}

# basic PASSWORD: the page for a name and a password, which the server asks the KDC about.
basic() {
	timeout 20 curl -sS -f -D "$work/headers" --basic -u "alice:$1" "http://localhost:$port/page" 2>&1 &&
	    grep "^X-User: alice@$realm" "$work/headers" && return
	tail -n 8 "$work/error.log"
	return 1
}

stranger() {
	use "$1"
	KRB5CCNAME=FILE:$work/none timeout 20 "${with[@]}" curl -sS -f --negotiate -u : "http://localhost:$port/page" 2>&1
}

for kinds in "mit mit event" "ours mit prefork" "mit ours event" "ours ours event"; do
	# shellcheck disable=SC2086 # three words
	set -- $kinds
	server "$1" "$3"
	name="Apache ($3) with $1, curl with $2"
	check "$name: a page" get "$2"
	check "$name: again" get "$2"
	check "$name: two on a connection" get "$2" --next --negotiate -u : "http://localhost:$port/page"
	check "$name: delegation" delegated "$2"
	check "$name: the library" child_has "$1"
	refused "$name: no ticket" 401 stranger "$2"
	check "Apache ($3) with $1: a password" basic alice-password
	refused "Apache ($3) with $1: a wrong password" 401 basic wrong
	stop server
done
finish
