#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Debian's gss-client and gss-server, unchanged, each with our library or MIT's: all that their options reach.

. "$(dirname "$0")/lib.sh"
. "$here/debian.sh"
need gss-client krb5-gss-samples gss-server krb5-gss-samples stdbuf coreutils
mit_realm
programs_with
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME"
service=demo@localhost

# Where the server saves the context and goes on with it, once is enough.
exported="|mutual replay|sequence deleg"
options="
$exported
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

for pair in "ours mit" "mit ours" "ours ours"; do
	read -r s c <<<"$pair"
	debian_pair "$s" "$c" "" "" "$options"
	debian_pair "$s" "$c" -export "" "$exported"
done
finish
