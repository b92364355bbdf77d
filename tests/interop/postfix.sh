#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Postfix with GSSAPI by Cyrus SASL: Debian's smtpd, unchanged and in its jail (chroot=y in master.cf, as Debian has it),
# where it makes its first GSS call as the user postfix, and curl, each with our library or MIT's. Needs root, as Postfix
# does.

. "$(dirname "$0")/lib.sh"
need postfix postfix curl curl
[ -e /usr/lib/x86_64-linux-gnu/sasl2/libgssapiv2.so ] || lacking libsasl2-modules-gssapi-mit
need_root "postfix changes users"
mit_realm
programs_with
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME"
mit_service "$work/smtp.keytab" smtp/localhost
chmod 755 "$work"

conf=$work/postfix
jail=$work/queue
undo() {
	[ ! -e "$conf/main.cf" ] || postfix -c "$conf" abort >/dev/null 2>&1
	cleanup
}
trap undo EXIT

# What an administrator has in the jail: configuration and keytab, no program and no library.
mkdir -p "$conf/sasl" "$jail/tmp" "$work/data"
chown postfix "$work/data"
chmod 1777 "$jail/tmp"
cp "$work/krb5.conf" "$jail"
install -o postfix -m 600 "$work/smtp.keytab" "$jail"
printf 'mech_list: gssapi\n' >"$conf/sasl/smtpd.conf"

# server FLAVOUR
server() {
	use "$1"
	port=$(free_port)
	cat >"$conf/main.cf" <<-END
		compatibility_level = 3.6
		queue_directory = $jail
		data_directory = $work/data
		myhostname = localhost
		inet_interfaces = 127.0.0.1
		inet_protocols = ipv4
		mydestination =
		local_recipient_maps =
		alias_maps =
		maillog_file = $work/mail.log
		maillog_file_prefixes = $work
		import_environment = MAIL_CONFIG TZ LANG=C LD_LIBRARY_PATH KRB5_CONFIG=/krb5.conf KRB5_KTNAME=/smtp.keytab
		    KRB5RCACHEDIR=/tmp
		smtpd_peername_lookup = no
		smtpd_client_connection_count_limit = 0
		smtpd_client_connection_rate_limit = 0
		smtpd_sasl_auth_enable = yes
		smtpd_sasl_type = cyrus
		cyrus_sasl_config_path = $conf/sasl
		smtpd_relay_restrictions = permit_sasl_authenticated, reject
	END
	cat >"$conf/master.cf" <<-END
		127.0.0.1:$port inet n - y - - smtpd
		postlog unix-dgram n - n - 1 postlogd
		proxymap unix - - n - - proxymap
		anvil unix - - y - 1 anvil
	END
	: >"$work/mail.log"
	"${with[@]}" postfix -c "$conf" start >"$work/server.log" 2>&1 </dev/null
	must_listen postfix "$port" "$work/server.log" "$work/mail.log"
}

login() {
	use "$1"
	timeout $busy "${with[@]}" curl -sSv --login-options AUTH=GSSAPI -u "alice@$realm:" -X NOOP "smtp://localhost:$port/" \
	    >"$work/answer" 2>&1
	grep -q '< 235 2.7.0 Authentication successful' "$work/answer" || { tail -n 6 "$work/answer" "$work/mail.log"; return 1; }
}

# smtpd_has FLAVOUR: the process that accepts has that library, and is in the jail.
smtpd_has() {
	local pid
	for pid in $(cat /proc/"$(tr -d ' ' <"$jail/pid/master.pid")"/task/*/children); do
		case $(readlink "/proc/$pid/exe") in
		*/smtpd) [ "$(readlink "/proc/$pid/root")" = "$jail" ] && has "$1" "/proc/$pid/maps" && return ;;
		esac
	done
	echo "no such process"
	return 1
}

stranger() { KRB5CCNAME=FILE:$work/none login "$1"; }

for pair in "mit mit" "ours mit" "mit ours" "ours ours"; do
	# shellcheck disable=SC2086 # two words
	set -- $pair
	server "$1"
	name="smtpd with $1, curl with $2"
	check "$name: login" login "$2"
	check "$name: again" login "$2"
	check "$name: the library" smtpd_has "$1"
	refused "$name: no ticket" . stranger "$2"
	postfix -c "$conf" abort >/dev/null 2>&1
done
finish
