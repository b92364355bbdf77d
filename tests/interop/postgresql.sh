#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# PostgreSQL with gssencmode=require: Debian's server and psql, unchanged, each with our library or MIT's. The
# postmaster has the library loaded and forks a process for each connection, which accepts the context and encrypts all
# that follows.

. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2012 # names of versions
pg=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
PATH=${pg:-/usr/lib/postgresql}:$PATH
need postgres postgresql-15 initdb postgresql-15 psql postgresql-client-15 setpriv util-linux
mit_realm
programs_with

# The server refuses to run as root.
account=$(id -un)
as_account=()
if [ "$(id -u)" = 0 ]; then
	account=postgres
	as_account=(setpriv --reuid "$account" --regid "$(id -g "$account")" --clear-groups)
fi

mkdir "$work/pg"
mit_service "$work/pg/keytab" postgres/localhost
chown -R "$account" "$work/pg"
data=$work/pg/data
if ! (cd "$work/pg" && "${as_account[@]}" initdb -D "$data" -A trust -U postgres -N -E UTF8) \
    >"$work/initdb.log" 2>&1; then
	not_ok "a new database" "$work/initdb.log"
	finish
fi
pgport=$(free_port)
cat >>"$data/postgresql.conf" <<-END
	listen_addresses = '127.0.0.1'
	port = $pgport
	unix_socket_directories = '$work/pg'
	krb_server_keyfile = 'FILE:$work/pg/keytab'
	max_connections = 40
	shared_buffers = 16MB
	fsync = off
END
cat >"$data/pg_hba.conf" <<-END
	local      all postgres              trust
	hostgssenc all all      127.0.0.1/32 gss include_realm=0 krb_realm=$realm
END
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME"

# server FLAVOUR: starts the postmaster; sets postmaster.
server() {
	use "$1"
	cd "$work/pg" || exit 1
	start server "${as_account[@]}" "${with[@]}" KRB5RCACHEDIR="$work/pg" postgres -D "$data"
	cd "$OLDPWD" || exit 1
	wait_for $busy local_psql -c "select 1"
	postmaster=$(head -n 1 "$data/postmaster.pid" 2>/dev/null)
	if [ -z "$postmaster" ]; then
		not_ok "the server starts" "$work/server.log"
		finish
	fi
}

local_psql() { timeout $busy psql -h "$work/pg" -p "$pgport" -U postgres -d postgres -Atq "$@"; }

# client FLAVOUR [ARGUMENT]...: psql as alice, over an encrypted connection or not at all.
client() {
	use "$1"
	shift
	timeout 60 "${with[@]}" psql -Atq "$@" \
	    "host=localhost hostaddr=127.0.0.1 port=$pgport user=alice dbname=postgres gssencmode=require"
}

whoami="select gss_authenticated, encrypted, principal from pg_stat_gssapi where pid = pg_backend_pid()"

one_connection() {
	client "$1" -c "$whoami" >"$work/answer" 2>&1
	grep -qx "t|t|alice@$realm" "$work/answer" || { cat "$work/answer"; return 1; }
}

# Both sides prove which library they have.
client_has() {
	# shellcheck disable=SC2016 # for the shell below psql
	client "$1" -c "$whoami" -c '\! cat /proc/$PPID/maps' >"$work/maps" 2>&1
	has "$1" "$work/maps"
}

server_has() {
	client "$2" -c "select pg_read_file('/proc/self/maps')" >"$work/maps" 2>&1
	has "$1" "$work/maps" && has "$1" "/proc/$postmaster/maps" front
}

# 8 clients of 25 connections each.
many() {
	local c i running=
	for c in $(seq 8); do
		for i in $(seq 25); do
			client "$1" -c "$whoami"
		done >"$work/many.$c" 2>&1 &
		running="$running $!"
	done
	# shellcheck disable=SC2086 # a list
	wait $running
	i=$(cat "$work"/many.? | grep -cx "t|t|alice@$realm")
	[ "$i" = 200 ] || { echo "$i of 200"; cat "$work"/many.? | grep -vx "t|t|alice@$realm" | sort | uniq -c; return 1; }
}

# More than a token holds goes in both directions.
large() {
	client "$1" -c "select repeat('x', 5000000)" >"$work/large"
	[ "$(tr -d '\n' <"$work/large" | wc -c)" = 5000000 ] || return 1
	{
		echo "select length('"
		cat "$work/large"
		echo "')"
	} >"$work/large.sql"
	client "$1" -f "$work/large.sql" >"$work/answer" 2>&1
	grep -qx 5000002 "$work/answer" || { cut -c 1-200 "$work/answer"; return 1; }
}

# A process of the server that ends badly, and a client that is gone, leave the others alone.
killed() {
	client "$1" -c "select pg_sleep(50)" >/dev/null 2>&1 &
	wait_for $busy sleeper_ends || return
	wait $!
	one_connection "$1"
}

sleeper_ends() {
	local_psql -c "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'alice' and query ~ 'pg_sleep'" |
	    grep -qx t
}

for pair in "ours mit" "mit ours" "ours ours"; do
	read -r s c <<<"$pair"
	name="PostgreSQL with ${s/ours/our} library, psql with ${c/ours/our} library"
	name=${name//mit/MIT\'s}
	server "$s"
	[ "$pair" != "ours mit" ] || local_psql -c "create role alice login superuser" >"$work/out" 2>&1
	check "$name: a connection" one_connection "$c"
	check "$name: the client has that library" client_has "$c"
	check "$name: postmaster and server process have that library" server_has "$s" "$c"
	check "$name: 200 connections of 8 clients" many "$c"
	check "$name: 5 MB in both directions" large "$c"
	check "$name: a connection is ended" killed "$c"
	refused "$name: without a ticket" "No Kerberos credentials|credential cache|could not initiate GSSAPI" \
	    env KRB5CCNAME="FILE:$work/none" "$BASH" -c "LD_LIBRARY_PATH=$([ "$c" = mit ] || echo "$libraries") \
	    psql 'host=localhost hostaddr=127.0.0.1 port=$pgport user=alice dbname=postgres gssencmode=require' -c ''"
	kill -INT "${pids[server]}"
	for _ in $(seq $((10 * busy))); do
		kill -0 "${pids[server]}" 2>/dev/null || break
		sleep 0.1
	done
	if grep -qE "PANIC|FATAL:  .*GSS|terminated by signal" "$work/server.log"; then
		not_ok "$name: the server's log is clean" "$work/server.log"
	else
		ok "$name: the server's log is clean"
	fi
	stop server
done
finish
