# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # of lib.sh
#
# acting.sh: services that act for users, by acting.c, which is built as acting-ours and acting-mit. To be sourced after
# lib.sh; wants the service's keytab in $work/keytab when it is used.

for flavour in ours mit; do
	cc_with $flavour -o "$work/acting-$flavour" "$here/acting.c"
done

# serving COMMAND...: as a service that logs in with its keytab.
serving() {
	rm -f "$work/cc.service"
	env KRB5CCNAME="FILE:$work/cc.service" KRB5_CLIENT_KTNAME="FILE:$work/keytab" "$@"
}

# says PATTERN COMMAND...: it succeeds, and prints that.
says() {
	local pattern=$1 status
	shift
	"$@" >"$work/said" 2>&1
	status=$?
	cat "$work/said"
	[ $status -eq 0 ] && grep -q -e "$pattern" "$work/said"
}
