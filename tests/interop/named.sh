#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# BIND with GSS-TSIG (RFC 3645) in another root directory: Debian's named -t, which makes its first GSS call there, and
# nsupdate -g, each with our library or MIT's. Needs root, as chroot(2) does.

. "$(dirname "$0")/lib.sh"
need named bind9 nsupdate bind9-dnsutils dig bind9-dnsutils
need_root "named changes its root directory"
mit_realm
programs_with
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME"
mit_service "$work/dns.keytab" DNS/localhost

# What an administrator has in the jail: configuration and keytab, no program and no library.
prepare() {
	local jail=$1
	rm -rf "$jail"
	mkdir -p "$jail/tmp" "$jail/dev"
	cp "$work/krb5.conf" "$work/dns.keytab" "$jail"
	cat >"$jail/zone" <<-END
		\$TTL 60
		@ IN SOA localhost. root.localhost. 1 3600 600 86400 60
		@ IN NS localhost.
	END
	cat >"$jail/named.conf" <<-END
		options {
			directory "/";
			listen-on port $port { 127.0.0.1; };
			listen-on-v6 { none; };
			recursion no;
			dnssec-validation no;
			pid-file none;
			session-keyfile none;
			tkey-gssapi-keytab "/dns.keytab";
		};
		controls { };
		zone "interop.test" {
			type primary;
			file "/zone";
			update-policy { grant "alice@$realm" zonesub ANY; };
		};
	END
	chown -R bind "$jail"
}

# server FLAVOUR
server() {
	use "$1"
	port=$(free_port)
	prepare "$work/jail"
	start server "${with[@]}" KRB5_CONFIG=/krb5.conf KRB5RCACHEDIR=/tmp KRB5_TRACE=/tmp/trace named -g -t "$work/jail" -u bind -c /named.conf
	must_listen named "$port" "$work/server.log"
	found ' running$' "$work/server.log" >"$work/out" || give_up "named runs" "$work/out"
}

# update FLAVOUR NAME ADDRESS: adds it, and looks for it.
update() {
	use "$1"
	printf 'server 127.0.0.1 %s\nrealm %s\nzone interop.test\nupdate add %s.interop.test 60 A %s\nsend\n' \
	    "$port" "$realm" "$2" "$3" >"$work/update"
	timeout $busy "${with[@]}" nsupdate -g "$work/update" 2>&1 || { tail -n 5 "$work/server.log"; return 1; }
	[ "$(dig +short +time=2 @127.0.0.1 -p "$port" "$2.interop.test")" = "$3" ]
}

stranger() { KRB5CCNAME=FILE:$work/none update "$1" stranger 127.0.0.66; }

for pair in "mit mit" "ours mit" "mit ours" "ours ours"; do
	# shellcheck disable=SC2086 # two words
	set -- $pair
	server "$1"
	name="named -t with $1, nsupdate with $2"
	check "$name: update" update "$2" one 127.0.0.11
	check "$name: another" update "$2" two 127.0.0.12
	check "$name: the library" server_has "$1"
	refused "$name: no ticket" . stranger "$2"
	stop server
done
# named says nothing of why it refuses somebody, unless it debugs. A trace does.
if [ "$ours" = ours ]; then
	mv "$work/dns.keytab" "$work/old.keytab"
	mit_service "$work/new.keytab" DNS/localhost
	mv "$work/old.keytab" "$work/dns.keytab"
	kinit_alice "$KRB5CCNAME"
	server ours
	refused "named with the key of before: no update" . update mit three 127.0.0.13
	check "and the trace says which key there is" found \
	    "Key of DNS/localhost@$realm, kvno .*: does not decrypt the ticket" "$work/jail/tmp/trace"
	check "and how the call fails" found "gss_accept_sec_context fails: .*Request ticket server DNS/localhost@$realm kvno" \
	    "$work/jail/tmp/trace"
	stop server
fi
finish
