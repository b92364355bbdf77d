#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# MIT's KDC, gss-client and gss-server against our library in both roles: four enctypes, all flags.

. "$(dirname "$0")/lib.sh"
need gss-client krb5-gss-samples gss-server krb5-gss-samples stdbuf coreutils
mit_realm
peers ours
peers mit

# A set of options per line: ours, MIT's, the flags that the server must see besides conf and integ, those it must not.
options="
||mutual replay|sequence deleg
-nomutual|-nomutual|replay|mutual sequence
-noreplay|-noreplay|mutual|replay
-seq|-seq|mutual replay sequence|deleg
-nomutual -noreplay|-nomutual -noreplay||mutual replay sequence
-nomutual -noreplay -seq|-nomutual -noreplay -seq|sequence|mutual replay
-nx|-nx|mutual replay|
-nw|-nw|mutual replay|
-nm|-nm|mutual replay|
-nx -nm -seq|-nx -nm -seq|sequence|
-n 3 -seq|-mcount 3 -seq|sequence|
-d|-d|mutual replay deleg|
"

# run_ours_to_mit OPTIONS WANTED UNWANTED
run_ours_to_mit() {
	begun "$work/server.log"
	timeout $busy "$client_ours" $1 "$port" "$service" "hello from ours" || return
	settle "$work/server.log" 'NOOP token' || return
	grep -q "Accepted connection: \"alice@$realm\"" "$work/since" || { cat "$work/since"; return 1; }
	grep -q 'Received message: "hello from ours"' "$work/since" || { cat "$work/since"; return 1; }
	flags_seen "$2" "$3"
}

# run_mit_to_ours OPTIONS WANTED UNWANTED
run_mit_to_ours() {
	begun "$work/server.log"
	timeout $busy gss-client -port "$port" $1 localhost "$service" "hello from mit" || return
	settle "$work/server.log" 'connection ended: good' || return
	grep -q "^accepted: alice@$realm" "$work/since" || { cat "$work/since"; return 1; }
	grep -qE '^message of 14 octets.*: hello from mit' "$work/since" || { cat "$work/since"; return 1; }
	flags_seen "$2" "$3" || return
	case $1 in
	*-d*)
		grep -q "^the delegated credentials speak as: alice@$realm" "$work/since" ||
		    { cat "$work/since"; return 1; }
		;;
	esac
}

start_ours() {
	start_server "$server_ours" -u "$service" "$@"
}

for e in $enctypes; do
	export KRB5_CONFIG=$work/krb5-$e.conf KRB5CCNAME=FILE:$work/cc-$e
	name=$(enctype_name "$e")
	kinit_alice "$KRB5CCNAME"
	service=aes$e@localhost

	port=$(free_port)
	start server stdbuf -oL gss-server -port "$port" -verbose "$service"
	wait_port "$port"
	while IFS='|' read -r mine theirs want unwanted; do
		[ -n "$mine$theirs$want$unwanted" ] || continue
		check "$name: our client $mine, MIT's gss-server" run_ours_to_mit "$mine" "$want" "$unwanted"
	done <<<"$options"
	for size in 1 15 16 17 65536 1000000; do # gss-server does not survive an empty message
		check "$name: our client sends $size octets to gss-server" \
		    "$client_ours" -s $size "$port" "$service" -
	done
	stop server
	klist -e "$KRB5CCNAME" >"$work/klist" 2>&1
	if grep -A2 "aes$e/localhost" "$work/klist" | grep -q "Etype (skey, tkt): $name, $name"; then
		ok "$name: that is what the ticket is of"
	else
		not_ok "$name: that is what the ticket is of" "$work/klist"
	fi

	start_ours "$service"
	while IFS='|' read -r mine theirs want unwanted; do
		[ -n "$mine$theirs$want$unwanted" ] || continue
		check "$name: MIT's gss-client $theirs, our server" run_mit_to_ours "$theirs" "$want" "$unwanted"
	done <<<"$options"
	for size in 0 1 15 16 17 65536 1000000; do
		check "$name: a client of MIT's library sends $size octets to our server" \
		    "$client_mit" -s $size "$port" "$service" -
	done
	stop server

	start_ours -e
	check "$name: MIT's gss-client, our server that moves the context" run_mit_to_ours "-mcount 3" "" ""
	stop server

	start_ours -b "channel 1" "$service"
	check "$name: a client of MIT's library, our server: same channel bindings" \
	    "$client_mit" -b "channel 1" "$port" "$service" hello
	refused "$name: a client of MIT's library, our server: other channel bindings" "channel bindings" \
	    with_server_log "$client_mit" -b "channel 2" "$port" "$service" hello
	stop server
	start_server "$server_mit" -b "channel 1" "$service"
	check "$name: our client sends nothing, encrypted, to a server of MIT's library" \
	    "$client_ours" -b "channel 1" -s 0 "$port" "$service" -
	check "$name: our client sends nothing, signed, to a server of MIT's library" \
	    "$client_ours" -b "channel 1" -nx -s 0 "$port" "$service" -
	check "$name: our client, a server of MIT's library: same channel bindings" \
	    "$client_ours" -b "channel 1" "$port" "$service" hello
	refused "$name: our client, a server of MIT's library: other channel bindings" "channel bindings" \
	    with_server_log "$client_ours" -b "channel 2" "$port" "$service" hello
	stop server
done

# No enctype is ruled out: what both choose by themselves.
export KRB5_CONFIG=$work/krb5.conf KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME"
service=demo@localhost
start_ours
check "MIT's gss-client -d, our server with any key" run_mit_to_ours "-d" "deleg" ""
check "our client, our server" "$client_ours" -seq -n 3 "$port" "$service" hello
stop server
finish
