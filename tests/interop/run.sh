#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh [BUILD_DIR]: all scripts of this directory. Exits with 1 if one failed, else 77 if one lacked a package,
# else 0.

cd "$(dirname "$0")" || exit 1
[ $# -eq 0 ] || BUILD=$(cd "$OLDPWD" && cd "$1" && pwd) || exit 1
[ -z "${BUILD:-}" ] || export BUILD
result=0
for script in names hosts libkrb5 mit-samples iov authenticator ccache cache_types passwords s4u replay bad handover heimdal samples \
    attributes spnego rpcsec-gss nfs postgresql ssh dovecot postfix named sasl openldap apache apache-s4u squid python-gssapi gssproxy; do
	echo "# $script"
	timeout -k 10 600 "./$script.sh"
	case $? in
	0) ;;
	77) [ $result = 0 ] && result=77 ;;
	*)
		echo "not ok - $script.sh"
		result=1
		;;
	esac
done
exit $result
