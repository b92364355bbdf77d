#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# One replay cache for all acceptors of a host: an AP-REQ that one of them took is refused by every other one, whichever
# library it is linked with.

. "$(dirname "$0")/lib.sh"
mit_realm
peers ours
peers mit
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME"
service=demo@localhost
again="replay|repeat|duplicate"

# token NAME CLIENT: an AP-REQ in $work/NAME.
token() { timeout $busy "$2" -t "$work/$1" 0 $service x >"$work/token.log" 2>&1 || not_ok "token $1" "$work/token.log"; }

for pair in "ours mit" "mit ours" "ours ours" "mit mit"; do
	set -- $pair
	for sender in ours mit; do
		eval "first=\$server_$1 second=\$server_$2 client=\$client_$sender"
		n=$1-$2-$sender
		token "$n" "$client"
		check "$1 then $2, from $sender: accepted by the first" "$first" -t "$work/$n" $service
		refused "$1 then $2, from $sender: refused by the second" "$again" "$second" -t "$work/$n" $service
		refused "$1 then $2, from $sender: refused by the first, too" "$again" "$first" -t "$work/$n" $service
	done
done

for name in "file2:$work/own.rcache2" "dfl:"; do
	export KRB5RCACHENAME=$name
	token named "$client_ours"
	check "KRB5RCACHENAME=${name%%:*}: accepted by ours" "$server_ours" -t "$work/named" $service
	refused "KRB5RCACHENAME=${name%%:*}: refused by MIT's" "$again" "$server_mit" -t "$work/named" $service
done
if [ -s "$work/own.rcache2" ]; then
	ok "the file named by KRB5RCACHENAME was used"
else
	not_ok "the file named by KRB5RCACHENAME was used"
fi
export KRB5RCACHENAME=none:
token none "$client_mit"
check "KRB5RCACHENAME=none: accepted" "$server_ours" -t "$work/none" $service
check "KRB5RCACHENAME=none: accepted again" "$server_ours" -t "$work/none" $service
export KRB5RCACHENAME=dfl:

# Two servers that run, and one server twice.
token live "$client_mit"
start one "$server_ours" $service
start two "$server_ours"
found '^port' "$work/one.log" >/dev/null
found '^port' "$work/two.log" >/dev/null
# send FILE PORT: the token as a client would send it; the server's frame comes back, and its first octets are shown.
send() {
	local size
	size=$(stat -c %s "$1")
	exec 9<>"/dev/tcp/127.0.0.1/$2" || return
	{
		printf '\x11\0\0\0\0\x02'
		printf "\\x$(printf %02x $((size >> 24 & 255)))\\x$(printf %02x $((size >> 16 & 255)))"
		printf "\\x$(printf %02x $((size >> 8 & 255)))\\x$(printf %02x $((size & 255)))"
		cat "$1"
	} >&9
	timeout 5 head -c 5 <&9 | od -An -tx1
	exec 9>&-
}
one=$(sed -n 's/^port //p' "$work/one.log")
two=$(sed -n 's/^port //p' "$work/two.log")
send "$work/live" "$one" >/dev/null
check "a running server takes the request" found '^accepted: alice' "$work/one.log"
send "$work/live" "$two" >/dev/null
check "a second running server refuses it" found "gss_accept_sec_context: .*($again)" "$work/two.log"
send "$work/live" "$one" >/dev/null
check "and so does the first" found "gss_accept_sec_context: .*($again)" "$work/one.log"
stop one
stop two

# A crowd: of 8 acceptors that get the same request at once, one takes it.
token crowd "$client_ours"
pids_of=
for i in 1 2 3 4 5 6 7 8; do
	if [ $((i % 2)) = 0 ]; then s=$server_mit; else s=$server_ours; fi
	"$s" -t "$work/crowd" $service >"$work/crowd.$i" 2>&1 &
	pids_of="$pids_of $!"
done
won=0
for p in $pids_of; do wait "$p" && won=$((won + 1)); done
if [ $won = 1 ]; then
	ok "of 8 acceptors at once, one takes the request"
else
	cat "$work"/crowd.? >"$work/out"
	not_ok "of 8 acceptors at once, one takes the request ($won did)" "$work/out"
fi
finish
