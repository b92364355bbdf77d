#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh SECONDS [SEED [PART...]]: hammers the library in BUILD for so long, a third of the time with each part:
#
#	api		random calls from threads and children (api/api.c), half of the time with each front
#	messages	changed tokens and messages, to our library and to MIT's (messages/messages.c)
#	kdc		replies of a KDC that were changed on the way (kdc/main.go, client.c)
#
# Without an hour to spare a minute finds what is often; the same seed does the same again, as far as threads and clocks
# let it. Prints "ok" or "not ok" for each part; a seed with what failed. Environment:
#	BUILD	the build directory (default: build)
#	FIGURES	print what was called or changed, how often
# A part that lacks a package says so and counts as passed, unless CI is set.

seconds=${1:-60}
seed=${2:-}
[ $# -lt 2 ] || shift
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- api messages kdc
here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
cd "$top" || exit 1
. tests/lib.sh
build=$(cd "${BUILD:-build}" && pwd) || exit 1
programs=$build/hammer
LC_ALL=C
TZ=UTC
export LC_ALL TZ
[ -n "$seed" ] || seed=$(($(date +%s) % 1000000000))

dir=$(mktemp -d "${TMPDIR:-/tmp}/hammer.XXXXXX") || exit 1
finish() {
	limit_stop
	realm_stop
	rm -rf "$dir"
}
trap 'finish; exit 1' HUP INT TERM

# compile PROGRAM OPTION... SOURCE...: where a source is newer.
compile() {
	compile_program=$1
	shift
	[ -x "$programs/$compile_program" ] &&
		[ -z "$(find "$here" tests/interop include "$build/gen/functions.h" -name '*.[ch]' -newer "$programs/$compile_program")" ] && return 0
	mkdir -p "$programs"
	# shellcheck disable=SC2086 # a list of options
	${CC:-cc} -std=gnu99 ${CFLAGS:--O2 -g} -Wall -Wextra -Werror -Iinclude -o "$programs/$compile_program.$$" "$@" \
		-ldl -lpthread && mv "$programs/$compile_program.$$" "$programs/$compile_program" && return 0
	echo "run.sh: $compile_program does not build" >&2
	finish
	exit 2
}

failed=0
# verdict PART STATUS
verdict() {
	[ "$2" -eq 0 ] || [ "$2" -eq 77 ] || {
		echo "not ok - $1, seed $seed: exit status $2"
		failed=$((failed + 1))
	}
}

# logins DIR: what the program finds in its directory.
logins() {
	mkdir "$1"
	realm_kinit alice "$1/cc.tgt" && realm_kinit bob "$1/cc.bob" &&
		"$realm_kdc" ticket -config "$realm_dir/kdc.json" -start -2h -end -1h -c "$1/cc.expired" "alice@$REALM" \
			"krbtgt/$REALM@$REALM" || exit 1
	cp "$realm_dir/krb5.keytab" "$realm_dir/alice.keytab" "$1"
	cp "$1/cc.tgt" "$1/cc"
	od -An -tx1 -N 3000 /dev/urandom >"$1/noise"
	TEST_DIR=$1 KRB5CCNAME=FILE:$1/cc KRB5RCACHEDIR=$1
	export TEST_DIR KRB5CCNAME KRB5RCACHEDIR
}

api() {
	compile api -I"$build/gen" -Icapi/front/abi "$here"/api/*.c
	realm_start "$build" "$dir/realm.api" || return
	for front in libgssapi.so.10 libgssapi_krb5.so.2; do
		logins "$dir/api.$front"
		limit $(($1 + 300)) "$programs/api" "$build/lib/$front" $((($1 + 1) / 2)) "$seed" || return
	done
	realm_stop
}

messages() {
	compile messages "$here"/messages/*.c tests/interop/peers.c
	BUILD=$build limit $(($1 + 300)) bash tests/hammer/messages.sh "$1" "$seed"
}

kdc() {
	command -v go >/dev/null || {
		echo "lacking - go"
		return 77
	}
	compile client "$here/client.c" -L"$build/lib" -lgssapi
	go build -trimpath -buildvcs=false -o "$programs/kdc.$$" ./tests/hammer/kdc && mv "$programs/kdc.$$" "$programs/kdc" || return
	realm_start "$build" "$dir/realm.kdc" || return
	LD_LIBRARY_PATH=$build/lib limit $(($1 + 200)) "$programs/kdc" -realm "$dir/realm.kdc" -client "$programs/client" \
		-seconds "$1" -seed "$seed"
}

parts=$#
for part; do
	# A part that ends early leaves its realm behind.
	$part $((seconds / parts))
	verdict "$part" $?
	realm_stop
done
finish
[ "$failed" -eq 0 ]
