#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# gssproxy's daemon, which has the keys, and clients that have none: Debian's gss-client and gss-server, unchanged, with MIT's
# library and gssproxy's plug-in. The daemon has our library or MIT's. It hands contexts to its clients in MIT's form, which
# ours writes if krb5.conf says so, and keeps nothing between two of their calls: half-open contexts and credentials go to
# the client and come back. Contexts also go from either library to the other without a daemon (moved.c).
# As root, the daemon also acts for the account of a client at another service (S4U2Self and S4U2Proxy).

. "$(dirname "$0")/lib.sh"
need gss-client krb5-gss-samples gss-server krb5-gss-samples setpriv util-linux
[ -e /usr/include/mit-krb5/gssapi/gssapi.h ] || lacking libkrb5-dev

# Where the package is installed, each process with MIT's library loads the plug-in. So it is unpacked only.
unpacked "$build/gssproxy" usr/sbin/gssproxy gssproxy
proxy=$build/gssproxy/usr/sbin/gssproxy
plugin=$build/gssproxy/usr/lib/x86_64-linux-gnu/gssproxy/proxymech.so
[ -x "$proxy" ] || { sed 's/^/# /' "$work/apt.log"; lacking gssproxy; }
if ldd "$proxy" | grep -q 'not found'; then
	lacking libgssrpc4 libini-config5 libpopt0 libref-array1 libselinux1 libverto1 libverto-libev1
fi

enctypes="$enctypes 25 26"
mit_realm
programs_with
peers mit
kinit_alice "FILE:$work/alice" -f
printf 'gssproxy\t2.16.840.1.113730.3.8.15.1\t%s\t<interposer>\n' "$plugin" >"$work/mech"
export GSS_MECH_CONFIG=/dev/null KRB5_KTNAME=FILE:$work/none KRB5CCNAME=FILE:$work/none
{
	cat "$work/krb5.conf"
	printf '[libgssapi]\n\texport_sec_context = open\n\tformat = mit\n'
} >"$work/moved.conf"
proxied=(env "GSS_MECH_CONFIG=$work/mech" GSS_USE_PROXY=yes GSSPROXY_BEHAVIOR=REMOTE_ONLY "GSSPROXY_SOCKET=$work/socket")
# A client keeps the handle of its credential, which is encrypted for the daemon, in its own cache.
initiator() { env "KRB5CCNAME=FILE:$work/handle-$flavour" "${proxied[@]}" timeout $busy "$@"; }
alone=(env "KRB5_KTNAME=FILE:$work/keytab" "KRB5CCNAME=FILE:$work/alice")

# daemon FLAVOUR FORMAT SETTING...: the daemon, for processes of this account. FORMAT is that of contexts.
daemon() {
	local flavour=$1 format=$2
	shift 2
	use "$flavour"
	mkdir -p "$work/conf"
	{
		cat "$work/krb5.conf"
		printf '[libgssapi]\n\tgssproxy = {\n%s\t}\n' "$format"
	} >"$work/daemon.conf"
	{
		printf '[gssproxy]\n[service/test]\nmechs = krb5\neuid = %s\n' "$(id -u)"
		printf '%s\n' "$@"
	} >"$work/conf/gssproxy.conf"
	rm -f "$work/socket"
	start daemon env KRB5_CONFIG="$work/daemon.conf" "${with[@]}" "$proxy" -i -c "$work/conf/gssproxy.conf" -C "$work/conf" \
	    -s "$work/socket"
	wait_for $busy test -S "$work/socket" || { not_ok "the daemon listens" "$work/daemon.log"; finish; }
}
mit_form=$'\t\texport_sec_context = open\n\t\tformat = mit\n'
keys="cred_store = keytab:$work/keytab"
user="cred_store = ccache:FILE:$work/alice"

# server COMMAND...: Debian's gss-server, on $port.
server() {
	port=$(free_port)
	start server "$@" gss-server -port "$port" demo@localhost
	wait_port "$port" || { not_ok "gss-server listens" "$work/server.log"; finish; }
}

# client COMMAND...: Debian's gss-client with its options, as alice or another account.
account=alice
client() {
	begun "$work/server.log"
	"$@" -port "$port" localhost demo@localhost hello || return
	settle "$work/server.log" 'NOOP token|Received message' && grep -q "^Accepted connection: \"$account@$realm\"" "$work/since"
}

