#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# build.sh BUILD_DIR: compiles the examples and the tools of the tests to BUILD_DIR/bin, the C tests to BUILD_DIR/bin/c
# and bin/conditions, those that are not up to date. They are C99 and need the library and libpthread, nothing else. What
# each C test proves goes to BUILD_DIR/bin/c.txt. Environment:
#	CC, CFLAGS	the compiler and options beside those that must be
#	PROGRAMS	another directory than BUILD_DIR/bin
#	GSS_CFLAGS	where another library's headers are; -DPEER_MIT stands for those of MIT
#	GSS_LIBS	another library than BUILD_DIR/lib/libgssapi.so.10

build=${1:-build}
tests=$(dirname "$0")
root=$tests/..
bin=${PROGRAMS:-$build/bin}
cflags="-std=c99 -Wall -Wextra -pedantic -Werror ${CFLAGS:--O2 -g} ${GSS_CFLAGS:--I$root/include}"
# The library is found beside the programs, wherever the build directory is moved to.
libs=${GSS_LIBS:--L$build/lib -lgssapi -Wl,-z,origin -Wl,-rpath,\$ORIGIN/../lib:\$ORIGIN/../../lib}
mkdir -p "$bin/c" "$bin/conditions" || exit 1

# newer OUTPUT INPUT...: whether OUTPUT is there and no INPUT is newer.
newer() {
	newer_output=$1
	shift
	[ -f "$newer_output" ] && [ -z "$(find "$@" -newer "$newer_output")" ]
}

# compile OUTPUT SOURCE...
compile() {
	compile_output=$1
	shift
	# shellcheck disable=SC2086 # lists of options
	${CC:-cc} $cflags -o "$compile_output" "$@" $libs -lpthread || exit 1
}

headers=$root/include
[ -z "$GSS_CFLAGS" ] || headers=
# shellcheck disable=SC2086
for program in client acceptor worker; do
	newer "$bin/$program" "$root/examples" $headers || compile "$bin/$program" "$root/examples/$program.c" \
		"$root/examples/common.c"
done
harness=$bin/.harness.o
# shellcheck disable=SC2086
newer "$harness" "$tests/c/harness.c" "$tests/c/harness.h" $headers ||
	${CC:-cc} $cflags -c -o "$harness" "$tests/c/harness.c" || exit 1
for source in "$tests"/c/*.c; do
	program=$(basename "$source" .c)
	case $program in
	harness) continue ;;
	esac
	# What only this library promises, or only FreeBSD's has, is not built with another.
	if [ -n "$GSS_CFLAGS" ] && [ ! -f "$tests/c/expected/$program.txt" ] && [ -z "$RECORD" ]; then
		continue
	fi
	# shellcheck disable=SC2086
	newer "$bin/c/$program" "$source" "$harness" || compile "$bin/c/$program" "$source" "$harness"
done
# The rest is for this library only.
[ -z "$GSS_CFLAGS" ] || exit 0
for source in "$tests"/tools/*.c; do
	program=$(basename "$source" .c)
	# shellcheck disable=SC2086
	newer "$bin/$program" "$source" || ${CC:-cc} $cflags -o "$bin/$program" "$source" || exit 1
done
# sentence SOURCE: the first one of the first comment after the licence, without the program's own name.
sentence() {
	awk 'FNR == 1 { next }
	{ line = $0; last = sub(/ *\*\/.*/, "", line); sub(/^ ?\/?\*+ ?/, "", line); text = text " " line }
	last { exit }
	END {
		gsub(/^ +| +$/, "", text)
		sub(/^[a-z_0-9]+: /, "", text)
		sub(/\. [A-Z].*/, "", text)
		sub(/\.$/, "", text)
		print text
	}' "$1"
}
for source in "$tests"/c/*.c; do
	program=$(basename "$source" .c)
	[ "$program" = harness ] || printf '%s\t%s\n' "$program" "$(sentence "$source")"
done >"$bin/c.txt"
if grep '	$' "$bin/c.txt"; then
	echo "build.sh: these programs do not say what they prove" >&2
	exit 1
fi
# Bad surroundings.
for source in "$tests"/conditions/*.c; do
	program=$(basename "$source" .c)
	[ "$program" != condition ] || continue
	# shellcheck disable=SC2086
	newer "$bin/conditions/$program" "$source" "$harness" "$tests/conditions/condition.c" \
		"$tests/conditions/condition.h" $headers ||
		compile "$bin/conditions/$program" "$source" "$tests/conditions/condition.c" "$harness"
done
