#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# python3-gssapi: Debian's module, unchanged, with our library or MIT's. credentials.py acquires, stores, exports, imports and
# uses credentials, and prints the same with both.

. "$(dirname "$0")/lib.sh"
need python3 python3
/usr/bin/python3 -c 'import gssapi' 2>/dev/null || lacking python3-gssapi
mit_realm
programs_with
{
	echo "addprinc -pw bob-password bob"
	echo "ktadd -norandkey -k $work/client.keytab alice"
	echo "ktadd -norandkey -k $work/client.keytab bob"
} | mit_kadmin

# run FLAVOUR: what credentials.py prints.
run() {
	use "$1"
	mkdir "$work/$1" "$work/$1/dir"
	timeout $busy "${with[@]}" KRB5CCNAME="FILE:$work/none" /usr/bin/python3 "$here/credentials.py" "$work/$1" "$work/keytab" \
	    "$work/client.keytab" >"$work/$1.txt" 2>"$work/$1.log" && return
	cat "$work/$1.txt" "$work/$1.log"
	return 1
}

for flavour in mit ours; do
	check "python3-gssapi with $flavour" run $flavour
	check "python3-gssapi with $flavour: the library" has $flavour "$work/$flavour/maps"
done
check "python3-gssapi: ours gives what MIT's gives" diff "$work/mit.txt" "$work/ours.txt"
while IFS= read -r line; do
	check "python3-gssapi with ours: $line" grep -qxF -e "$line" "$work/ours.txt"
done <"$work/mit.txt"
finish
