#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Apache with mod_auth_gssapi: Debian's web server, unchanged, and curl, each with our library or MIT's. The server keeps a
# delegated credential in a file, which MIT's klist then reads, and asks the KDC about passwords (HTTP Basic). Needs root,
# as Apache does to change users.

. "$(dirname "$0")/lib.sh"
. "$here/httpd.sh"
need curl curl klist krb5-user
mit_realm
programs_with
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME" -f
mit_service "$work/http.keytab" HTTP/localhost

mkdir "$work/www" "$work/delegated"
httpd_files "$work/http.keytab" "$work/delegated"
echo "a page for those who are known" >"$work/www/page"

# server FLAVOUR MPM
server() {
	httpd_start "$1" "mpm_$2" headers <<-END
		StartServers 2
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
}

# get FLAVOUR [OPTION...]: the page, and who the server says the client is.
get() {
	use "$1"
	shift
	timeout $busy "${with[@]}" curl -sS -D "$work/headers" --negotiate -u : "$@" "http://localhost:$port/page" >"$work/page" 2>&1
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
	timeout $busy curl -sS -f -D "$work/headers" --basic -u "alice:$1" "http://localhost:$port/page" 2>&1 &&
	    grep "^X-User: alice@$realm" "$work/headers" && return
	tail -n 8 "$work/error.log"
	return 1
}

stranger() {
	use "$1"
	KRB5CCNAME=FILE:$work/none timeout $busy "${with[@]}" curl -sS -f --negotiate -u : "http://localhost:$port/page" 2>&1
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
