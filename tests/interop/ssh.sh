#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# OpenSSH with GSSAPIAuthentication: Debian's sshd and ssh, unchanged, each with our library or MIT's. sshd accepts in a
# monitor process, asks from a sandboxed child, and writes delegated credentials into a cache of MIT's libkrb5. Needs
# root, and the account "alice", which it makes and removes if it is not there.

. "$(dirname "$0")/lib.sh"
need sshd openssh-server ssh openssh-client ssh-keygen openssh-client useradd passwd
need_root "sshd checks passwords and changes users"
mit_realm
programs_with

made_account='' made_directory=''
undo() {
	[ -z "$made_account" ] || userdel alice 2>/dev/null
	[ -z "$made_directory" ] || rmdir /run/sshd 2>/dev/null
	cleanup
}
trap undo EXIT

mkdir "$work/home"
chmod 711 "$work/home"
if ! id alice >/dev/null 2>&1; then
	useradd -M -d "$work/home" -s /bin/sh -p '*' alice >"$work/useradd.log" 2>&1 ||
	    give_up "an account for alice" "$work/useradd.log"
	made_account=1
	chown alice "$work/home"
fi
if [ ! -d /run/sshd ]; then # where sshd's sandboxed child is
	mkdir -m 755 /run/sshd && made_directory=1
fi

mit_service "$work/host.keytab" host/localhost
ssh-keygen -q -t ed25519 -N '' -f "$work/hostkey"
cat >"$work/sshd_config" <<-END
	ListenAddress 127.0.0.1
	HostKey $work/hostkey
	PidFile none
	UsePAM no
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	PubkeyAuthentication no
	GSSAPIAuthentication yes
	GSSAPIStrictAcceptorCheck no
	GSSAPICleanupCredentials yes
	LogLevel DEBUG1
END
sshd=$(command -v sshd) # it must be called by its absolute path
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME"

# server FLAVOUR
server() {
	use "$1"
	port=$(free_port)
	start server "${with[@]}" KRB5_KTNAME="FILE:$work/host.keytab" "$sshd" -D -e -f "$work/sshd_config" -p "$port"
	must_listen sshd "$port" "$work/server.log"
}

# client FLAVOUR [ARGUMENT]...
client() {
	use "$1"
	shift
	timeout $busy "${with[@]}" ssh -F /dev/null -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
	    -o LogLevel=ERROR -o PreferredAuthentications=gssapi-with-mic -o GSSAPIAuthentication=yes -p "$port" "$@"
}

# denied FLAVOUR CCACHE ACCOUNT: ssh's 255 would pass for a crash.
denied() {
	KRB5CCNAME=FILE:$2 client "$1" "$3@localhost" true || return 1
}

login() {
	client "$1" alice@localhost 'id -un' >"$work/answer" 2>&1
	[ "$(cat "$work/answer")" = alice ] || { cat "$work/answer"; return 1; }
	grep -q "Authorized to alice, krb5 principal alice@$realm" "$work/server.log" || { tail "$work/server.log"; return 1; }
}

# children PID: all processes below it
children() {
	local c
	for c in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
		echo "$c"
		children "$c"
	done
}

# Both prove which library they have, while a command runs: the client, and of the server the one that accepted.
libraries_are() {
	local s=$1 c=$2 running
	rm -f "$work/client.maps" "$work/monitor" "$work/seen"
	client "$c" alice@localhost "until [ -e '$work/seen' ]; do sleep 0.1; done" >"$work/answer" 2>&1 &
	running=$!
	wait_for $busy both_have "$s" "$c"
	: >"$work/seen"
	has "$s" "/proc/${pids[server]}/maps" front && has "$c" "$work/client.maps" || return 1
	[ -e "$work/monitor" ] || { echo "no server process with that library and its engine"; return 1; }
	wait $running
}

both_have() {
	local pid
	for pid in $(children $$); do
		case $(readlink "/proc/$pid/exe") in
		*/ssh) cp "/proc/$pid/maps" "$work/client.maps" ;;
		*/sshd) [ "$pid" = "${pids[server]}" ] || ! has "$1" "/proc/$pid/maps" || : >"$work/monitor" ;;
		esac
	done
	[ -e "$work/monitor" ] && has "$2" "$work/client.maps"
}

# The credentials that the client forwards are a cache of libkrb5's on the server.
# shellcheck disable=SC2016 # for the shell of the server
delegation() {
	local line
	client "$1" -o GSSAPIDelegateCredentials=yes alice@localhost 'klist -f; echo "$KRB5CCNAME"' >"$work/answer" 2>&1
	for line in "Default principal: alice@$realm" "krbtgt/$realm@$realm" "Flags: .*f" "^FILE:/tmp/krb5cc_"; do
		grep -q "$line" "$work/answer" || { cat "$work/answer"; return 1; }
	done
	# With the session the cache is gone, and so is whatever it came by.
	wait_for $busy test ! -e "$(sed -n 's/^FILE://p' "$work/answer")" || { echo "the cache is still there"; return 1; }
	[ -z "$(find /tmp -maxdepth 1 -name 'gss.??????' -newer "$work/cc" 2>/dev/null)" ] || { ls /tmp; return 1; }
}

# shellcheck disable=SC2016 # likewise
no_delegation() {
	client "$1" alice@localhost 'echo "${KRB5CCNAME:-none}"' >"$work/answer" 2>&1
	grep -qx none "$work/answer" || { cat "$work/answer"; return 1; }
}

many() {
	local i running=
	for i in 1 2 3 4 5 6; do
		{ client "$1" alice@localhost true && client "$1" alice@localhost true; } >"$work/many.$i" 2>&1 &
		running="$running $!"
	done
	for i in $running; do
		wait "$i" || { cat "$work"/many.?; tail "$work/server.log"; return 1; }
	done
}

large() {
	head -c 3000000 /dev/urandom >"$work/data"
	client "$1" alice@localhost 'cat' <"$work/data" >"$work/answer" 2>&1
	cmp "$work/data" "$work/answer"
}

for pair in "ours mit" "mit ours" "ours ours"; do
	read -r s c <<<"$pair"
	name="sshd with $(library "$s"), ssh with $(library "$c")"
	server "$s"
	check "$name: a login" login "$c"
	check "$name: both have that library" libraries_are "$s" "$c"
	check "$name: no credentials are delegated" no_delegation "$c"
	check "$name: delegated credentials" delegation "$c"
	check "$name: 12 logins, 6 at once" many "$c"
	check "$name: 3 MB in both directions" large "$c"
	refused "$name: without a ticket" "Permission denied" denied "$c" "$work/none" alice
	refused "$name: another's account" "Permission denied" denied "$c" "$work/cc" nobody
	if grep -qiE "segfault|signal (4|6|7|8|11)|fatal: .*gss|sandbox" "$work/server.log"; then
		not_ok "$name: sshd's log is clean" "$work/server.log"
	else
		ok "$name: sshd's log is clean"
	fi
	stop server
done
finish
