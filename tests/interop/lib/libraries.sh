# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # of ../lib.sh
#
# Programs with our library, MIT's or Heimdal's: ours, which are built here, and Debian's.

# cc_with FLAVOUR OPTION...: compiles a program, and links it with that library.
cc_with() {
	local flavour=$1 compile link
	shift
	[ "$flavour" != ours ] || flavour=$ours
	case $flavour in
	ours)
		if [ ! -e "$build/lib/libgssapi.so.10" ]; then
			echo "not ok - $build/lib/libgssapi.so.10 is not built"
			exit 1
		fi
		compile=-I$build/include
		[ -d "$build/include/gssapi" ] || compile=-I$root/include
		link="-L$build/lib -Wl,-rpath,$build/lib -lgssapi"
		;;
	mit)
		[ -e /usr/include/mit-krb5/gssapi/gssapi.h ] || lacking libkrb5-dev
		compile="-I/usr/include/mit-krb5 -DPEER_MIT"
		link=-lgssapi_krb5
		;;
	heimdal)
		[ -e /usr/include/heimdal/gssapi/gssapi.h ] || lacking heimdal-multidev
		compile=-I/usr/include/heimdal
		link="-L/usr/lib/x86_64-linux-gnu/heimdal -lgssapi"
		;;
	esac
	# shellcheck disable=SC2086 # options
	${CC:-cc} -std=c99 -Wall -Wextra -Werror -g $compile "$@" $link || exit 1
}

# cc_beside_libkrb5 OPTION...: compiles a program, and links it with libgssapi_krb5.so.2, ours or MIT's, and with the libkrb5
# that the options name. After programs_with.
cc_beside_libkrb5() {
	local library=$libraries/libgssapi_krb5.so.2 headers=-I$root/include
	[ "$ours" = ours ] || library=-lgssapi_krb5 headers=-DPEER_MIT
	${CC:-cc} -std=c99 -D_GNU_SOURCE -Wall -Wextra -Werror -g "$headers" "$@" "$library" -lkrb5 >"$work/cc.log" 2>&1 ||
	    give_up "a program is built: $*" "$work/cc.log"
}

# outdated PROGRAM SOURCE...: whether it is to be built.
outdated() { [ ! -x "$1" ] || [ -n "$(find "${@:2}" -newer "$1")" ]; }

# mit_library: the file of MIT's library.
mit_library() { ldconfig -p | awk '$1 == "libgssapi_krb5.so.2" { print $NF; exit }'; }

# Debian's own programs are unchanged, and have our libgssapi_krb5.so.2 or MIT's. With INTEROP_OURS=mit all use MIT's.

# programs_with: sets libraries, a directory for LD_LIBRARY_PATH: the build's, or a copy of it that any account can read.
programs_with() {
	local dir=$build/lib
	if [ ! -e "$dir/libgssapi_krb5.so.2" ]; then
		echo "not ok - $dir/libgssapi_krb5.so.2 is not built"
		exit 1
	fi
	libraries=$dir
	while [ "$dir" != / ]; do
		if [ $(($(stat -c '0%a' "$dir") & 5)) -ne 5 ]; then
			libraries=$work/lib
			cp -r "$build/lib" "$libraries"
			break
		fi
		dir=$(dirname "$dir")
	done
	chmod 711 "$work"
}

# use FLAVOUR: sets the array with, a prefix for commands that are to run with our library or MIT's.
use() {
	local flavour=$1
	[ "$ours" = ours ] || flavour=$ours
	with=(env)
	[ "$flavour" != ours ] || with=(env "LD_LIBRARY_PATH=$libraries")
}

# has FLAVOUR MAPS [FRONT]: whether a process, by its /proc/PID/maps, has the library and, if it is ours, its engine. With
# FRONT there need not be an engine, because the process has not called the library yet.
has() {
	local flavour=$1 maps=$2 only=${3:-}
	[ "$ours" = ours ] || flavour=$ours
	case $flavour in
	ours)
		grep -q " $libraries/libgssapi_krb5.so.2" "$maps" || { echo "no $libraries/libgssapi_krb5.so.2"; return 1; }
		[ -n "$only" ] || grep -q "libgssapi-engine.so" "$maps" || { echo "no engine"; return 1; }
		;;
	mit)
		grep -q "/libgssapi_krb5.so.2" "$maps" || { echo "no libgssapi_krb5.so.2"; return 1; }
		! grep -q " $libraries/" "$maps" || { echo "one of $libraries"; return 1; }
		;;
	esac
}

# server_has FLAVOUR [FRONT]: what was started as server has that library.
server_has() { has "$1" "/proc/${pids[server]}/maps" "${@:2}"; }

# child_has FLAVOUR [PATTERN]: a child of what was started as server, with a program of such a path, has that library.
child_has() {
	local pid
	for pid in $(cat /proc/"${pids[server]}"/task/*/children); do
		# shellcheck disable=SC2254 # a pattern
		case $(readlink "/proc/$pid/exe") in
		${2:-*}) has "$1" "/proc/$pid/maps" && return ;;
		esac
	done
	echo "no such process"
	return 1
}

# library FLAVOUR: in words.
library() { case $1 in ours) echo "our library" ;; mit) echo "MIT's library" ;; esac; }
