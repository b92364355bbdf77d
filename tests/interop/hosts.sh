#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Names of hosts by /etc/hosts, search domains, aliases and nsswitch.conf(5), in principals that are the same with MIT's
# library; realms and KDCs by URI, SRV and TXT records, from a name server that is sound, and from one that is not. All of
# it in a mount namespace with an /etc of its own, on 127.0.0.0/8.

if [ -z "${HOSTS_NAMESPACE:-}" ]; then
	export HOSTS_NAMESPACE=yes
	# With a network of its own nobody else listens on port 53.
	for namespaces in -mn -rmn; do
		if unshare $namespaces ip link set lo up 2>/dev/null; then
			# shellcheck disable=SC2016 # for the shell that is started
			exec unshare $namespaces "$BASH" -c 'ip link set lo up && exec "$BASH" "$0" "$@"' "$0" "$@"
		fi
	done
	if unshare -m true 2>/dev/null; then
		exec unshare -m "$BASH" "$0" "$@"
	fi
	echo "lacking - a mount namespace: run as root, or allow user namespaces"
	[ -z "${CI:-}" ] || exit 1
	exit 77
fi

. "$(dirname "$0")/lib.sh"
need cc gcc
[ -e /usr/include/mit-krb5/gssapi/gssapi.h ] || [ -e /usr/include/gssapi/gssapi.h ] || lacking libkrb5-dev
programs_with
kdc=$build/bin/kdc
[ -x "$kdc" ] || { echo "not ok - $kdc is not built"; exit 1; }
${CC:-cc} -std=c99 -D_DEFAULT_SOURCE -Wall -Wextra -Werror -g -o "$work/hosts" "$here/hosts.c" -lgssapi_krb5 \
    >"$work/cc.log" 2>&1 || give_up "the program is built" "$work/cc.log"

mount --make-rprivate /
name=$(uname -n)
cat >"$work/etc.hosts" <<-END
	127.0.0.1 localhost
	127.0.0.5 server.demo.test server
	127.0.0.5 alias.demo.test
	127.0.0.6 Web.Demo.Test www.demo.test www
	::1 six.demo.test
	127.0.0.8 here.txt.test $name
	127.0.0.30 both.demo.test
END
# resolver SECONDS: how long a name server may take.
resolver() {
	printf 'nameserver 127.0.0.53\nsearch search.test other.test\noptions timeout:%s attempts:1\n' "$1" >"$work/etc.resolv.conf"
}
resolver 20
echo 'hosts: files dns' >"$work/etc.nsswitch.conf"
cp "$work/etc.nsswitch.conf" "$work/etc.nsswitch"
for file in hosts resolv.conf nsswitch.conf; do
	mount --bind "$work/etc.$file" /etc/$file || { echo "not ok - /etc/$file cannot be another one"; exit 1; }
done

# written FILE: waits until something is in it.
written() { wait_for $busy test -s "$1"; }

start realm "$kdc" realm "$work/realm"
written "$work/realm/ready" || give_up "the KDC starts" "$work/realm.log"
port=$(sed -n 's/.*kdc = 127.0.0.1:\([0-9]*\)/\1/p' "$work/realm/krb5.conf" | head -n 1)
export KRB5CCNAME=FILE:$work/cc KRB5RCACHENAME=none: KRB5_CONFIG=$work/krb5.conf

# zone [MODE] <RECORDS: a name server with these records.
zone() {
	case ${1:-} in
	silent | fail | loop | garbage | half | cutall) resolver 1 ;;
	*) resolver 20 ;;
	esac
	stop dns
	cat >"$work/zone"
	rm -f "$work/dns.ready"
	start dns "$kdc" dns -address 127.0.0.53:53 ${1:+-mode "$1"} -ready "$work/dns.ready" "$work/zone"
	written "$work/dns.ready" && return
	not_ok "the name server starts" "$work/dns.log"
	finish
}

# conf LINES [SECTIONS]: a krb5.conf that names no KDC.
conf() {
	printf '[libdefaults]\n\tdefault_realm = DEMO.TEST\n%b\n%b' "$1" "${2:-}" >"$KRB5_CONFIG"
}

# run FLAVOUR ARGUMENT...: the program, with a login that has no service tickets.
run() {
	cp "$work/realm/alice.ccache" "$work/cc"
	use "$1"
	shift
	timeout -k 2 60 "${with[@]}" "$work/hosts" "$@" 2>&1
}

# same NAME ARGUMENT...: both libraries print the same.
same() {
	local name=$1
	shift
	run mit "$@" >"$work/mit"
	run ours "$@" >"$work/ours"
	if [ -s "$work/ours" ] && diff "$work/mit" "$work/ours" >"$work/out"; then
		ok "$name"
	else
		not_ok "$name (< MIT's, > ours)" "$work/out"
	fi
}

