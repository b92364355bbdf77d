# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # of ../lib.sh
#
# A realm of Heimdal's KDC.

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
