# SPDX-License-Identifier: BSD-2-Clause
# What the scripts of this directory share. They are for bash on Debian; read with "." from a script here.
#
# Environment:
#	BUILD		the build directory (default: build beside tests)
#	INTEROP_OURS	whose library plays ours: ours (default), mit or heimdal; with those the scripts prove themselves
#	KEEP		if set, the directory with all logs stays and is named
# A script exits with 0, or 1 if a check failed, or 77 if a package is missing (1 if CI is set).

set -u
LC_ALL=C
TZ=UTC
export LC_ALL TZ
unset KRB5_CONFIG KRB5CCNAME KRB5_KTNAME KRB5_CLIENT_KTNAME KRB5RCACHENAME KRB5RCACHETYPE KRB5RCACHEDIR KRB5_KDC_PROFILE
PATH=$PATH:/usr/sbin:/sbin

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$(mkdir -p "${BUILD:-$root/build}" && cd "${BUILD:-$root/build}" && pwd)
ours=${INTEROP_OURS:-ours}
work=$(mktemp -d "${TMPDIR:-/tmp}/interop.XXXXXX")
passed=0
failed=0
declare -A pids=()

cleanup() {
	local name
	for name in "${!pids[@]}"; do
		stop "$name"
	done
	if [ -n "${KEEP:-}" ]; then
		echo "# kept: $work"
	else
		rm -rf "$work"
	fi
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

# ok and not_ok count a check; not_ok shows the end of a file as the reason.
ok() {
	passed=$((passed + 1))
	echo "ok - $1"
}

not_ok() {
	failed=$((failed + 1))
	echo "not ok - $1"
	if [ $# -gt 1 ] && [ -e "$2" ]; then
		tail -n 12 "$2" | cut -c 1-300 | sed 's/^/#   /'
	fi
}

# check NAME COMMAND...: the command must succeed; its output is the reason if not. Bounded in time.
check() {
	local name=$1
	shift
	if limited "$@" >"$work/out" 2>&1; then
		ok "$name"
	else
		echo "exit status $?: $*" >>"$work/out"
		not_ok "$name" "$work/out"
	fi
}

# refused NAME PATTERN COMMAND...: the command must fail (not crash, not hang) and say so with that pattern.
refused() {
	local name=$1 pattern=$2 status
	shift 2
	limited "$@" >"$work/out" 2>&1
	status=$?
	if [ $status -ne 0 ] && [ $status -lt 124 ] && grep -qiE -e "$pattern" "$work/out"; then
		ok "$name"
	else
		echo "exit status $status, wanted /$pattern/: $*" >>"$work/out"
		not_ok "$name" "$work/out"
	fi
}

# limited runs a program or a shell function for at most 40 s.
limited() {
	if [ "$(type -t "$1")" = function ]; then
		"$@"
	else
		timeout -k 2 40 "$@"
	fi
}

# found PATTERN FILE: waits 3 s at most for a line.
found() {
	local i
	for i in $(seq 30); do
		grep -qE -e "$1" "$2" 2>/dev/null && return 0
		sleep 0.1
	done
	echo "no line /$1/ in ${2##*/}:"
	tail -n 12 "$2"
	return 1
}

finish() {
	echo "$passed passed, $failed failed"
	[ $failed -eq 0 ] && [ $passed -gt 0 ]
	exit
}

# need PROGRAM PACKAGE [PROGRAM PACKAGE]...: or the script ends here.
need() {
	local packages=
	while [ $# -gt 1 ]; do
		command -v "$1" >/dev/null || packages="$packages $2"
		shift 2
	done
	[ -z "$packages" ] || lacking $packages
}

lacking() {
	echo "lacking - apt-get install $(printf '%s\n' "$@" | sort -u | tr '\n' ' ')"
	[ -z "${CI:-}" ] || exit 1
	exit 77
}

# start NAME COMMAND...: in the background, output to $work/NAME.log.
start() {
	local name=$1
	shift
	"$@" >"$work/$name.log" 2>&1 </dev/null &
	pids[$name]=$!
}

# stop NAME: ends what was started, and waits for it.
stop() {
	local pid=${pids[$1]:-} i
	[ -n "$pid" ] || return 0
	unset "pids[$1]"
	kill "$pid" 2>/dev/null
	for i in $(seq 50); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	kill -9 "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	return 0
}

# listening PORT: is there a TCP or UDP socket of 127.0.0.1 or any address?
listening() {
	local hex
	hex=$(printf %04X "$1")
	grep -qE "^ *[0-9]+: (0100007F|00000000|0{32}):$hex " /proc/net/tcp /proc/net/udp /proc/net/tcp6 2>/dev/null
}

free_port() {
	local p
	while :; do
		p=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
		if ! listening "$p"; then
			echo "$p"
			return
		fi
	done
}

wait_port() {
	local i
	for i in $(seq 100); do
		listening "$1" && return 0
		sleep 0.1
	done
	return 1
}

# peers FLAVOUR: builds gss-sample-client and -server with that library; sets client_FLAVOUR and server_FLAVOUR.
peers() {
	local flavour=$1 with=$1 dir cflags libs p
	[ "$flavour" != ours ] || with=$ours
	dir=$build/interop/$flavour-$with
	case $with in
	ours)
		if [ ! -e "$build/lib/libgssapi.so.10" ]; then
			echo "not ok - $build/lib/libgssapi.so.10 is not built"
			exit 1
		fi
		cflags=-I$build/include
		[ -d "$build/include/gssapi" ] || cflags=-I$root/include
		libs="-L$build/lib -Wl,-rpath,$build/lib -lgssapi"
		;;
	mit)
		[ -e /usr/include/mit-krb5/gssapi/gssapi.h ] || lacking libkrb5-dev
		cflags=-I/usr/include/mit-krb5
		libs="-lgssapi_krb5"
		;;
	heimdal)
		[ -e /usr/include/heimdal/gssapi/gssapi.h ] || lacking heimdal-multidev
		cflags=-I/usr/include/heimdal
		libs="-L/usr/lib/x86_64-linux-gnu/heimdal -lgssapi"
		;;
	esac
	mkdir -p "$dir"
	for p in client server; do
		if [ ! -x "$dir/gss-sample-$p" ] || [ -n "$(find "$here" -newer "$dir/gss-sample-$p" -name '*[ms]*.[ch]')" ]; then
			${CC:-cc} -std=c99 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -g $cflags -o "$dir/gss-sample-$p.new" \
			    "$here/gss-sample-$p.c" "$here/sample.c" $libs || exit 1
			mv "$dir/gss-sample-$p.new" "$dir/gss-sample-$p"
		fi
	done
	eval "client_$flavour=\$dir/gss-sample-client server_$flavour=\$dir/gss-sample-server"
}