# both NAME PATTERN ARGUMENT...: both succeed and print that. works is for ours alone.
both() { succeed "mit ours" "$@"; }
works() { [ "$ours" != ours ] || succeed ours "$@"; }
succeed() {
	local flavours=$1 name=$2 pattern=$3 flavour
	shift 3
	for flavour in $flavours; do
		if run "$flavour" "$@" >"$work/out" && grep -qE -e "$pattern" "$work/out"; then
			ok "$name ($flavour)"
		else
			not_ok "$name ($flavour)" "$work/out"
		fi
	done
}

# fails NAME PATTERN ARGUMENT...: ours fails in a minute at most, and says so.
fails() {
	local name=$1 pattern=$2 begun=$SECONDS status
	shift 2
	[ "$ours" = ours ] || return 0
	run ours "$@" >"$work/out"
	status=$?
	echo "exit status $status, $((SECONDS - begun)) s" >>"$work/out"
	if [ $status = 1 ] && [ $((SECONDS - begun)) -lt $busy ] && grep -qE -e "$pattern" "$work/out"; then
		ok "$name"
	else
		not_ok "$name" "$work/out"
	fi
}

# records: aliases, addresses of several kinds, and names of addresses.
records() {
	cat <<-END
		direct.demo.test A 127.0.0.20
		20.0.0.127.in-addr.arpa PTR Named.Demo.Test
		chain.demo.test CNAME middle.demo.test
		middle.demo.test CNAME end.demo.test
		end.demo.test A 127.0.0.21
		dead.demo.test CNAME nowhere.demo.test
		found.search.test A 127.0.0.22
		second.other.test CNAME end.demo.test
		double.demo.test A 127.0.0.23
		double.demo.test AAAA ::1
		both.demo.test A 127.0.0.31
		31.0.0.127.in-addr.arpa PTR by-dns.demo.test
		v6.demo.test AAAA ::1
	END
}
names="host@server host@SERVER host@alias.demo.test host@www host@WWW.demo.test host@www.demo.test.
	host@direct.demo.test host@DIRECT.Demo.Test. host@chain.demo.test host@middle.demo.test host@dead.demo.test
	host@found host@second host@unknown host@unknown. host@unknown.demo.test host@double.demo.test host@both.demo.test
	host@v6.demo.test host@127.0.0.5 host@127.0.0.20 host@127.0.0.21 host@127.0.0.99 host@127.5
	host@ MSSQLSvc@server:1433 MSSQLSvc@chain.demo.test:Instance MSSQLSvc@found:1433 MSSQLSvc@127.0.0.20:1433"
domains="[domain_realm]\n\t.demo.test = DEMO.TEST\n\t.other.test = OTHER.TEST\n\tserver.demo.test = SERVER.TEST\n"
for mode in "" shuffle noedns; do
	zone "$mode" < <(records)
	for settings in "rdns = true" "rdns = false" "dns_canonicalize_hostname = false" "dns_canonicalize_hostname = fallback" \
	    'qualify_shortname = ""' "qualify_shortname = demo.test"; do
		[ -z "$mode" ] || [ "$settings" = "rdns = false" ] || continue
		conf "\t$settings" "$domains"
		more="host@::1 host@::99"
		[ "$settings" != "dns_canonicalize_hostname = false" ] || more= # MIT's library gives them a domain then
		# shellcheck disable=SC2086 # lists
		same "names with $settings${mode:+, name server: $mode}" canon $names $more
	done
done
echo 'hosts: files' >"$work/etc.nsswitch.conf"
zone "" < <(records)
conf "" "$domains"
# shellcheck disable=SC2086
same "names, DNS not in nsswitch.conf" canon $names
check "DNS was not asked" [ ! -s "$work/dns.log" ]
echo 'hosts: dns files' >"$work/etc.nsswitch.conf"
# shellcheck disable=SC2086
same "names, DNS first in nsswitch.conf" canon $names
cat "$work/etc.nsswitch" >"$work/etc.nsswitch.conf"

# KDCs. The service is in the hosts file, and so are they.
settings="\tdns_canonicalize_hostname = false"
domains="[domain_realm]\n\t.demo.test = DEMO.TEST\n\t.other.test = OTHER.TEST\n"
conf "$settings" "$domains"
addresses="kdc.demo.test A 127.0.0.1"
for mode in "" shuffle noedns cut slow; do
	zone "$mode" <<-END
		_kerberos._udp.demo.test SRV 0 0 $port kdc.demo.test
		_kerberos.other.test URI 10 1 "krb5srv:m:tcp:kdc.demo.test:$port"
		$addresses
	END
	both "a KDC by SRV${mode:+, name server: $mode}" "a ticket" init host@server.demo.test
	both "a KDC by URI${mode:+, name server: $mode}" "a ticket" init demo@server.other.test
