#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# build.sh BUILD_DIR: the front's libraries in BUILD_DIR/lib, one for each folder of capi/front/abi, if they are not up to
# date. A folder has
#
#	library.sh	the library's name, and those that programs find it by
#	symbols.txt	what it exports
#	abi.c		where the core behaves as only this ABI wants it: struct front_abi (abi.h)
#	*.c, *.h	what only this ABI has; the headers declare what is exported and in no public header
#
# A folder whose library.sh names another one ("beside") gets the C files of that, too, except those that it has itself.
#
# What is generated from the lists and the public headers goes to BUILD_DIR/gen (internal/gen). Environment:
#	GO, CC, CFLAGS, LDFLAGS
#	FRONT	another directory than capi/front

set -eu
cd "$(dirname "$0")/../.."
build=$1
front=${FRONT:-capi/front}
# The functions have their own names here.
cflags="-DGSSAPI_ANY_LIBRARY -std=c99 -Wall -Wextra -pedantic -Werror -fPIC -fstack-protector-strong -Iinclude -I$front -I$build/gen"
ldflags="-shared -Wl,--no-undefined-version -Wl,--no-undefined -Wl,-z,now -Wl,-z,relro -Wl,-z,nodelete -Wl,-Bsymbolic"

# newer FILE INPUT...: whether FILE is there and no INPUT is newer. In directories that tells of what was removed, too.
newer() {
	newer_file=$1
	shift
	[ -f "$newer_file" ] && [ -z "$(find "$@" -newer "$newer_file")" ]
}

mkdir -p "$build/lib" "$build/gen"
if ! newer "$build/gen/generated" internal/gen include capi; then
	${GO:-go} run ./internal/gen -engine capi -front "$front" -o "$build/gen" include/gssapi/*.h
	touch "$build/gen/generated"
fi
headers="$(find "$front" include -name '*.h') $build/gen/engine_table.h"

# compile NAME SOURCE...: adds to the list of objects, which are in BUILD_DIR/gen/NAME.
compile() {
	compile_objects=$build/gen/$1
	shift
	mkdir -p "$compile_objects"
	for source; do
		[ -e "$source" ] || continue # a folder without C files
		object=$compile_objects/$(basename "$source" .c).o
		# shellcheck disable=SC2086 # lists
		newer "$object" "$source" $headers || ${CC:-cc} ${CFLAGS:--O2 -g} $cflags -c -o "$object" "$source"
		objects="$objects $object"
	done
}

for abi in "$front"/abi/*/; do
	name=$(basename "$abi")
	beside='' packages=''
	# shellcheck source=capi/front/abi/mit/library.sh
	. "${abi}library.sh"
	library=$build/lib/$soname
	newer "$library" "$front" include "$build/gen/engine_table.h" "$build/gen/$name/exports.map" "$build/gen/$name/stubs.c" &&
		continue
	objects=
	compile core "$front"/*.c
	compile "$name" "$abi"*.c "$build/gen/$name/stubs.c"
	if [ -n "$beside" ]; then
		for source in "$front/abi/$beside"/*.c; do
			[ -e "$abi$(basename "$source")" ] || compile "$beside" "$source"
		done
	fi
	# shellcheck disable=SC2086 # lists
	${CC:-cc} ${CFLAGS:--O2 -g} ${LDFLAGS:-} -Wl,-soname,"$soname" -Wl,--version-script="$build/gen/$name/exports.map" \
		$ldflags -o "$library.new" $objects -Wl,--no-as-needed -lpthread
	mv -f "$library.new" "$library"
	[ -z "$packages" ] || ln -sf "$soname" "${library%.so.*}.so"
done
