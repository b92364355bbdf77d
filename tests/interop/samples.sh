#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Debian's gss-client and gss-server, unchanged, each with our library or MIT's: all that their options reach.

. "$(dirname "$0")/lib.sh"
need gss-client krb5-gss-samples gss-server krb5-gss-samples stdbuf coreutils
mit_realm
programs_with
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME"
service=demo@localhost

# run FLAVOUR OPTIONS WANTED UNWANTED
run() {
	use "$1"
	begun "$work/server.log"
	# shellcheck disable=SC2086 # options
	timeout 40 "${with[@]}" gss-client -port "$port" $2 localhost "$service" "hello from gss-client" || return
	settle "$work/server.log" 'NOOP token' || return
	grep -q "Accepted connection: \"alice@$realm\"" "$work/since" || { cat "$work/since"; return 1; }
	grep -q 'Received message: "hello from gss-client"' "$work/since" || { cat "$work/since"; return 1; }
	flags_seen "$work/server.log" "$3" "$4"
}

# exported: the server saves the context and goes on with it.
options="
|mutual replay|sequence deleg
-nomutual|replay|mutual sequence
-noreplay|mutual|replay
-seq|mutual replay sequence|deleg
-nomutual -noreplay -seq|sequence|mutual replay
-nx|mutual replay|
-nw|mutual replay|
-nm|mutual replay|
-mcount 3 -seq|sequence|
-ccount 3|mutual|
-d|mutual replay deleg|
-krb5|mutual|
-mech {1.2.840.113554.1.2.2}|mutual|
"

maps() { has "$1" "/proc/${pids[server]}/maps"; }

for pair in "ours mit" "mit ours" "ours ours"; do
	read -r s c <<<"$pair"
	name="gss-server with ${s/ours/our} library, gss-client with ${c/ours/our} library"
	name=${name//mit/MIT\'s}
	for mode in "" "-export"; do
		port=$(free_port)
		use "$s"
		# shellcheck disable=SC2086 # options
		start server "${with[@]}" stdbuf -oL gss-server -port "$port" -verbose $mode "$service"
		wait_port "$port"
		while IFS='|' read -r opts wanted unwanted; do
			[ -n "$opts$wanted$unwanted" ] || continue
			check "$name:${mode:+ $mode,} $opts" run "$c" "$opts" "$wanted" "$unwanted"
			[ -z "$mode" ] || break
		done <<<"$options"
		check "$name:${mode:+ $mode,} the server has that library" maps "$s"
		stop server
	done
done
finish
