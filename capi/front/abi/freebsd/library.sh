# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh disable=SC2034
#
# The library's name; the names of its descriptions for pkg-config(1), and of its programs in the manner of krb5-config(1);
# and what those programs answer to --vendor and --version: configure scripts choose an interface by that. "beside" would
# name another folder, whose C files this library gets, too.

soname=libgssapi.so.10
packages=libgssapi
config="libgssapi-config krb5-config.heimdal"
vendor=Heimdal
release="heimdal 1.5.2 (libgssapi @VERSION@)"
