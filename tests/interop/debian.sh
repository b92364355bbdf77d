# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # of lib.sh
#
# debian.sh: Debian's gss-client and gss-server, unchanged. To be sourced after lib.sh, in a realm of MIT's; wants
# service, the name of the server's, and a ticket in KRB5CCNAME.

# debian_run FLAVOUR OPTIONS WANTED UNWANTED: a client with a library, and what the server says of it.
debian_run() {
	use "$1"
	begun "$work/server.log"
	# shellcheck disable=SC2086 # options
	timeout $busy "${with[@]}" gss-client -port "$port" $2 localhost "$service" "hello from gss-client" || return
	settle "$work/server.log" 'NOOP token' || return
	grep -q "Accepted connection: \"alice@$realm\"" "$work/since" || { cat "$work/since"; return 1; }
	grep -q 'Received message: "hello from gss-client"' "$work/since" || { cat "$work/since"; return 1; }
	flags_seen "$3" "$4"
}

# debian_pair SERVER CLIENT MODE HOW OPTIONS: a server with one library and the option MODE, and clients with another, all
# with HOW, each with a line of OPTIONS: its own, the flags wanted, the flags not wanted.
debian_pair() {
	local name
	name="gss-server with $(library "$1"), gss-client${4:+ $4} with $(library "$2")${3:+, $3}"
	port=$(free_port)
	use "$1"
	# shellcheck disable=SC2086 # options
	start server "${with[@]}" stdbuf -oL gss-server -port "$port" -verbose $3 "$service"
	wait_port "$port"
	while IFS='|' read -r opts wanted unwanted; do
		[ -n "$opts$wanted$unwanted" ] || continue
		check "$name: $opts" debian_run "$2" "$4 $opts" "$wanted" "$unwanted"
	done <<<"$5"
	check "$name: the server has that library" server_has "$1"
	stop server
}
