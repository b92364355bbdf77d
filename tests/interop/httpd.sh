# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # of lib.sh
#
# httpd.sh: Debian's Apache with mod_auth_gssapi, unchanged. To be sourced after lib.sh.

need apache2 apache2
modules=/usr/lib/apache2/modules
[ -e $modules/mod_auth_gssapi.so ] || lacking libapache2-mod-auth-gssapi
need_root "apache2 changes users"

# httpd_files FILE...: files and directories that the server's children write to or keep secret: they have a user of their
# own. After the realm is made.
httpd_files() {
	mkdir "$work/rcache"
	chown www-data "$work/rcache" "$@"
	chmod 755 "$work"
	chmod 644 "$work/krb5.conf"
}

# httpd_start FLAVOUR MODULE...: starts Apache as server, with these modules and the configuration that the input adds; sets
# port.
httpd_start() {
	local module
	use "$1"
	shift
	port=$(free_port)
	{
		for module in "$@" authn_core authz_core authz_user auth_gssapi; do
			echo "LoadModule ${module}_module $modules/mod_$module.so"
		done
		cat <<-END
			ServerName localhost
			ServerRoot $work
			PidFile $work/apache.pid
			DefaultRuntimeDir $work
			Listen 127.0.0.1:$port
			User www-data
			Group www-data
			ErrorLog $work/error.log
			LogLevel info auth_gssapi:debug
		END
		cat
	} >"$work/apache.conf"
	: >"$work/error.log"
	# It ends its whole process group.
	start server setsid env KRB5RCACHEDIR="$work/rcache" "${with[@]}" apache2 -DFOREGROUND -f "$work/apache.conf"
	must_listen apache2 "$port" "$work/server.log" "$work/error.log"
}