enctypes="17 18 19 20"

enctype_name() {
	case $1 in
	17) echo aes128-cts-hmac-sha1-96 ;;
	18) echo aes256-cts-hmac-sha1-96 ;;
	19) echo aes128-cts-hmac-sha256-128 ;;
	20) echo aes256-cts-hmac-sha384-192 ;;
	esac
}

# client_conf FILE REALM PORT [LINE]...: a krb5.conf whose KDC is at PORT, with further lines of [libdefaults].
client_conf() {
	local file=$1 realm=$2 port=$3
	shift 3
	{
		printf '[libdefaults]\n\tdefault_realm = %s\n\tdns_lookup_kdc = false\n\tdns_lookup_realm = false\n' "$realm"
		printf '\tdns_canonicalize_hostname = false\n\trdns = false\n\tforwardable = true\n'
		[ $# -eq 0 ] || printf '\t%s\n' "$@"
		printf '[realms]\n\t%s = {\n\t\tkdc = 127.0.0.1:%s\n\t}\n' "$realm" "$port"
		printf '[domain_realm]\n\tlocalhost = %s\n' "$realm"
	} >"$file"
}

# kinit_alice CCACHE: alice's password is "alice-password".
kinit_alice() {
	echo alice-password | kinit -c "$1" alice >"$work/kinit.log" 2>&1 || {
		not_ok "kinit" "$work/kinit.log"
		finish
	}
}

# mit_realm: MIT's KDC for MIT.TEST on $kdc_port, keytab $work/keytab with demo/localhost (all enctypes) and aesN/localhost
# (one each), user alice; krb5.conf in $work/krb5.conf and, with one permitted enctype, $work/krb5-N.conf.
mit_realm() {
	local e all= script=$work/kadmin.in
	need krb5kdc krb5-kdc kadmin.local krb5-admin-server kinit krb5-user kvno krb5-user klist krb5-user
	kdc_port=$(free_port)
	realm=MIT.TEST
	for e in $enctypes; do
		all="$all $(enctype_name "$e"):normal"
	done
	mkdir -p "$work/db"
	cat >"$work/kdc.conf" <<-END
		[kdcdefaults]
			kdc_listen = 127.0.0.1:$kdc_port
			kdc_tcp_listen = 127.0.0.1:$kdc_port
		[realms]
			$realm = {
				database_name = $work/db/principal
				key_stash_file = $work/db/stash
				acl_file = $work/db/acl
				supported_enctypes = $all
				max_life = 10h
				max_renewable_life = 7d
			}
	END
	client_conf "$work/krb5.conf" "$realm" "$kdc_port"
	for e in $enctypes; do
		client_conf "$work/krb5-$e.conf" "$realm" "$kdc_port" "permitted_enctypes = $(enctype_name "$e")"
	done
	{
		echo "addprinc -pw alice-password alice"
		echo "addprinc -randkey demo/localhost"
		echo "ktadd -k $work/keytab demo/localhost"
		for e in $enctypes; do
			echo "addprinc -randkey -e $(enctype_name "$e"):normal aes$e/localhost"
			echo "ktadd -k $work/keytab -e $(enctype_name "$e"):normal aes$e/localhost"
		done
	} >"$script"
	export KRB5_CONFIG=$work/krb5.conf
	if ! KRB5_KDC_PROFILE=$work/kdc.conf kdb5_util -r "$realm" create -s -P master >"$work/kdb5_util.log" 2>&1 ||
	    ! KRB5_KDC_PROFILE=$work/kdc.conf kadmin.local -r "$realm" <"$script" >"$work/kadmin.log" 2>&1; then
		not_ok "MIT's database" "$work/kadmin.log"
		finish
	fi
	mit_kdc_start
	export KRB5_KTNAME=FILE:$work/keytab
	export KRB5RCACHENAME=dfl: KRB5RCACHEDIR=$work
}

mit_kdc_start() {
	start kdc env KRB5_CONFIG="$work/krb5.conf" KRB5_KDC_PROFILE="$work/kdc.conf" krb5kdc -n -r "$realm"
	if ! wait_port "$kdc_port"; then
		not_ok "MIT's KDC listens" "$work/kdc.log"
		finish
	fi
}
