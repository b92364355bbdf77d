#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What goes wrong in real networks: tickets that are over or not for us, clocks that differ, KDCs that are down, slow or
# mad, files that are missing or broken. Each must end in an error that says why, soon, and the server goes on.
# The KDC is the one of tests/kdc: no other misbehaves on demand. MIT's library is put through the same.

. "$(dirname "$0")/lib.sh"
need klist krb5-user
kdc=$build/bin/kdc
if [ ! -x "$kdc" ]; then
	need go golang
	(cd "$root" && CGO_ENABLED=0 go build -o "$kdc" ./tests/kdc) || exit 1
fi
peers ours
peers mit
realm=DEMO.TEST

# demo_realm NAME [OPTION]...: a realm in $work/NAME with its KDC as process NAME.
demo_realm() {
	local name=$1
	shift
	start "$name" "$kdc" realm "$work/$name" -max-time 10m "$@"
	wait_for $busy test -s "$work/$name/ready"
	. "$work/$name/env.sh"
}

demo_realm good
cp "$KRB5_CONFIG" "$work/good.conf"
start_server "$server_ours"
check "all is well" "$client_ours" "$port" demo@localhost hello

# Wrong tickets, from our client to our server, and across the libraries.
wrong="
expired|expired
future|not yet valid|invalid|valid from
invalid|invalid|not yet valid
damaged|integrity|decrypt
wrongkey|integrity|decrypt
spoofed|match|integrity
"
wrong_tickets() {
	local client=$1 label=$2 which pattern
	while IFS='|' read -r which pattern; do
		[ -n "$which" ] || continue
		refused "$label: a ticket that is $which" "$pattern" \
		    with_server_log "$client" "$port" "$which@localhost" hello
	done <<<"$wrong"
}
wrong_tickets "$client_ours" "our client and server"
wrong_tickets "$client_mit" "MIT's client, our server"
check "our server goes on" "$client_ours" "$port" demo@localhost hello
stop server
start_server "$server_mit"
wrong_tickets "$client_ours" "our client, MIT's server"
stop server
start_server "$server_ours"

refused "a service that the KDC's policy refuses" "policy" "$client_ours" "$port" refused@localhost hello
refused "a service that nobody knows: the text names it" "nobody/localhost" \
    "$client_ours" "$port" nobody@localhost hello
refused "a reply with another nonce" "another request|match|expectation" "$client_ours" "$port" nonce@localhost hello
refused "a reply about another server" "demo/localhost|match|expectation" "$client_ours" "$port" sname@localhost hello
check "a reply too big for UDP" "$client_ours" "$port" big@localhost hello

# Tickets from the cache alone.
forge() { "$kdc" ticket -config "$work/good/kdc.json" -c "$work/forged" "$@" alice@DEMO.TEST demo/localhost@DEMO.TEST; }
forged() { KRB5CCNAME=FILE:$work/forged with_server_log "$client_ours" "$port" demo@localhost hello; }
for session in $enctypes; do
	forge -session "$session" -enctype 18
	check "a ticket of 18 with a session key of $session" forged
done
forge -start -2h -end -1h
refused "the ticket in the cache has expired" "expired|no credentials|no usable|not found" \
    env KRB5CCNAME="FILE:$work/forged" "$client_ours" "$port" demo@localhost hello
forge -start -2h -end -1h -cc-end 1h
refused "the ticket has expired, the cache says otherwise" "expired" forged
forge -start 1h -cc-start -1m
refused "the ticket is not yet valid, the cache says otherwise" "not yet valid|invalid|valid from" forged
forge -wrong-session
refused "the session key in the cache is another" "integrity|decrypt" forged
forge -crealm OTHER.TEST
refused "the ticket is of alice of another realm than the authenticator's" "match" forged
forge -kvno 77 -wrong-key
refused "the ticket names a key version that is not there, and no key opens it" "77|key version|integrity" forged
forge -addr 127.0.0.1
check "a ticket bound to our address" forged
stop server

# Clocks. The KDC and its tickets are 20 minutes ahead of acceptors; clients follow the KDC.
for skew in 20m -20m; do
	demo_realm "skew$skew" -skew $skew
	check "the KDC's clock is $skew off: we still get a ticket" "$client_ours" -t "$work/token" 0 demo@localhost x
	refused "and an acceptor with the right clock refuses it" "skew|not yet valid|invalid" \
	    "$server_ours" -t "$work/token"
	"$client_ours" -t "$work/token" 0 demo@localhost x >/dev/null 2>&1
	refused "as MIT's does" "skew|not yet valid|invalid" "$server_mit" -t "$work/token"
	"$client_mit" -t "$work/token" 0 demo@localhost x >/dev/null 2>&1
	refused "and a token of MIT's is refused, too" "skew|not yet valid|invalid" "$server_ours" -t "$work/token"
	stop "skew$skew"