done
# The C library does not wait for a better reply to a question about an address.
zone forge <<-END
	_kerberos.demo.test URI 0 0 "krb5srv::tcp:127.0.0.1:$port"
END
works "forged replies before the true one" "a ticket" init host@server.demo.test
zone <<-END
	_kerberos.demo.test URI 30 0 "krb5srv:m:udp:127.0.0.1:$port"
	_kerberos.demo.test URI 10 0 "krb5srv::tcp:127.0.0.1:9"
	_kerberos.demo.test URI 20 0 "KRB5SRV:x:TCP:[::1]:9"
	_kerberos.demo.test URI 0 0 "http://kdc.demo.test"
	_kerberos.demo.test URI 0 0 "krb5srv"
	_kerberos._udp.demo.test SRV 0 0 9 kdc.demo.test
	$addresses
END
both "URI records by priority, malformed ones among them" "a ticket" init host@server.demo.test
zone <<-END
	_kerberos.demo.test URI 0 0 "krb5srv:m:udp:127.0.0.1:9"
	_kerberos._tcp.demo.test SRV 10 0 $port kdc.demo.test
	_kerberos._tcp.demo.test SRV 0 0 9 kdc.demo.test
	$addresses
END
conf "$settings\n\tdns_uri_lookup = false" "$domains"
both "dns_uri_lookup = false" "a ticket" init host@server.demo.test
conf "$settings\n\tdns_lookup_kdc = false" "$domains"
fails "dns_lookup_kdc = false" "dns_lookup_kdc is off" init host@server.demo.test
conf "$settings" "$domains"
zone <<-END
	_kerberos.demo.test URI 0 0 "krb5srv:m:kkdcp:https://kdc.demo.test/KdcProxy"
END
fails "a KDC behind a proxy" "KdcProxy.* behind a proxy .MS-KKDCP., which is not supported" init host@server.demo.test
zone <<-END
	_kerberos._udp.demo.test SRV 0 0 0 .
END
fails "no KDC, says DNS" "Cannot find KDC for realm \"DEMO.TEST\"" init host@server.demo.test
for mode in silent fail loop garbage half cutall; do
	zone "$mode" <<-END
		_kerberos._udp.demo.test SRV 0 0 $port kdc.demo.test
		_kerberos.demo.test URI 0 0 "krb5srv:m:tcp:127.0.0.1:$port"
	END
	fails "name server: $mode" "DNS does not answer: 127.0.0.53: " init host@server.demo.test
done
stop dns
fails "no name server" "DNS does not answer: 127.0.0.53: .*refused" init host@server.demo.test
conf "" "$domains"
both "names without a name server" "server.demo.test@DEMO.TEST" canon host@server host@unknown.demo.test

# Realms.
zone <<-END
	_kerberos.txt.test TXT "DEMO.TEST"
	_kerberos.other.test TXT "OTHER.TEST."
	_kerberos.demo.test TXT "DEMO.TEST"
END
printf '[libdefaults]\n\tdns_lookup_realm = true\n' >"$KRB5_CONFIG"
both "the default realm by TXT" "alice@DEMO.TEST" user alice
printf '[libdefaults]\n\tdns_lookup_realm = false\n' >"$KRB5_CONFIG"
fails "the default realm without dns_lookup_realm" "no default_realm in $KRB5_CONFIG" user alice
sed "s/\[libdefaults]/&\n\tdns_lookup_realm = true/; /\[domain_realm]/,\$d" "$work/realm/krb5.conf" >"$KRB5_CONFIG"
both "the realm of a host by TXT of its domain" "a ticket" init demo@server.other.test

# Another root, without anything in it.
mkdir -p "$work/root"
conf "$settings" "[realms]\n\tDEMO.TEST = {\n\t\tkdc = kdc.demo.test\n\t}\n$domains"
cp "$KRB5_CONFIG" "$work/root/krb5.conf"
cp "$work/realm/alice.ccache" "$work/root/cc"
KRB5_CONFIG=/krb5.conf KRB5CCNAME=FILE:/cc fails "a KDC's name in an empty root" \
    "kdc.demo.test: .*/etc/resolv.conf: no such file" chroot "$work/root" init host@server.demo.test
KRB5_CONFIG=/none KRB5CCNAME=FILE:/cc fails "a KDC in an empty root" \
    "DNS does not answer: 127.0.0.1: .*/etc/resolv.conf: no such file" chroot "$work/root" init host@server.demo.test
finish
