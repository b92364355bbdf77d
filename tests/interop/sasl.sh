#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Cyrus SASL's sample programs, Debian's, unchanged: the mechanisms GSSAPI, GSS-SPNEGO and GS2-KRB5 (RFC 5801) with our library
# or MIT's on each side, and a message each way through the layer that they agree on.

. "$(dirname "$0")/lib.sh"
need sasl-sample-server sasl2-bin sasl-sample-client sasl2-bin stdbuf coreutils
[ -e /usr/lib/x86_64-linux-gnu/sasl2/libgs2.so ] || lacking libsasl2-modules-gssapi-mit
mit_realm
programs_with
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME"
mkfifo "$work/to-server" "$work/to-client"

# side NAME FLAVOUR LETTER COMMAND...: one program. What it sends are the lines with the letter, of those that it prints.
side() {
	local name=$1 letter=$3
	use "$2"
	shift 3
	timeout 20 "${with[@]}" LD_DEBUG=libs LD_DEBUG_OUTPUT="$work/$name.linker" stdbuf -oL "$@" 2>&1 | tee "$work/$name.log" |
	    grep -a --line-buffered "^$letter: "
}

# linked NAME FLAVOUR: the program had that library.
linked() {
	local flavour=$2
	[ "$ours" = ours ] || flavour=$ours
	cat "$work/$1.linker".* >"$work/linker" || return
	rm -f "$work/$1.linker".*
	grep -q "calling init: .*/libgssapi_krb5.so.2" "$work/linker" || { echo "$1 has no library"; return 1; }
	case $flavour in
	ours) grep -q "calling init: $libraries/libgssapi_krb5.so.2" "$work/linker" ;;
	mit) ! grep -q "calling init: $libraries/" "$work/linker" ;;
	esac || { echo "$1 has another library"; return 1; }
}

# converse SERVER CLIENT MECHANISM BITS [OPTION...]: both programs, which do not offer more than so many bits.
converse() {
	side server "$1" S sasl-sample-server -s demo -d localhost -m "$3" -b "max=$4" <"$work/to-server" >"$work/to-client" &
	side client "$2" C sasl-sample-client -s demo -n localhost -m "$3" -b "max=$4" "${@:5}" >"$work/to-server" <"$work/to-client"
	wait $!
	linked server "$1" && linked client "$2"
}

# printed NAME LINE...: the program has printed each of them.
printed() {
	local name=$1 line
	shift
	for line in "$@"; do
		grep -aqxF "$line" "$work/$name.log" || { echo "no \"$line\" by the $name:"; tail -n 6 "$work/$name.log"; return 1; }
	done
}

# agree SERVER CLIENT MECHANISM BITS SSF USER [OPTION...]: they agree on that strength, and each gets the other's message. The
# client calls its user by that name.
agree() {
	converse "${@:1:4}" "${@:7}" || return
	printed server "Username: alice" "SSF: $5" "recieved decoded message 'client message 1'" &&
	    printed client "Username: $6" "SSF: $5" "recieved decoded message 'srv message 1'"
}

stranger() {
	KRB5CCNAME=FILE:$work/none converse "$@"
	cat "$work/client.log"
	grep -aq "Negotiation complete" "$work/server.log" # it must not be
}

for pair in "mit mit" "ours mit" "mit ours" "ours ours"; do
	# shellcheck disable=SC2086 # two words
	set -- $pair
	name="server with $(library "$1"), client with $(library "$2")"
	check "$name: GSSAPI, encrypted" agree "$1" "$2" GSSAPI 256 256 "alice@$realm"
	check "$name: GSSAPI, integrity" agree "$1" "$2" GSSAPI 1 1 "alice@$realm"
	check "$name: GSSAPI, no layer" agree "$1" "$2" GSSAPI 0 0 "alice@$realm"
	check "$name: GSS-SPNEGO" agree "$1" "$2" GSS-SPNEGO 256 256 "alice@$realm"
	check "$name: GS2-KRB5" agree "$1" "$2" GS2-KRB5 0 0 alice -a alice
	refused "$name: no ticket" "No (Kerberos )?credentials" stranger "$1" "$2" GSSAPI 256
done
finish
