#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# MariaDB's plug-ins auth_gssapi: Debian's server, which has a thread for each connection and unloads the plug-in while it runs,
# and its client, each with our library or MIT's. The server is large, so that run.sh leaves this out. Needs root, to become
# another user.

. "$(dirname "$0")/../lib.sh"
need mariadbd mariadb-server mariadb mariadb-client mariadb-install-db mariadb-server
[ -e /usr/lib/mysql/plugin/auth_gssapi.so ] || lacking mariadb-plugin-gssapi-server
[ -e /usr/lib/x86_64-linux-gnu/libmariadb3/plugin/auth_gssapi_client.so ] || lacking mariadb-plugin-gssapi-client
need_root "mariadbd changes users"
mit_realm
programs_with
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME"
mit_service "$work/mariadb.keytab" mariadb/localhost
chmod 644 "$work/krb5.conf"
mkdir "$work/data" "$work/rcache"
chown mysql "$work/data" "$work/rcache" "$work/mariadb.keytab"
mariadb-install-db --no-defaults --datadir="$work/data" --user=mysql --auth-root-authentication-method=normal \
    --skip-test-db >"$work/install.log" 2>&1 || give_up "a database" "$work/install.log"

root() { mariadb --no-defaults -u root -S "$work/data/socket" -N -e "$1"; }

server() {
	use "$1"
	port=$(free_port)
	start server "${with[@]}" KRB5RCACHEDIR="$work/rcache" mariadbd --no-defaults --datadir="$work/data" --user=mysql \
	    --bind-address=127.0.0.1 --port="$port" --socket="$work/data/socket" --plugin-load-add=auth_gssapi \
	    --gssapi-keytab-path="$work/mariadb.keytab" --gssapi-principal-name="mariadb/localhost@$realm"
	must_listen mariadbd "$port" "$work/server.log"
	wait_for $busy root "CREATE USER IF NOT EXISTS alice IDENTIFIED VIA gssapi, bob IDENTIFIED VIA gssapi"
}

# login FLAVOUR USER
login() {
	local answer
	use "$1"
	answer=$(timeout 20 "${with[@]}" mariadb --no-defaults --protocol=tcp -h 127.0.0.1 -P "$port" -u "$2" -N \
	    -e "SELECT current_user(), repeat('x', 1000000)" 2>&1 | cut -c 1-200)
	case $answer in "$2@%"*) ;; *) echo "$answer"; return 1 ;; esac
}

# many FLAVOUR: logins of four clients at once.
many() {
	local i clients=()
	for i in 1 2 3 4; do
		for _ in 1 2 3 4 5; do
			login "$1" alice || break
		done >"$work/many.$i" 2>&1 &
		clients+=($!)
	done
	wait "${clients[@]}"
	! cat "$work"/many.[1-4] | grep .
}

# reloaded FLAVOUR: the server unloads the plug-in, and with it what only the plug-in needs, and loads it again.
reloaded() {
	root "UNINSTALL SONAME 'auth_gssapi'" && refused_without_plugin "$1" && root "INSTALL SONAME 'auth_gssapi'" && login "$1" alice
}

refused_without_plugin() { ! login "$1" alice >"$work/without" 2>&1; }

stranger() { KRB5CCNAME=FILE:$work/none login "$1" alice; }

for pair in "mit mit" "ours mit" "mit ours" "ours ours"; do
	# shellcheck disable=SC2086 # two words
	set -- $pair
	name="server with $(library "$1"), client with $(library "$2")"
	server "$1"
	check "$name: login" login "$2" alice
	check "$name: many at once" many "$2"
	check "$name: the plug-in is loaded again" reloaded "$2"
	refused "$name: another user" "name mismatch" login "$2" bob
	refused "$name: no ticket" "GSSAPI error" stranger "$2"
	check "$name: the library" server_has "$1"
	stop server
done
finish
