# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh disable=SC2034
#
# What abi/freebsd/library.sh says of its library. This one is for programs that are linked with FreeBSD's already; new ones
# are linked with libgssapi_krb5.so.2, so no name leads here.

soname=libgssapi_krb5.so.122
beside=mit
