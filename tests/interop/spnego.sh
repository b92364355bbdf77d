#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# SPNEGO between our library, MIT's and Heimdal's, in both roles: Debian's gss-client and gss-server, the sample
# programs, and curl with a server of ours.

. "$(dirname "$0")/lib.sh"
. "$here/debian.sh"
need gss-client krb5-gss-samples gss-server krb5-gss-samples stdbuf coreutils curl curl
mit_realm
mit_service "$work/keytab" HTTP/localhost
peers ours
peers mit
peers heimdal
programs_with
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME"
service=demo@localhost

# Debian's programs, unchanged, each with our library or MIT's.

options="
|mutual replay|sequence deleg
-nomutual|replay|mutual sequence
-seq -mcount 3|mutual replay sequence|deleg
-d|mutual replay deleg|
"

for pair in "ours mit" "mit ours" "ours ours"; do
	read -r s c <<<"$pair"
	debian_pair "$s" "$c" "" -spnego "$options"
	debian_pair "$s" "$c" -export -spnego "$options"
done

# The sample programs, which look closer at every answer. Heimdal's initiator offers krb5 under another name, too.
samples="
-spnego|mutual replay|sequence deleg
-spnego -nomutual -nm|replay|mutual sequence
-spnego -n 3 -seq|mutual replay sequence|
-spnego -d|mutual replay deleg|
"
for pair in "ours mit" "mit ours" "ours heimdal" "heimdal ours" "ours ours"; do
	read -r c s <<<"$pair"
	eval "client=\$client_$c server=\$server_$s"
	start_server "$server" -u "$service" "$service"
	while IFS='|' read -r opts wanted unwanted; do
		[ -n "$opts$wanted$unwanted" ] || continue
		check "client of $c, server of $s: $opts" sample_run "$client" "$opts" "$wanted" "$unwanted"
	done <<<"$samples"
	stop server
	start_server "$server" -e -b "channel 1" "$service"
	check "client of $c, server of $s: the server moves the context" \
	    "$client" -spnego -n 3 -seq -b "channel 1" "$port" "$service" hello
	check "client of $c, server of $s: same channel bindings" \
	    "$client" -spnego -b "channel 1" "$port" "$service" hello
	refused "client of $c, server of $s: other channel bindings" "channel.binding|bindings" \
	    with_server_log "$client" -spnego -b "channel 2" "$port" "$service" hello
	stop server
done

# MIT's initiator would rather have another mechanism: it gets another answer, and both sides prove that they have seen
# the offer.
${CC:-cc} -std=c99 -Wall -Wextra -Werror -shared -fPIC -I/usr/include/mit-krb5 -o "$work/toy-mech.so" \
    "$here/toy-mech.c" || exit 1
echo "toy 1.3.6.1.4.1.999 $work/toy-mech.so" >"$work/mech.conf"
reselected() {
	GSS_MECH_CONFIG=$work/mech.conf sample_run "$@" >"$work/reselected" 2>&1 &&
	    grep -q '^2 answers' "$work/reselected" && return
	cat "$work/reselected"
	return 1
}
start_server "$server_ours" -u "$service" "$service"
# shellcheck disable=SC2154 # set by peers
for opts in "" "-n 3 -seq" "-d"; do
	check "client of mit that reselects, server of ours: $opts" reselected "$client_mit" "-toy $opts" "mutual replay" ""
done
check "client of mit that reselects, server of ours: one way" \
    reselected "$client_mit" "-toy -nomutual" replay mutual
stop server

# curl --negotiate, and a server that takes whatever it sends.
for flavour in ours mit; do
	cc_with $flavour -D_POSIX_C_SOURCE=200809L -o "$work/http-server-$flavour" "$here/http-server.c" "$here/sample.c"
done

# http FLAVOUR ANSWER [OPTION]...: curl says ANSWER to the server that runs.
http() {
	local flavour=$1 wanted=$2
	shift 2
	use "$flavour"
	begun "$work/server.log"
	timeout $busy "${with[@]}" curl -sS --negotiate -u : "$@" "http://localhost:$port/" >"$work/page" || return
	settle "$work/server.log" 'connection ended' || return
	if ! grep -q "hello alice@$realm" "$work/page" || ! grep -q "^accepted: $wanted\$" "$work/since"; then
		cat "$work/page" "$work/since"
		return 1
	fi
}

for pair in "ours mit" "mit ours" "ours ours"; do
	read -r s c <<<"$pair"
	start_server "$work/http-server-$s"
	name="curl with $(library "$c"), server with $(library "$s")"
	check "$name" http "$c" "alice@$realm, a mechanism of 9 octets"
	check "$name: delegation" http "$c" "alice@$realm, a mechanism of 9 octets, delegated" --delegation always
	stop server
done
start_server "$work/http-server-ours"
export KRB5CCNAME=FILE:$work/nosuch
refused "curl with our library and without a ticket" "who are you" \
    bash -c "LD_LIBRARY_PATH='$libraries' curl -sS --negotiate -u : 'http://localhost:$port/' 2>&1; exit 1"
stop server
finish
