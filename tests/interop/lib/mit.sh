# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # of ../lib.sh
#
# Realms of MIT's KDC.

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

# mit_indicates WORD: the KDC's tickets say so of users who proved by SPAKE who they are, as alice must from now on. krb5.conf
# must have spake_preauth_groups.
mit_indicates() {
	stop kdc
	sed -i "s/^$realm = {/&\nspake_preauth_indicator = $1/" "$work/kdc.conf"
	mit_kadmin "modprinc +requires_preauth alice"
	mit_kdc_start
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
