# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What the scripts of this directory share. They are for bash on Debian, and read this file with ".".
#
# Environment:
#	BUILD		the build directory (default: build beside tests)
#	INTEROP_OURS	whose library takes the place of ours: ours (default), mit or heimdal; mit and heimdal test the scripts
#	KEEP		if set, the directory with all logs is kept, and named
# A script exits with 0, or 1 if a check failed, or 77 if a package is missing (1 if CI is set).

set -u
LC_ALL=C
TZ=UTC
export LC_ALL TZ
umask 022 # servers change users
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

# ok NAME and not_ok NAME [FILE] count a check; not_ok shows the end of the file as the reason.
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

# check NAME COMMAND...: the command must succeed; its output is the reason if not. Bounded in time, see limited.
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

# refused NAME PATTERN COMMAND...: the command must fail (not crash, not hang), and its output must match the pattern.
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

# limited runs a program for at most a minute. A shell function bounds its programs itself.
limited() {
	if [ "$(type -t "$1")" = function ]; then
		"$@"
	else
		timeout -k 2 "$busy" "$@"
	fi
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
	local left=$(($1 * 10))
	shift
	until "$@" >/dev/null 2>&1; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || return 1
		sleep 0.1
	done
}

# busy is how long the machine may take, in seconds, for what takes a moment.
busy=60

# found PATTERN FILE: waits for a line.
found() {
	wait_for $busy grep -qE -e "$1" "$2" && return 0
	echo "no line /$1/ in ${2##*/}:"
	tail -n 12 "$2"
	return 1
}

