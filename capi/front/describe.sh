#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# describe.sh BUILD_DIR: what tells programs how to build with the front's libraries, in BUILD_DIR/libdata/pkgconfig for
# pkg-config(1) and in BUILD_DIR/libexec for scripts that ask krb5-config(1). Environment:
#	PREFIX, LIBDIR, INCLUDEDIR, VERSION	of the installation

set -eu
front=$(dirname "$0")
build=$1
mkdir -p "$build/libdata/pkgconfig" "$build/libexec"

# fill FILE PACKAGE OUTPUT
fill() {
	sed -e "s|@RELEASE@|$release|g" -e "s|@VENDOR@|$vendor|g" -e "s|@PACKAGE@|$2|g" -e "s|@SONAME@|$soname|g" \
		-e "s|@LINK@|$link|g" -e "s|@CFLAGS@|-DGSSAPI_ABI=$abi|g" -e "s|@PREFIX@|$PREFIX|g" -e "s|@LIBDIR@|$LIBDIR|g" \
		-e "s|@INCLUDEDIR@|$INCLUDEDIR|g" -e "s|@VERSION@|$VERSION|g" "$1" >"$3"
}

for folder in "$front"/abi/*/; do
	packages='' config=''
	# shellcheck source=capi/front/abi/mit/library.sh
	. "${folder}library.sh"
	abi=GSSAPI_ABI_$(basename "$folder" | tr '[:lower:]' '[:upper:]')
	link=${soname%.so.*}
	link=${link#lib}
	for package in $packages; do
		fill "$front/package.pc.in" "$package" "$build/libdata/pkgconfig/$package.pc"
	done
	for name in $config; do
		fill "$front/krb5-config.in" '' "$build/libexec/$name"
		chmod 0755 "$build/libexec/$name"
	done
done
