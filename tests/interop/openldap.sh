#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# OpenLDAP with GSSAPI by Cyrus SASL: Debian's slapd, which demands encryption of a strength in bits ("security ssf"), and
# ldapsearch, which does so too (minssf), each with our library or MIT's, by Kerberos and by SPNEGO.

. "$(dirname "$0")/lib.sh"
need slapd slapd ldapsearch ldap-utils
[ -e /usr/lib/x86_64-linux-gnu/sasl2/libgssapiv2.so ] || lacking libsasl2-modules-gssapi-mit
mit_realm
programs_with
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME"
mit_service "$work/ldap.keytab" ldap/localhost
export LDAPCONF=$work/ldap.conf
printf 'SASL_NOCANON on\nTIMEOUT 20\nNETWORK_TIMEOUT 20\n' >"$LDAPCONF"

# server FLAVOUR SSF: slapd, which requires that strength.
server() {
	use "$1"
	port=$(free_port)
	cat >"$work/slapd.conf" <<-END
		include /etc/ldap/schema/core.schema
		pidfile $work/slapd.pid
		argsfile $work/slapd.args
		loglevel stats
		sasl-host localhost
		security ssf=$2
	END
	start server "${with[@]}" KRB5_KTNAME="FILE:$work/ldap.keytab" slapd -h "ldap://127.0.0.1:$port" \
	    -f "$work/slapd.conf" -d stats
	must_listen slapd "$port" "$work/server.log"
}

# ask FLAVOUR MECHANISM MINSSF: for the schema, which is long. The exit status is 0 or 1.
ask() {
	use "$1"
	timeout $busy "${with[@]}" ldapsearch -LLL -H "ldap://localhost:$port" -N -Y "$2" -O "minssf=$3" -b cn=Subschema -s base \
	    attributeTypes 2>&1 || return 1
}

# search FLAVOUR MECHANISM MINSSF SSF: gets all of it, by a connection of that strength.
search() {
	begun "$work/server.log"
	ask "$1" "$2" "$3" >"$work/answer"
	if [ "$(grep -c '^attributeTypes:' "$work/answer")" -lt 40 ]; then
		cat "$work/answer"
		since "$work/server.log" | tail -n 5
		return 1
	fi
	settle "$work/server.log" "BIND dn=\"uid=alice,cn=${2,,},cn=auth\" mech=$2 .*bind_ssf=$4 ssf=$4"
}

# weaker COMMAND...: with a key of 128 bits.
weaker() { KRB5_CONFIG=$work/krb5-17.conf KRB5CCNAME=FILE:$work/cc-17 "$@"; }

stranger() { KRB5CCNAME=FILE:$work/none ask "$1" GSSAPI 0; }

KRB5_CONFIG=$work/krb5-17.conf kinit_alice "FILE:$work/cc-17"
for pair in "mit mit" "ours mit" "mit ours" "ours ours"; do
	# shellcheck disable=SC2086 # two words
	set -- $pair
	name="slapd with $1, ldapsearch with $2"
	server "$1" 128
	for mech in GSSAPI GSS-SPNEGO; do
		check "$name: $mech, 256 bits" search "$2" $mech 256 256
		check "$name: $mech, 128 bits" weaker search "$2" $mech 128 128
	done
	# Cyrus's client compares the figure of a GSSAPI context, not that of a GSS-SPNEGO one.
	refused "$name: more bits than the key has" "too weak|not supported" weaker ask "$2" GSSAPI 129
	check "$name: the library" server_has "$1"
	stop server
	server "$1" 256
	check "$name: the server wants 256 bits" search "$2" GSSAPI 0 256
	refused "$name: the server does not get 256 bits" "confidentiality required|stronger" weaker ask "$2" GSSAPI 0
	refused "$name: no ticket" . stranger "$2"
	stop server
done
finish
