#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# port.sh [BUILD_DIR [record]]: checks the FreeBSD port as far as that goes on any system. "make install" with the port's
# arguments installs what pkg-plist lists, no less and no more; versions agree; texts have the form that ports have.
# "ok NAME" or "not ok NAME" for each, and "N passed, M failed" at the end. With "record" it writes pkg-plist anew.
#
# Environment: MAKE, PORT (another directory than ports/security/libgssapi).

cd "$(dirname "$0")/.." || exit 1
build=${1:-build}
port=${PORT:-ports/security/libgssapi}
LC_ALL=C
export LC_ALL

dir=$(mktemp -d "${TMPDIR:-/tmp}/port.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
. tests/lib.sh

# value NAME FILE: of a variable in a Makefile.
value() {
	sed -n "s/^$1[[:blank:]]*[?+]*=[[:blank:]]*//p" "$2" | sed 's/[[:blank:]]*$//'
}

prefix=/usr/local
portname=$(value PORTNAME "$port/Makefile")

# make_args: NAME=VALUE of MAKE_ARGS that name directories, one per line, as they are for the prefix.
make_args() {
	awk '/^MAKE_ARGS/ { inside = 1 }
	inside { for (i = 1; i <= NF; i++) if ($i ~ /^[A-Z]+DIR=/) print $i }
	inside && !/\\$/ { inside = 0 }' "$port/Makefile" |
		sed -e "s,\${PREFIX},$prefix,g" -e "s,\${PORTNAME},$portname,g"
}

install_tree() {
	make_args >"$dir/args"
	# Names of directories without blanks, one argument each.
	# shellcheck disable=SC2046
	"${MAKE:-make}" install B="$build" DESTDIR="$dir/stage" PREFIX="$prefix" $(cat "$dir/args")
}

same_files() {
	(cd "$dir/stage$prefix" && find . ! -type d) | sed 's,^\./,,' | sort >"$dir/installed"
	grep -v '^@' "$port/pkg-plist" | sort >"$dir/listed"
	comm -23 "$dir/installed" "$dir/listed" | sed 's/^/not in pkg-plist: /' >"$dir/differences"
	comm -13 "$dir/installed" "$dir/listed" | sed 's/^/not installed: /' >>"$dir/differences"
	cat "$dir/differences"
	[ ! -s "$dir/differences" ] || echo "\"make plist\" writes it anew"
	[ -s "$dir/installed" ] && [ ! -s "$dir/differences" ]
}

nothing_elsewhere() {
	find "$dir/stage" ! -type d ! -path "$dir/stage$prefix/*" | grep . && return 1
	[ -d "$dir/stage$prefix" ]
}

same_version() {
	echo "DISTVERSION is $(value DISTVERSION "$port/Makefile"), VERSION is $(value VERSION Makefile)"
	[ "$(value DISTVERSION "$port/Makefile")" = "$(value VERSION Makefile)" ]
}

same_go() {
	want=$(sed -n 's/^go \([0-9]*\.[0-9]*\).*/\1/p' go.mod)
	echo "go.mod wants Go $want; USES is $(value USES "$port/Makefile")"
	case $(value USES "$port/Makefile") in
	*go:"$want"+,modules*) ;;
	*) return 1 ;;
	esac
}

licences() {
	missing=0
	for file in $(sed -n 's/^LICENSE_FILE_[A-Z0-9]*=[[:blank:]]*\${WRKSRC}\///p' "$port/Makefile"); do
		[ -s "$file" ] || { echo "$file is not there"; missing=1; }
	done
	for licence in $(value LICENSE "$port/Makefile"); do
		grep -q "^LICENSE_FILE_$licence=" "$port/Makefile" || { echo "$licence has no file"; missing=1; }
	done
	return "$missing"
}

texts() {
	# COMMENT: no article at the beginning, no full stop at the end, 70 characters.
	value COMMENT "$port/Makefile" | awk 'length > 70 || /^(A|An|The) / || /\.$/ { print; bad = 1 } END { exit bad || NR != 1 }' || return 1
	awk 'length > 80 { print FILENAME ": " $0; bad = 1 } END { exit bad }' "$port/pkg-descr" "$port/files/pkg-message.in"
}

# Nothing that the run-time linker or a compiler finds by itself.
own_directories() {
	value USE_LDCONFIG "$port/Makefile" | grep . && return 1
	grep -E '^(lib|include|man|share/man)/[^/]*$|^(share/)?man/man' "$dir/listed" && return 1
	[ -s "$dir/listed" ]
}

pc_file() {
	grep -q "^libdir=$prefix/lib/$portname\$" "$dir/stage$prefix/libdata/pkgconfig/libgssapi.pc" &&
		grep -q "^includedir=$prefix/include/$portname\$" "$dir/stage$prefix/libdata/pkgconfig/libgssapi.pc"
}

check "make install with the port's arguments" install_tree
if [ "$2" = record ]; then
	(cd "$dir/stage$prefix" && find . ! -type d) | sed 's,^\./,,' | sort >"$port/pkg-plist"
	exit $failed
fi
check "pkg-plist lists what is installed" same_files
check "nothing is installed outside of the prefix" nothing_elsewhere
check "libgssapi.pc has the port's directories" pc_file
check "only directories of its own" own_directories
check "DISTVERSION is the Makefile's VERSION" same_version
check "USES wants the Go of go.mod" same_go
check "licences have their texts" licences
check "COMMENT, pkg-descr and pkg-message" texts
results
