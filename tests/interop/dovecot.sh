#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Dovecot with GSSAPI: Debian's IMAP server, unchanged and with its default limits, which leave each of its processes 256
# MiB of addresses (default_vsz_limit), and curl, fetchmail, which calls the library itself, and mbsync, which does so by Cyrus
# SASL, each with our library or MIT's. Needs root, as Dovecot does.

. "$(dirname "$0")/lib.sh"
need dovecot dovecot-imapd curl curl fetchmail fetchmail mbsync isync
[ -e /usr/lib/dovecot/modules/auth/libmech_gssapi.so ] || lacking dovecot-gssapi
need_root "dovecot changes users"
mit_realm
programs_with
export KRB5CCNAME=FILE:$work/cc
kinit_alice "$KRB5CCNAME"
mit_service "$work/imap.keytab" imap/localhost

# Its processes have users of their own.
mkdir -p "$work/mail" "$work/rcache"
chown dovecot "$work/imap.keytab" "$work/rcache"
chown nobody "$work/mail"
chmod 644 "$work/krb5.conf"

# server FLAVOUR [LIMIT]: of the addresses of the process that accepts; 256 MiB, the default, without it.
server() {
	use "$1"
	port=$(free_port)
	cat >"$work/dovecot.conf" <<-END
		protocols = imap
		listen = 127.0.0.1
		base_dir = $work/run
		state_dir = $work/state
		log_path = /dev/stderr
		auth_verbose = yes
		ssl = no
		import_environment = LD_LIBRARY_PATH KRB5_CONFIG KRB5RCACHEDIR=$work/rcache
		auth_mechanisms = gssapi
		auth_krb5_keytab = $work/imap.keytab
		auth_gssapi_hostname = localhost
		auth_username_format = %n
		passdb {
		  driver = static
		  args = nopassword=y
		}
		userdb {
		  driver = static
		  args = uid=nobody gid=nogroup home=$work/mail
		}
		mail_location = maildir:$work/mail
		service auth {
		  vsz_limit = ${2:-256M}
		}
		service imap-login {
		  inet_listener imap {
		    port = $port
		  }
		  inet_listener imaps {
		    port = 0
		  }
		}
	END
	start server "${with[@]}" dovecot -F -c "$work/dovecot.conf"
	must_listen dovecot "$port" "$work/server.log"
}

# login FLAVOUR: the list of folders, which only a user sees.
login() {
	use "$1"
	timeout $busy "${with[@]}" curl -sS --login-options AUTH=GSSAPI -u "alice@$realm:" "imap://localhost:$port/" >"$work/answer" 2>&1
	grep -q INBOX "$work/answer" || { cat "$work/answer"; tail -n 5 "$work/server.log"; return 1; }
	found "Login: user=<alice>, method=GSSAPI" "$work/server.log"
}

# logged_in COMMAND...: the server says so of this command, which need not find mail.
logged_in() {
	begun "$work/server.log"
	timeout 20 "$@" >"$work/answer" 2>&1
	settle "$work/server.log" "Login: user=<alice>, method=GSSAPI" && return
	cat "$work/answer"
	return 1
}

fetchmail_login() {
	use "$1"
	mkdir -p "$work/home"
	cat >"$work/fetchmailrc" <<-END
		poll localhost protocol imap port $port auth gssapi user "alice@$realm" is root here sslproto ""
	END
	chmod 600 "$work/fetchmailrc"
	logged_in "${with[@]}" HOME="$work/home" fetchmail --check --nosyslog --fetchmailrc "$work/fetchmailrc"
}

mbsync_login() {
	use "$1"
	cat >"$work/mbsyncrc" <<-END
		IMAPStore server
		Host localhost
		Port $port
		User alice@$realm
		AuthMechs GSSAPI
		SSLType None

		MaildirStore here
		Path $work/home/
		Inbox $work/home/inbox

		Channel both
		Far :server:
		Near :here:
	END
	logged_in "${with[@]}" HOME="$work/home" mbsync --config "$work/mbsyncrc" both
}

stranger() {
	use "$1"
	KRB5CCNAME=FILE:$work/none timeout $busy "${with[@]}" curl -sS --login-options AUTH=GSSAPI -u "alice@$realm:" \
	    "imap://localhost:$port/" 2>&1
}

for pair in "mit mit" "ours mit" "mit ours" "ours ours"; do
	# shellcheck disable=SC2086 # two words
	set -- $pair
	server "$1"
	name="dovecot with $1, curl with $2"
	check "$name: login" login "$2"
	check "$name: again" login "$2"
	check "dovecot with $1, fetchmail with $2: login" fetchmail_login "$2"
	check "dovecot with $1, mbsync with $2: login" mbsync_login "$2"
	check "$name: the library" child_has "$1" "*/dovecot/auth" # which accepts
	refused "$name: no ticket" . stranger "$2"
	stop server
done
# Where a name cannot be imported Dovecot logs the text of the major code only.
if [ "$ours" = ours ]; then
	server ours 90M
	refused "dovecot with too little memory for an engine: no login" . login mit
	check "and its log says why" found \
	    "importing principal name: Unspecified GSS failure\\..*the engine of libgssapi needs .*RLIMIT_AS" "$work/server.log"
	stop server
fi
finish
