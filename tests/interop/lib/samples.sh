# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # of ../lib.sh
#
# The sample programs of tests/interop: each with its library, a client against a server.

# peers FLAVOUR: builds gss-sample-client and -server with that library; sets client_FLAVOUR and server_FLAVOUR.
peers() {
	local flavour=$1 with=$1 dir p
	[ "$flavour" != ours ] || with=$ours
	dir=$build/interop/$flavour-$with
	mkdir -p "$dir"
	for p in client server; do
		outdated "$dir/gss-sample-$p" "$here"/*sample*.[ch] || continue
		cc_with "$flavour" -D_POSIX_C_SOURCE=200809L -o "$dir/gss-sample-$p.new" "$here/gss-sample-$p.c" "$here/sample.c"
		mv "$dir/gss-sample-$p.new" "$dir/gss-sample-$p"
	done
	eval "client_$flavour=\$dir/gss-sample-client server_$flavour=\$dir/gss-sample-server"
}

# start_server PROGRAM [ARGUMENT]...: one of our sample servers; sets port.
start_server() {
	start server "$@"
	found '^port' "$work/server.log" >/dev/null || give_up "the server listens" "$work/server.log"
	port=$(sed -n 's/^port //p' "$work/server.log")
}

# flags_seen WANTED UNWANTED: whether settle has found these flags and not those, in the words of gss-server or ours.
flags_seen() {
	local f log=$work/since
	for f in conf integ $1; do
		case $f in sequence) upper=SEQUENCE ;; *) upper=${f^^} ;; esac
		if ! grep -qE "^(context flag: GSS_C_${upper}_FLAG|flags:.* $f( |\$))" "$log"; then
			echo "the server does not show flag $f"
			cat "$log"
			return 1
		fi
	done
	for f in $2; do
		upper=${f^^}
		if grep -qE "^(context flag: GSS_C_${upper}_FLAG|flags:.* $f( |\$))" "$log"; then
			echo "the server shows flag $f, which was not asked for"
			cat "$log"
			return 1
		fi
	done
}

# with_server_log COMMAND...: runs it, then shows what the sample server said.
with_server_log() {
	local status
	begun "$work/server.log"
	timeout $busy "$@"
	status=$?
	settle "$work/server.log" 'connection ended' && cat "$work/since"
	return $status
}

# sample_run CLIENT OPTIONS WANTED UNWANTED: one connection of a sample client to the running sample server.
sample_run() {
	begun "$work/server.log"
	timeout $busy "$1" $2 "$port" "$service" "hello from $1" || return
	settle "$work/server.log" 'connection ended: good' || return
	grep -q "^accepted: alice@$realm" "$work/since" || { cat "$work/since"; return 1; }
	flags_seen "$3" "$4" || return
	case $2 in
	*-d*)
		grep -q "^the delegated credentials speak as: alice@$realm" "$work/since" || { cat "$work/since"; return 1; }
		;;
	esac
}

# On each line options, the flags that the server must see besides conf and integ, and those that it must not see.
sample_options="
|mutual replay|sequence deleg
-nomutual|replay|mutual sequence
-noreplay|mutual|replay
-nomutual -noreplay -seq|sequence|mutual replay
-nx|mutual replay|
-nw|mutual replay|
-nm|mutual replay|
-n 3 -seq|sequence|
-d|mutual replay deleg|
"

# sample_pair NAME CLIENT_FLAVOUR SERVER_FLAVOUR: all options, sizes and channel bindings between sample programs of two
# libraries, for $service.
sample_pair() {
	local name=$1 client server opts want unwanted size
	eval "client=\$client_$2 server=\$server_$3"
	start_server "$server" -u "$service" "$service"
	while IFS='|' read -r opts want unwanted; do
		[ -n "$opts$want$unwanted" ] || continue
		# Without mutual authentication Heimdal's initiator expects the acceptor to number its messages from 0, while
		# acceptors (MIT's, Heimdal's own, ours) begin with the initiator's number: no answer can be in sequence.
		case $2$opts in heimdal*-nomutual*-seq*) opts="$opts -nm" ;; esac
		check "$name: $opts" sample_run "$client" "$opts" "$want" "$unwanted"
	done <<<"$sample_options"
	for size in 0 1 16 65536; do
		check "$name: $size octets" "$client" -s $size "$port" "$service" -
		check "$name: $size octets, not encrypted" "$client" -nx -s $size "$port" "$service" -
	done
	stop server
	start_server "$server" -e -b "channel 1" "$service"
	check "$name: the server moves the context" "$client" -n 3 -seq -b "channel 1" "$port" "$service" hello
	check "$name: same channel bindings" "$client" -b "channel 1" "$port" "$service" hello
	refused "$name: other channel bindings" "channel.binding|bindings" \
	    with_server_log "$client" -b "channel 2" "$port" "$service" hello
	stop server
}
