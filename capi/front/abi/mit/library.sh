# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh disable=SC2034
#
# What abi/freebsd/library.sh says of its library.

soname=libgssapi_krb5.so.2
packages="krb5-gssapi mit-krb5-gssapi"
config="libgssapi_krb5-config krb5-config.mit krb5-config"
vendor="Massachusetts Institute of Technology"
release="Kerberos 5 release 1.22 (libgssapi @VERSION@)"
