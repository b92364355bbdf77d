#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Java with JGSS by the C library (sun.security.jgss.native): a client and a server in OpenJDK, each with our library or MIT's.
# Many threads have contexts, and the machine needs SIGSEGV for itself. A JDK is large, so that run.sh leaves this out: run it
# by hand after changes of signal handlers, threads or names.

. "$(dirname "$0")/../lib.sh"
need javac openjdk-17-jdk-headless
mit_realm
programs_with
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME" -f
javac -d "$work" "$here/slow/Jgss.java" >"$work/javac.log" 2>&1 || give_up "the program is compiled" "$work/javac.log"

# java_with FLAVOUR: as use. Without a name Java looks for libgssapi.so first.
java_with() {
	use "$1"
	with+=(java -Xss256k -cp "$work" -Dsun.security.jgss.native=true -Dsun.security.jgss.lib=libgssapi_krb5.so.2
	    -Djavax.security.auth.useSubjectCredsOnly=false Jgss)
}

client() {
	java_with "$1"
	timeout 120 "${with[@]}" client "$port" demo@localhost >"$work/client" 2>"$work/client.log" &&
	    diff "$work/wanted" "$work/client" && return
	tail -n 20 "$work/client.log"
	tail -n 10 "$work/server.log"
	return 1
}

seen="client alice@$realm conf true"
cat >"$work/wanted" <<END
krb5: $seen server demo@localhost
spnego: $seen server demo@localhost
delegate: $seen delegated alice@$realm server demo@localhost
spnego delegate: $seen delegated alice@$realm server demo@localhost
export: $seen server demo@localhost
spnego export: $seen server demo@localhost
bind: $seen server demo@localhost
another channel: refused
threads: 100
faults: 10 overflows, 10000 null pointers
END

for pair in "mit mit" "ours mit" "mit ours" "ours ours"; do
	# shellcheck disable=SC2086 # two words
	set -- $pair
	java_with "$1"
	start_server "${with[@]}" server demo@localhost
	name="server with $(library "$1"), client with $(library "$2")"
	check "$name: contexts, threads, faults" client "$2"
	check "$name: the library" server_has "$1"
	stop server
done
finish