# give_up NAME [FILE]: without this check the script cannot go on.
give_up() {
	not_ok "$@"
	finish
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

lacking() { skip "apt-get install $(printf '%s\n' "$@" | sort -u | tr '\n' ' ')"; }

# need_root REASON: or the script ends here.
need_root() { [ "$(id -u)" = 0 ] || skip "root: $1"; }

skip() {
	echo "lacking - $1"
	[ -z "${CI:-}" ] || exit 1
	exit 77
}

# start NAME COMMAND...: in the background, output to $work/NAME.log.
start() {
	local name=$1
	shift
	rm -f "$work/$name.log" # so that nobody finds in it what an earlier process said
	"$@" >"$work/$name.log" 2>&1 </dev/null &
	pids[$name]=$!
}

# stop NAME: ends a process that was started, and waits for it.
stop() {
	local pid=${pids[$1]:-} i
	[ -n "$pid" ] || return 0
	unset "pids[$1]"
	kill "$pid" 2>/dev/null
	for i in $(seq $((10 * busy))); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	kill -9 "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	return 0
}

# socket PORT [STATES]: whether a TCP or UDP socket is bound to 127.0.0.1 or any address, in one of these states of /proc/net.
socket() {
	local hex
	hex=$(printf %04X "$1")
	grep -qE "^ *[0-9]+: (0100007F|00000000|0{32}):$hex [0-9A-F]+:[0-9A-F]+ ${2:-..} " /proc/net/tcp /proc/net/udp /proc/net/tcp6 \
	    2>/dev/null
}

# listening PORT: whether a process listens there. Sockets that are left of earlier connections do not count.
listening() { socket "$1" '(0A|07)'; }

free_port() {
	local p
	while :; do
		p=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
		if ! socket "$p"; then
			echo "$p"
			return
		fi
	done
}

wait_port() { wait_for $busy listening "$1"; }

# must_listen NAME PORT LOG...: or the script ends here.
must_listen() {
	local name=$1 port=$2
	shift 2
	wait_port "$port" && return
	cat "$@" >"$work/out"
	give_up "$name listens" "$work/out"
}

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

# peers FLAVOUR: builds gss-sample-client and -server with that library; sets client_FLAVOUR and server_FLAVOUR.
peers() {
	local flavour=$1 with=$1 dir p
	[ "$flavour" != ours ] || with=$ours
	dir=$build/interop/$flavour-$with
	mkdir -p "$dir"
	for p in client server; do
		outdated "$dir/gss-sample-$p" "$here"/*sample*.[ch] || continue
		cc_with "$flavour" -D_POSIX_C_SOURCE=200809L -o "$dir/gss-sample-$p.new" "$here/gss-sample-$p.c" "$here/sample.c"
		mv "$dir/gss-sample-$p.new" "$dir/gss-sample-$p"
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
	16) echo des3-cbc-sha1 ;;
	23) echo arcfour-hmac ;;
	25) echo camellia128-cts-cmac ;;
	26) echo camellia256-cts-cmac ;;
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
	echo alice-password | kinit -c "$1" alice >"$work/kinit.log" 2>&1 || give_up "kinit" "$work/kinit.log"
}

# mit_realm [LINE]...: MIT's KDC for MIT.TEST on $kdc_port, keytab $work/keytab with demo/localhost (all enctypes) and
# aesN/localhost (one each), user alice; krb5.conf in $work/krb5.conf, with one permitted enctype in $work/krb5-N.conf.
mit_realm() {
	local e all=
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
	client_conf "$work/krb5.conf" "$realm" "$kdc_port" "$@"
	for e in $enctypes; do
		client_conf "$work/krb5-$e.conf" "$realm" "$kdc_port" "permitted_enctypes = $(enctype_name "$e")" "$@"
	done
	export KRB5_CONFIG=$work/krb5.conf
	KRB5_KDC_PROFILE=$work/kdc.conf kdb5_util -r "$realm" create -s -P master >"$work/kdb5_util.log" 2>&1 ||
	    give_up "MIT's database" "$work/kdb5_util.log"
	{
		echo "addprinc -pw alice-password alice"
		echo "addprinc -randkey demo/localhost"
		echo "ktadd -k $work/keytab demo/localhost"
		for e in $enctypes; do
			echo "addprinc -randkey -e $(enctype_name "$e"):normal aes$e/localhost"
			echo "ktadd -k $work/keytab -e $(enctype_name "$e"):normal aes$e/localhost"
		done
	} | mit_kadmin || give_up "MIT's database" "$work/kadmin.log"
	mit_kdc_start
	export KRB5_KTNAME=FILE:$work/keytab
	export KRB5RCACHENAME=dfl: KRB5RCACHEDIR=$work
}

mit_kdc_start() {
	start kdc env KRB5_CONFIG="$work/krb5.conf" KRB5_KDC_PROFILE="$work/kdc.conf" krb5kdc -n -r "$realm"
	must_listen "MIT's KDC" "$kdc_port" "$work/kdc.log"
}

# mit_kadmin [LINE]...: has kadmin.local do what the lines say, or else its input.
mit_kadmin() {
	if [ $# -eq 0 ]; then cat; else printf '%s\n' "$@"; fi |
	    KRB5_KDC_PROFILE=$work/kdc.conf kadmin.local -r "$realm" >"$work/kadmin.log" 2>&1
}

# mit_service KEYTAB SERVICE...: keys for more services, from the running MIT KDC.
mit_service() {
	local keytab=$1 s
	shift
	for s in "$@"; do
		echo "addprinc -randkey $s"
		echo "ktadd -k $keytab $s"
	done | mit_kadmin
	[ -s "$keytab" ] || give_up "keys of $*" "$work/kadmin.log"
}

# mit_ldap_realm [LINE]...: replaces the KDC of mit_realm by one with a database in LDAP, which alone can hold a service's right
# to act at others. It has alice, and what kadmin.local makes of the lines.
mit_ldap_realm() {
	need slapd slapd ldapmodify ldap-utils kdb5_ldap_util krb5-kdc-ldap
	stop kdc
	ldap=ldapi://$(echo "$work/ldapi" | sed 's,/,%2F,g')
	gunzip -c /usr/share/doc/krb5-kdc-ldap/kerberos.schema.gz >"$work/kerberos.schema"
	mkdir "$work/ldap"
	cat >"$work/slapd.conf" <<-END
		include /etc/ldap/schema/core.schema
		include /etc/ldap/schema/cosine.schema
		include $work/kerberos.schema
		moduleload back_mdb
		pidfile $work/slapd.pid
		database mdb
		suffix dc=test
		rootdn "gidNumber=$(id -g)+uidNumber=$(id -u),cn=peercred,cn=external,cn=auth"
		directory $work/ldap
	END
	start slapd slapd -h "$ldap" -f "$work/slapd.conf" -d none
	wait_for $busy ldapsearch -Q -Y EXTERNAL -H "$ldap" -b '' -s base
	cat >"$work/kdc.conf" <<-END
		[kdcdefaults]
			kdc_listen = 127.0.0.1:$kdc_port
			kdc_tcp_listen = 127.0.0.1:$kdc_port
		[realms]
			$realm = {
				database_module = ldap
				key_stash_file = $work/db/stash.ldap
			}
		[dbmodules]
			ldap = {
				db_library = kldap
				ldap_kerberos_container_dn = cn=krb,dc=test
				ldap_kdc_sasl_mech = EXTERNAL
				ldap_kadmind_sasl_mech = EXTERNAL
				ldap_servers = $ldap
			}
	END
	{
		printf 'dn: dc=test\nobjectClass: domain\ndc: test\n' | ldapadd -Q -Y EXTERNAL -H "$ldap" &&
		    KRB5_KDC_PROFILE=$work/kdc.conf kdb5_ldap_util create -H "$ldap" -r "$realm" -subtrees dc=test -s -P master
	} >"$work/ldap.log" 2>&1 || give_up "a database in LDAP" "$work/ldap.log"
	mit_kadmin 'addprinc -pw alice-password alice' "$@" || give_up "what is in the database" "$work/kadmin.log"
	mit_kdc_start
}

# mit_may_act SERVICE OTHER: the service may act for users at another one.
mit_may_act() {
	ldapmodify -Q -Y EXTERNAL -H "$ldap" >"$work/ldap.log" 2>&1 <<-END || give_up "rights of $1" "$work/ldap.log"
		dn: krbPrincipalName=$1@$realm,cn=$realm,cn=krb,dc=test
		changetype: modify
		add: krbAllowedToDelegateTo
		krbAllowedToDelegateTo: $2@$realm
	END
}

# Debian's own programs, unchanged, with our libgssapi_krb5.so.2 or MIT's. With INTEROP_OURS=mit all use MIT's.

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

# start_server PROGRAM [ARGUMENT]...: one of our sample servers; sets port.
start_server() {
	start server "$@"
	found '^port' "$work/server.log" >/dev/null || give_up "the server listens" "$work/server.log"
	port=$(sed -n 's/^port //p' "$work/server.log")
}

# What gss-sample-server and MIT's gss-server say about a connection, in $work/server.log.

# begun FILE: remembers its length, so that since FILE prints only what was added later.
begun() { mark=$(wc -c <"$1"); }
since() { tail -c +$((mark + 1)) "$1"; }

# flags_seen WANTED UNWANTED: whether settle has found these flags and not those, in the words of gss-server or ours.
flags_seen() {
	local f log=$work/since
	for f in conf integ $1; do
		case $f in sequence) upper=SEQUENCE ;; *) upper=${f^^} ;; esac
		if ! grep -qE "^(context flag: GSS_C_${upper}_FLAG|flags:.* $f( |\$))" "$log"; then
			echo "the server does not show flag $f"
			cat "$log"
			return 1
		fi
	done
	for f in $2; do
		upper=${f^^}
		if grep -qE "^(context flag: GSS_C_${upper}_FLAG|flags:.* $f( |\$))" "$log"; then
			echo "the server shows flag $f, which was not asked for"
			cat "$log"
			return 1
		fi
	done
}

# settle LOG PATTERN: waits until the server has written its last line on this connection.
settle() {
	for _ in $(seq $((50 * busy))); do
		since "$1" >"$work/since"
		grep -qE "$2" "$work/since" && return 0
		sleep 0.02
	done
	echo "the server did not say /$2/:"
	cat "$work/since"
	return 1
}

# with_server_log COMMAND...: runs it, then shows what the server said.
with_server_log() {
	local status
	begun "$work/server.log"
	timeout $busy "$@"
	status=$?
	settle "$work/server.log" 'connection ended' && cat "$work/since"
	return $status
}

# sample_run CLIENT OPTIONS WANTED UNWANTED: one connection of a sample client to the running sample server.
sample_run() {
	begun "$work/server.log"
	timeout $busy "$1" $2 "$port" "$service" "hello from $1" || return
	settle "$work/server.log" 'connection ended: good' || return
	grep -q "^accepted: alice@$realm" "$work/since" || { cat "$work/since"; return 1; }
	flags_seen "$3" "$4" || return
	case $2 in
	*-d*)
		grep -q "^the delegated credentials speak as: alice@$realm" "$work/since" || { cat "$work/since"; return 1; }
		;;
	esac
}

# On each line options, the flags that the server must see besides conf and integ, and those that it must not see.
sample_options="
|mutual replay|sequence deleg
-nomutual|replay|mutual sequence
-noreplay|mutual|replay
-nomutual -noreplay -seq|sequence|mutual replay
-nx|mutual replay|
-nw|mutual replay|
-nm|mutual replay|
-n 3 -seq|sequence|
-d|mutual replay deleg|
"

# sample_pair NAME CLIENT_FLAVOUR SERVER_FLAVOUR: all options, sizes and channel bindings between sample programs of two
# libraries, for $service.
sample_pair() {
	local name=$1 client server opts want unwanted size
	eval "client=\$client_$2 server=\$server_$3"
	start_server "$server" -u "$service" "$service"
	while IFS='|' read -r opts want unwanted; do
		[ -n "$opts$want$unwanted" ] || continue
		# Without mutual authentication Heimdal's initiator expects the acceptor to number its messages from 0, while
		# acceptors (MIT's, Heimdal's own, ours) begin with the initiator's number: no answer can be in sequence.
		case $2$opts in heimdal*-nomutual*-seq*) opts="$opts -nm" ;; esac
		check "$name: $opts" sample_run "$client" "$opts" "$want" "$unwanted"
	done <<<"$sample_options"
	for size in 0 1 16 65536; do
		check "$name: $size octets" "$client" -s $size "$port" "$service" -
		check "$name: $size octets, not encrypted" "$client" -nx -s $size "$port" "$service" -
	done
	stop server
	start_server "$server" -e -b "channel 1" "$service"
	check "$name: the server moves the context" "$client" -n 3 -seq -b "channel 1" "$port" "$service" hello
	check "$name: same channel bindings" "$client" -b "channel 1" "$port" "$service" hello
	refused "$name: other channel bindings" "channel.binding|bindings" \
	    with_server_log "$client" -b "channel 2" "$port" "$service" hello
	stop server
}

# unpacked DIR FILE PACKAGE...: unpacks the packages in a directory unless FILE is there already. apt-get's output is in apt.log.
unpacked() {
	local dir=$1 file=$2 d
	shift 2
	[ ! -e "$dir/$file" ] || return 0
	mkdir -p "$dir/deb"
	(cd "$dir/deb" && apt-get download "$@") >"$work/apt.log" 2>&1
	for d in "$dir"/deb/*.deb; do
		[ -e "$d" ] && dpkg -x "$d" "$dir"
	done
}

# heimdal_find: sets heimdal_PROGRAM for kdc, kadmin, kinit, klist (whose first argument must be klist) and kgetcred.
# Debian's packages conflict with MIT's KDC. If they are not installed, they are unpacked below the build directory.
heimdal_find() {
	local dir=$build/heimdal
	if [ -x /usr/lib/heimdal-servers/kdc ] && [ -x /usr/bin/kadmin.heimdal ]; then
		dir=
	else
		unpacked "$dir" usr/lib/heimdal-servers/kdc heimdal-kdc heimdal-clients
	fi
	heimdal_kdc=$dir/usr/lib/heimdal-servers/kdc
	heimdal_kadmin=$dir/usr/bin/kadmin.heimdal
	heimdal_kinit=$dir/usr/bin/kinit.heimdal
	heimdal_klist=$dir/usr/bin/heimtools
	heimdal_kgetcred=$dir/usr/bin/kgetcred
	[ -x "$heimdal_kdc" ] || { sed 's/^/# /' "$work/apt.log"; lacking heimdal-kdc heimdal-clients; }
	if ldd "$heimdal_kdc" "$heimdal_kadmin" | grep -q 'not found'; then
		lacking libkdc2-heimdal libkadm5srv8-heimdal libgssapi3-heimdal libkrb5-26-heimdal libotp0-heimdal
	fi
}

# heimdal_realm: Heimdal's KDC for HEIMDAL.TEST; otherwise as mit_realm. krb5-N.conf is for both libraries.
heimdal_realm() {
	local e f keys=
	heimdal_find
	kdc_port=$(free_port)
	realm=HEIMDAL.TEST
	for e in $enctypes; do
		keys="$keys $(enctype_name "$e"):pw-salt"
		client_conf "$work/krb5-$e.conf" "$realm" "$kdc_port" "permitted_enctypes = $(enctype_name "$e")" \
		    "default_etypes = $(enctype_name "$e")"
	done
	client_conf "$work/krb5.conf" "$realm" "$kdc_port"
	client_conf "$work/kdc.conf" "$realm" "$kdc_port"
	cat >>"$work/kdc.conf" <<-END
		[kdc]
			database = {
				dbname = $work/hdb
				realm = $realm
				mkey_file = $work/mkey
				acl_file = $work/acl
				log_file = $work/hdb.log
			}
		[kadmin]
			default_keys = $keys
		[logging]
			kdc = FILE:$work/kdc.messages
	END
	kadmin_heimdal() { "$heimdal_kadmin" -l -c "$work/kdc.conf" -r "$realm" "$@" >>"$work/kadmin.log" 2>&1; }
	kadmin_heimdal init --realm-max-ticket-life=unlimited --realm-max-renewable-life=unlimited "$realm" &&
	    kadmin_heimdal add --use-defaults --password=alice-password alice &&
	    kadmin_heimdal add --use-defaults --random-key demo/localhost &&
	    kadmin_heimdal ext_keytab -k "FILE:$work/keytab" demo/localhost &&
	    for e in $enctypes; do
		kadmin_heimdal add --use-defaults --random-key "aes$e/localhost" &&
		    for f in $enctypes; do
			[ "$f" = "$e" ] || kadmin_heimdal del_enctype "aes$e/localhost" "$(enctype_name "$f")"
		    done
		kadmin_heimdal ext_keytab -k "FILE:$work/keytab" "aes$e/localhost"
	    done
	if [ "$(klist -k "$work/keytab" 2>/dev/null | grep -c localhost)" != 8 ]; then
		give_up "Heimdal's database" "$work/kadmin.log"
	fi
	echo alice-password >"$work/password"
	start kdc "$heimdal_kdc" -c "$work/kdc.conf" --addresses=127.0.0.1 --ports="$kdc_port/udp $kdc_port/tcp"
	must_listen "Heimdal's KDC" "$kdc_port" "$work/kdc.messages"
	export KRB5_CONFIG=$work/krb5.conf KRB5_KTNAME=FILE:$work/keytab
	export KRB5RCACHENAME=dfl: KRB5RCACHEDIR=$work
}

# heimdal_login CCACHE
heimdal_login() {
	"$heimdal_kinit" --password-file="$work/password" -f -c "$1" alice >"$work/kinit.log" 2>&1 ||
	    give_up "Heimdal's kinit" "$work/kinit.log"
}
