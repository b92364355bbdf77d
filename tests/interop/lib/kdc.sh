# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # of ../lib.sh
#
# What the realms of all KDCs have in common.

enctypes="17 18 19 20"

enctype_name() {
	case $1 in
	17) echo aes128-cts-hmac-sha1-96 ;;
	18) echo aes256-cts-hmac-sha1-96 ;;
	19) echo aes128-cts-hmac-sha256-128 ;;
	20) echo aes256-cts-hmac-sha384-192 ;;
	16) echo des3-cbc-sha1 ;;
	23) echo arcfour-hmac ;;
	25) echo camellia128-cts-cmac ;;
	26) echo camellia256-cts-cmac ;;
	esac
}

# client_conf FILE REALM PORT [LINE]...: a krb5.conf whose KDC is at PORT, with further lines of [libdefaults].
client_conf() {
	local file=$1 realm=$2 port=$3
	shift 3
	{
		printf '[libdefaults]\n\tdefault_realm = %s\n\tdns_lookup_kdc = false\n\tdns_lookup_realm = false\n' "$realm"
		printf '\tdns_canonicalize_hostname = false\n\trdns = false\n\tforwardable = true\n'
		[ $# -eq 0 ] || printf '\t%s\n' "$@"
		printf '[realms]\n\t%s = {\n\t\tkdc = 127.0.0.1:%s\n\t}\n' "$realm" "$port"
		printf '[domain_realm]\n\tlocalhost = %s\n' "$realm"
	} >"$file"
}

# kinit_alice CCACHE: alice's password is "alice-password".
kinit_alice() {
	echo alice-password | kinit -c "$1" alice >"$work/kinit.log" 2>&1 || give_up "kinit" "$work/kinit.log"
}
