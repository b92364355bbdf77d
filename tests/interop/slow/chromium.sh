#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Chromium, without a screen and with its sandboxes, and Apache with mod_auth_gssapi: a page for those who have a ticket, each
# with our library or MIT's. The browser is large, so that run.sh leaves this out. Needs root, to become another user, who may
# make namespaces.

. "$(dirname "$0")/../lib.sh"
. "$here/httpd.sh"
need chromium-headless-shell chromium-headless-shell setpriv util-linux
mit_realm
programs_with
mit_service "$work/http.keytab" HTTP/localhost
mkdir "$work/www" "$work/home"
httpd_files "$work/http.keytab"
echo "a page for those who are known" >"$work/www/page"
kinit_alice "FILE:$work/home/cc"
chown -R nobody "$work/home"

server() {
	httpd_start "$1" mpm_event <<-END
		DocumentRoot $work/www
		<Location />
		  AuthType GSSAPI
		  AuthName known
		  GssapiCredStore keytab:$work/http.keytab
		  GssapiCredStore rcache:dfl:
		  Require user alice@$realm
		</Location>
	END
}

# browse FLAVOUR CCACHE: what the browser shows, beginning with an empty profile.
browse() {
	use "$1"
	rm -rf "$work/home/profile"
	timeout 40 setpriv --reuid=nobody --regid=nogroup --clear-groups "${with[@]}" HOME="$work/home" KRB5CCNAME="FILE:$2" \
	    LD_DEBUG=libs LD_DEBUG_OUTPUT="$work/home/linker" \
	    chromium-headless-shell --disable-gpu --user-data-dir="$work/home/profile" --auth-server-allowlist=localhost \
	    --dump-dom "http://localhost:$port/page" >"$work/shown" 2>"$work/browser.log"
	grep -q "who are known" "$work/shown" && return
	cat "$work/shown"
	tail -n 5 "$work/error.log"
	return 1
}

# loaded FLAVOUR: the browser had that library.
loaded() {
	local flavour=$1
	[ "$ours" = ours ] || flavour=$ours
	cat "$work"/home/linker.* >"$work/linker"
	rm -f "$work"/home/linker.*
	grep -q "calling init: .*/libgssapi_krb5.so.2" "$work/linker" || return
	case $flavour in
	ours) grep -q "calling init: $libraries/libgssapi_krb5.so.2" "$work/linker" ;;
	mit) ! grep -q "calling init: $libraries/" "$work/linker" ;;
	esac
}

for pair in "mit mit" "ours mit" "mit ours" "ours ours"; do
	# shellcheck disable=SC2086 # two words
	set -- $pair
	name="Apache with $1, Chromium with $2"
	server "$1"
	check "$name: a page" browse "$2" "$work/home/cc"
	check "$name: the browser's library" loaded "$2"
	refused "$name: no ticket" "401|NO AUTH DATA" browse "$2" "$work/none"
	check "$name: the library" child_has "$1"
	stop server
done
finish
