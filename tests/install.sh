#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# install.sh [BUILD_DIR]: programs can be built with what "make install" installs. Each example is built in each way, with
# each of the libraries, and uses that library; mistakes fail with a helpful message. "ok NAME" or "not ok NAME" for each,
# and "N passed, M failed" at the end.
#
# Environment: CC, MAKE.

# Options are lists.
# shellcheck disable=SC2046,SC2086

cd "$(dirname "$0")/.." || exit 1
build=${1:-build}
for program in pkg-config readelf; do
	if ! command -v $program >/dev/null 2>&1; then
		echo "$program is missing (pkgconf, binutils)"
		exit 77
	fi
done
cc=${CC:-cc}
make=${MAKE:-make}
unset LD_LIBRARY_PATH PKG_CONFIG_PATH PKG_CONFIG_LIBDIR C_INCLUDE_PATH CPATH LIBRARY_PATH
LC_ALL=C
export LC_ALL

dir=$(mktemp -d "${TMPDIR:-/tmp}/install.XXXXXX") || exit 1
finish() {
	rm -rf "$dir"
	$make -s headers B="$build" # for the directories that it is for again
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
. tests/lib.sh

# refused NAME PATTERN COMMAND...: the command fails and says so.
refused() {
	refused_name=$1 refused_pattern=$2
	shift 2
	check "$refused_name" says "$refused_pattern" "$@"
}

says() {
	says_pattern=$1
	shift
	if "$@" >"$dir/said" 2>&1; then
		echo "it succeeds: $*"
		return 1
	fi
	cat "$dir/said"
	grep -qE -e "$says_pattern" "$dir/said"
}

# As a package is made and installed.
prefix=$dir/prefix
installed() {
	$make -s install B="$build" DESTDIR="$dir/stage" PREFIX="$prefix" && mv "$dir/stage$prefix" "$prefix" &&
		! find "$dir/stage" ! -type d | grep .
}
check "make install" installed
libdir=$prefix/lib/libgssapi
includes=$prefix/include/libgssapi
examples=$prefix/share/examples/libgssapi
PKG_CONFIG_PATH=$libdir/pkgconfig
export PKG_CONFIG_PATH

# gets PROGRAM SONAME [NAME=VALUE]: the program needs this library and no other of GSS-API, gets ours, and starts.
gets() {
	readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -E 'gss|krb5' >"$dir/needed"
	echo "$2" | diff - "$dir/needed" || return 1
	env ${3:+"$3"} ldd "$1"
	env ${3:+"$3"} ldd "$1" | grep -q "$2 => $libdir/$2 " || return 1
	# Without arguments it tells how it is called.
	env ${3:+"$3"} "$1" 2>&1 | grep -i usage
}

# by_options SONAME OPTION...: each example by these options for compiler and linker.
by_options() {
	by_options_soname=$1
	shift
	for example in client acceptor worker; do
		$cc -std=c99 -Wall -Wextra -Werror -o "$dir/$example" "$examples/$example.c" "$examples/common.c" "$@" || return 1
		gets "$dir/$example" "$by_options_soname" || return 1
	done
}

# by_make MAKE PACKAGE SONAME: as the examples are installed.
by_make() {
	rm -rf "$dir/examples"
	cp -R "$examples" "$dir/examples"
	(cd "$dir/examples" && "$1" CC="$cc" PACKAGE="$2") || return 1
	for example in client acceptor worker; do
		gets "$dir/examples/$example" "$3" || return 1
	done
}

# A program of a few lines: options, and what it does.
compile() {
	compile_body=$1
	shift
	cat >"$dir/program.c" <<END
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

int
main(void)
{
	OM_uint32 minor;
	gss_OID_set mechs;

	$compile_body
	return gss_indicate_mechs(&minor, &mechs) == GSS_S_COMPLETE ? 0 : 1;
}
END
	$cc -std=c99 -o "$dir/program" "$dir/program.c" "$@"
}

# family SONAME CONFIG PACKAGE...
family() {
	soname=$1 config=$2
	shift 2
	link=${soname%.so.*}
	link=${link#lib}
	for m in "$make" bmake; do
		! command -v "$m" >/dev/null || check "$1, by its Makefile ($m)" by_make "$m" "$1" "$soname"
	done
	for package; do
		check "$package, by pkg-config" by_options "$soname" $(pkg-config --cflags --libs "$package")
		check "$package has the version of the port" test \
			"$(pkg-config --modversion "$package")" = "$(sed -n 's/^VERSION = //p' Makefile)"
	done
	check "$(basename "$config")" by_options "$soname" $("$config" --cflags gssapi) $("$config" --libs gssapi)
	check "-l$link and a run path" by_options "$soname" -I"$includes" -L"$libdir" -Wl,-rpath,"$libdir" -l"$link"
	check "-l$link" compile "" -I"$includes" -L"$libdir" -l"$link"
	check "-l$link with LD_LIBRARY_PATH" env LD_LIBRARY_PATH="$libdir" "$dir/program"
	name=$(basename "$config")
	check "$name --prefix" test "$("$config" --prefix) $("$config" --exec-prefix)" = "$prefix $prefix"
	refused "$name --libs krb5" "no library krb5" "$config" --libs krb5
	refused "$name --libs" "which library" "$config" --libs
	refused "$name --lib" "what is --lib" "$config" --lib
	refused "-l$link with the headers only" "_libgssapi|cannot find|unable to find" \
		compile "" -I"$includes" -l"$link"
}

# only_in ABI OTHER: a function that programs can call and the other library lacks.
only_in() {
	awk -v other="$build/gen/$2/places.txt" 'BEGIN { while ((getline line < other) > 0) { split(line, f); has[f[2]] = 1 } }
		$3 != "data" && !($2 in has) { print $2 }' "$build/gen/$1/places.txt" | while read -r only_in_name; do
		! grep -q "[ *]$only_in_name(" include/gssapi/*.h || echo "$only_in_name"
	done | head -n 1
}
mits=$(only_in mit freebsd)
freebsds=$(only_in freebsd mit)

family libgssapi.so.10 "$prefix/bin/libgssapi-config" libgssapi
check "its vendor" test "$("$libdir/bin/krb5-config.heimdal" --vendor)" = Heimdal
refused "a function that libgssapi lacks" "libgssapi.so.10 does not have it, libgssapi_krb5.so.2 has" \
	compile "void (*f)(void) = (void (*)(void))$mits; f();" $("$prefix/bin/libgssapi-config" --cflags --libs gssapi)
refused "an object that libgssapi lacks" "libgssapi.so.10 does not have it, libgssapi_krb5.so.2 has" \
	compile "mechs = gss_mech_set_krb5_both;" $("$prefix/bin/libgssapi-config" --cflags --libs gssapi)
refused "the linker tells of it otherwise" "undefined.*$mits" \
	compile "void (*f)(void) = (void (*)(void))$mits; f();" -I"$includes" -L"$libdir" -lgssapi
check "what both have" compile "gss_release_oid_set(&minor, &mechs); mechs = gss_mech_set_krb5;" \
	$("$prefix/bin/libgssapi-config" --cflags --libs gssapi)

family libgssapi_krb5.so.2 "$prefix/bin/libgssapi_krb5-config" krb5-gssapi mit-krb5-gssapi
check "its vendor" test "$("$libdir/bin/krb5-config.mit" --vendor)" = "Massachusetts Institute of Technology"
check "its version" expr "$("$libdir/bin/krb5-config.mit" --version)" : "Kerberos 5 release 1\\."
refused "a function that libgssapi_krb5 lacks" "libgssapi_krb5.so.2 does not have it, libgssapi.so.10 has" \
	compile "void (*f)(void) = (void (*)(void))$freebsds; f();" \
	$("$prefix/bin/libgssapi_krb5-config" --cflags --libs gssapi)
refused "the linker tells of it otherwise" "undefined.*$freebsds" \
	compile "void (*f)(void) = (void (*)(void))$freebsds; f();" -I"$includes" -L"$libdir" -lgssapi_krb5
check "the demonstration with libgssapi_krb5" sh tests/demo.sh "$build" "$dir/examples"
refused "a library that is none" "none of the libraries" compile "" -DGSSAPI_ABI=GSSAPI_ABI_NONE -I"$includes" -L"$libdir" -lgssapi

# A program that FreeBSD 15 has.
older() {
	compile "" -DGSSAPI_ANY_LIBRARY -I"$includes" "$libdir/libgssapi_krb5.so.122" && readelf -V "$dir/program" | grep HEIMDAL_GSS_2.0 &&
		env LD_LIBRARY_PATH="$libdir" "$dir/program"
}
check "a program with libgssapi_krb5.so.122" older

# MIT krb5's library, where there is one.
others=$(ldconfig -p 2>/dev/null | sed -n 's/.*libgssapi_krb5\.so\.2 .*=> //p' | head -n 1)
if [ -n "$others" ]; then
	compile "" -I"$includes" -L"$libdir" -lgssapi_krb5
	refused "MIT's library in the place of ours, when a program starts" LIBGSSAPI_1.0 "$dir/program"
	check "MIT's library, for a program that wants any" compile "" -DGSSAPI_ANY_LIBRARY -I"$includes" "$others"
	check "... which runs with it" "$dir/program"
	check "... and with ours" env LD_LIBRARY_PATH="$libdir" "$dir/program"
fi

# The options of other krb5-config programs that configure scripts use.
for other in mit heimdal; do
	command -v krb5-config.$other >/dev/null || continue
	for options in --version --vendor --prefix --exec-prefix "--cflags gssapi" "--libs gssapi" "--cflags --libs gssapi" \
		--cflags --help; do
		check "krb5-config.$other $options" "$libdir/bin/krb5-config.$other" $options
		theirs=$(krb5-config.$other $options 2>/dev/null | wc -l)
		case $options in
		*-help) ;;
		*) check "... as many lines as there" test "$(wc -l <"$dir/check.log")" -eq "$theirs" ;;
		esac
	done
done
results