done

# KDCs. A login is in the cache; the TGS exchange meets the fault.
faults="
tcp:trickle|good
udp:drop2|good
udp:toobig|good
udp:slow|good
udp:garbage|ours
udp:half|ours
udp:empty|ours
garbage|bad
half|bad
empty|bad
huge,udp:toobig|bad
error|bad
deaf|bad
silent|bad
"
while IFS='|' read -r fault how; do
	[ -n "$fault" ] || continue
	if [ $how = ours ]; then # MIT's library takes what comes over UDP for the KDC's last word
		[ "$ours" = ours ] || continue
		how=good
	fi
	if [ $how = good ]; then
		demo_realm faulty -fault "$fault"
		check "a KDC with $fault" "$client_ours" -t "$work/token" 0 demo@localhost x
	else
		demo_realm faulty -fault "$fault" -libdefaults "kdc_timeout = 1;max_retries = 1"
		refused "a KDC with $fault" "kdc|contact|reach|generic|available|127.0.0.1|asn.1|message type|argument" \
		    "$client_ours" -t "$work/token" 0 demo@localhost x
	fi
	stop faulty
	rm -rf "$work/faulty"
done <<<"$faults"

demo_realm udponly -no-tcp
check "a KDC with UDP only" "$client_ours" -t "$work/token" 0 demo@localhost x
stop udponly
demo_realm tcponly -no-udp
check "a KDC with TCP only" "$client_ours" -t "$work/token" 0 demo@localhost x
stop tcponly
refused "a KDC that is not there: the text names realm or host" "DEMO.TEST|127.0.0.1" \
    env KRB5_CONFIG="$work/tcponly/krb5.conf" "$client_ours" -t "$work/token" 0 host@localhost x

# One KDC of two is down, the configuration names the dead one first.
. "$work/good/env.sh"
sed 's|\(\t*\)kdc = \(.*\)|\1kdc = 127.0.0.1:1\n\1kdc = \2|' "$work/good.conf" >"$work/two.conf"
check "the second KDC answers" env KRB5_CONFIG="$work/two.conf" "$client_ours" -t "$work/token" 0 host@localhost x

# Realms.
check "one realm further" "$client_ours" -t "$work/token" 0 demo@server.other.test x
check "its acceptor is ours" env KRB5_KTNAME="$work/good/other.keytab" "$server_ours" -t "$work/token"
check "two realms further, by referrals" "$client_ours" -t "$work/token" 0 demo@server.third.test x
check "its acceptor is MIT's" env KRB5_KTNAME="$work/good/third.keytab" "$server_mit" -t "$work/token"

# Files.
"$client_ours" -t "$work/token" 0 demo@localhost x >/dev/null
refused "no krb5.conf: no realm, no KDC" "realm|krb5.conf|kdc|cache" \
    env KRB5_CONFIG="$work/none" "$client_ours" -t "$work/t" 0 bad@nowhere.test x
printf '[libdefaults\n default_realm = X\n}\n' >"$work/broken.conf"
refused "a broken krb5.conf: the text says so" "broken.conf|configuration|profile|improper|format|section" \
    env KRB5_CONFIG="$work/broken.conf" "$client_ours" -t "$work/t" 0 demo@localhost x
refused "no keytab: the text names it" "$work/none" env KRB5_KTNAME="FILE:$work/none" "$server_ours" demo@localhost
refused "a keytab without the service's key" "key|keytab" \
    env KRB5_KTNAME="FILE:$work/good/other.keytab" "$server_ours" -t "$work/token"
head -c 60 "$work/good/krb5.keytab" >"$work/cut.keytab"
refused "a keytab cut short" "key|keytab|format" env KRB5_KTNAME="FILE:$work/cut.keytab" "$server_ours" -t "$work/token"
head -c 2000 /dev/urandom >"$work/noise.keytab"
refused "a keytab of noise" "keytab|format|version|table" \
    env KRB5_KTNAME="FILE:$work/noise.keytab" "$server_ours" -t "$work/token"
head -c 300 "$work/token" >"$work/cut"
if [ "$ours" = ours ]; then # MIT's texts say "Success" here
	refused "a token cut short" "token|defective" "$server_ours" -t "$work/cut"
fi
head -c 500 /dev/urandom >"$work/noise"
refused "a token of noise" "token|defective|mech" "$server_ours" -t "$work/noise"
long=$(printf 'x%.0s' $(seq 70000))
refused "a service name of 70000 octets" "." "$client_ours" -t "$work/t" 0 "demo@$long" x
finish
