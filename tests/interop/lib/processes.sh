# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # of ../lib.sh
#
# Processes in the background, the ports that they listen on, and what they say.

declare -A pids=()

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
	local left=$(($1 * 10))
	shift
	until "$@" >/dev/null 2>&1; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || return 1
		sleep 0.1
	done
}

# found PATTERN FILE: waits for a line.
found() {
	wait_for $busy grep -qE -e "$1" "$2" && return 0
	echo "no line /$1/ in ${2##*/}:"
	tail -n 12 "$2"
	return 1
}

# start NAME COMMAND...: in the background, output to $work/NAME.log.
start() {
	local name=$1
	shift
	rm -f "$work/$name.log" # so that nobody finds in it what an earlier process said
	"$@" >"$work/$name.log" 2>&1 </dev/null &
	pids[$name]=$!
}

# stop NAME: ends a process that was started, and waits for it.
stop() {
	local pid=${pids[$1]:-} i
	[ -n "$pid" ] || return 0
	unset "pids[$1]"
	kill "$pid" 2>/dev/null
	for i in $(seq $((10 * busy))); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	kill -9 "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	return 0
}

# socket PORT [STATES]: whether a TCP or UDP socket is bound to 127.0.0.1 or any address, in one of these states of /proc/net.
socket() {
	local hex
	hex=$(printf %04X "$1")
	grep -qE "^ *[0-9]+: (0100007F|00000000|0{32}):$hex [0-9A-F]+:[0-9A-F]+ ${2:-..} " /proc/net/tcp /proc/net/udp /proc/net/tcp6 \
	    2>/dev/null
}

# listening PORT: whether a process listens there. Sockets that are left of earlier connections do not count.
listening() { socket "$1" '(0A|07)'; }

free_port() {
	local p
	while :; do
		p=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
		if ! socket "$p"; then
			echo "$p"
			return
		fi
	done
}

wait_port() { wait_for $busy listening "$1"; }

# must_listen NAME PORT LOG...: or the script ends here.
must_listen() {
	local name=$1 port=$2
	shift 2
	wait_port "$port" && return
	cat "$@" >"$work/out"
	give_up "$name listens" "$work/out"
}

# begun FILE: remembers its length, so that since FILE prints only what was added later.
begun() { mark=$(wc -c <"$1"); }
since() { tail -c +$((mark + 1)) "$1"; }

# settle LOG PATTERN: waits until the server has written its last line on this connection, and has all lines of it in $work/since.
settle() {
	for _ in $(seq $((50 * busy))); do
		since "$1" >"$work/since"
		grep -qE "$2" "$work/since" && return 0
		sleep 0.02
	done
	echo "the server did not say /$2/:"
	cat "$work/since"
	return 1
}
