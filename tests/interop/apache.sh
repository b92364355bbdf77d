#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Apache with mod_auth_gssapi: Debian's web server, unchanged, and curl, each with our library or MIT's. The server keeps a
# delegated credential in a file, which MIT's klist then reads, and asks the KDC about passwords (HTTP Basic). One page is for
# clients of whom the KDC says how it authenticated them. Needs root, as Apache does to change users.

. "$(dirname "$0")/lib.sh"
. "$here/httpd.sh"
need curl curl klist krb5-user
mit_realm 'spake_preauth_groups = edwards25519'
mit_indicates proven-by-spake
programs_with
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME" -f
mit_service "$work/http.keytab" HTTP/localhost

mkdir "$work/www" "$work/delegated"
httpd_files "$work/http.keytab" "$work/delegated"
echo "a page for those who are known" >"$work/www/page"
echo "a page for those whom the KDC attests" | tee "$work/www/proven-by-spake" >"$work/www/proven-by-otp"

# attested_by INDICATOR: a page for clients whose tickets have this indicator.
attested_by() {
	cat <<-END
		<Location /$1>
		  AuthType GSSAPI
		  GssapiCredStore keytab:$work/http.keytab
		  GssapiCredStore rcache:dfl:
		  GssapiAllowedMech krb5
		  GssapiNameAttributes INDICATOR auth-indicators
		  GssapiNameAttributes json
		  GssapiRequiredNameAttributes "auth-indicators=$1"
		  Require valid-user
		  Header always set X-Indicator "%{INDICATOR}e"
		  Header always set X-Attributes "%{GSS_NAME_ATTRS_JSON}e"
		</Location>
	END
}

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
		$(attested_by proven-by-spake)
		$(attested_by proven-by-otp)
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

# attested FLAVOUR INDICATOR: the page for clients with this indicator, which is in the server's environment, as is the PAC.
# mod_auth_gssapi encodes values in Base64.
attested() {
	use "$1"
	timeout $busy "${with[@]}" curl -sS -f -D "$work/headers" --negotiate -u : "http://localhost:$port/$2" 2>&1 &&
	    grep "^X-Indicator: $(printf %s "$2" | base64)" "$work/headers" &&
	    grep '^X-Attributes: .*"urn:mspac:client-info":{"authenticated":true,"complete":true,"values":\[{"raw":"' "$work/headers" && return
	cat "$work/headers"
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
	check "$name: the indicator" attested "$2" proven-by-spake
	refused "$name: another indicator" 403 attested "$2" proven-by-otp
	stop server
done
finish
