# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# acting.sh: services that act for users, by acting.c, which is built as acting-ours and acting-mit. To be sourced after
# lib.sh; wants the service's keytab in $work/keytab when it is used.

include=$build/include
[ -e "$include/gssapi/gssapi.h" ] || include=$root/include
with_ours="-I$include -L$build/lib -Wl,-rpath,$build/lib -lgssapi"
[ "$ours" = ours ] || with_ours="-I/usr/include/mit-krb5 -lgssapi_krb5"
for library in ours mit; do
	flags=$with_ours
	[ $library = ours ] || flags="-I/usr/include/mit-krb5 -lgssapi_krb5"
	# shellcheck disable=SC2086
	${CC:-cc} -std=c99 -Wall -Wextra -Werror -o "$work/acting-$library" "$here/acting.c" $flags || exit 1
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