for flavour in mit ours; do
	name="daemon with $flavour"
	daemon $flavour "$mit_form" "$keys" "$user"

	server "${alone[@]}"
	check "$name: an initiator" client initiator gss-client
	check "$name: an initiator, in sequence" client initiator gss-client -seq
	check "$name: an initiator without mutual authentication" client initiator gss-client -nomutual
	check "$name: an initiator with SPNEGO" client initiator gss-client -spnego
	stop server

	server "${proxied[@]}"
	check "$name: an acceptor" client "${alone[@]}" gss-client
	check "$name: an acceptor with SPNEGO" client "${alone[@]}" gss-client -spnego
	check "$name: initiator and acceptor" client initiator gss-client
	stop server

	service=demo@localhost
	start_server "${proxied[@]}" "$server_mit" -u "$service" "$service"
	check "$name: an acceptor gets a delegated credential, and uses it" \
	    env "KRB5CCNAME=FILE:$work/alice" "$client_mit" -d "$port" "$service" hello
	stop server
	check "$name: the library" has $flavour "/proc/${pids[daemon]}/maps"
	stop daemon
done
# The key for handles is the keytab's, so either daemon takes them for its own. The credential is in them: it has no other.
for other in ours:mit mit:ours; do
	daemon "${other%:*}" "$mit_form" "$keys"
	server "${alone[@]}"
	flavour=none
	refused "daemon with ${other%:*}, without a credential" "error" client initiator gss-client
	flavour=${other#*:}
	check "daemon with ${other%:*}: a credential that the one with $flavour exported" client initiator gss-client
	stop server
	stop daemon
done

flavour=refused
server "${alone[@]}"
if [ "$ours" = ours ]; then
	daemon ours "" "$keys" "$user"
	refused "daemon with ours, contexts sealed: no client has one" "error" client initiator gss-client -nomutual
	stop daemon
fi
daemon ours "$mit_form" "$keys" "$user" "cred_usage = accept"
refused "daemon with ours, for acceptors: no initiator" "error" client initiator gss-client
stop daemon
stop server

# Without a daemon, in one process.
program=$build/interop/moved
mkdir -p "$build/interop"
sources="$here/moved.c $here/peers.c"
# shellcheck disable=SC2086 # a list of names
if [ ! -x "$program" ] || [ -n "$(find $sources "$here"/*.h -newer "$program")" ]; then
	${CC:-cc} -std=gnu99 -Wall -Wextra -Werror -O1 -g -I"$root/include" -o "$program" $sources -ldl || exit 1
fi
mits=$(ldconfig -p | awk '$1 == "libgssapi_krb5.so.2" { print $NF; exit }')
for e in $enctypes; do
	check "contexts in MIT's form, $(enctype_name "$e")" env KRB5_CONFIG="$work/moved.conf" "${alone[@]}" "$program" \
	    "$build/lib/libgssapi.so.10" "$mits" "aes$e@localhost"
done

if [ "$(id -u)" != 0 ]; then
	echo "# not root: the daemon acts for nobody"
	finish
fi

# The daemon acts for the account of its client.
mit_ldap_realm "addprinc -randkey nobody" "addprinc -randkey +ok_to_auth_as_delegate HTTP/localhost" \
    "ktadd -k $work/http.keytab HTTP/localhost" "addprinc -randkey demo/localhost" "ktadd -k $work/demo.keytab demo/localhost"
mit_may_act HTTP/localhost demo/localhost
mkdir "$work/nobody"
cp "$plugin" "$work/proxymech.so"
sed -i "s,$plugin,$work/proxymech.so," "$work/mech"
chmod 755 "$work/proxymech.so"
chmod 644 "$work/mech" "$work/krb5.conf"
chown nobody "$work/nobody"
account=nobody
server env "KRB5_KTNAME=FILE:$work/demo.keytab"
for flavour in mit ours; do
	daemon $flavour "$mit_form" "cred_store = keytab:$work/http.keytab" "cred_store = ccache:FILE:$work/acting-$flavour" \
	    "allow_any_uid = yes" "impersonate = yes" "krb5_principal = HTTP/localhost"
	check "daemon with $flavour: acts for another account" client env "KRB5CCNAME=FILE:$work/nobody/$flavour" "${proxied[@]}" \
	    setpriv --reuid=nobody --clear-groups gss-client
	stop daemon
done
finish
