/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lifetime that a program asks for: the KDC is asked for tickets of that length, and a ticket that is at hand serves if
 * it is long enough. And what krb5.conf says of initial tickets.
 */
#include "harness.h"

#include <unistd.h>

/* length_text rounds to the requested length. */
static const char *length_text(OM_uint32 seconds)
{
	static const struct {
		OM_uint32 least, most;
		const char *text;
	} lengths[] = {
		{ 270, 300, "5 minutes" }, { 570, 600, "10 minutes" }, { 1170, 1200, "20 minutes" }, { 3570, 3600, "an hour" },
		{ 9 * 3600, 11 * 3600, "the login's life" }, { 23 * 3600, 25 * 3600, "a day" },
	};
	size_t i;

	for (i = 0; i < COUNT(lengths); i++) {
		if (seconds >= lengths[i].least && seconds <= lengths[i].most)
			return lengths[i].text;
	}
	return seconds == 0 ? "nothing" : seconds == GSS_C_INDEFINITE ? "indefinite" : "another time";
}

/* contexts establishes a context with each of these lifetimes. */
static void context(const char *what, OM_uint32 time, gss_OID mech)
{
	struct options o = { .flags = ALL_FLAGS, .time = time, .mech = mech };
	struct pair p;

	if (establish(&p, &o)) {
		fact("%s: %s", what, length_text(p.init_time));
		check(p.accept_time >= p.init_time && p.accept_time <= p.init_time + 310, "%s: the acceptor has %lu s, not %lu", what,
		    (unsigned long)p.accept_time, (unsigned long)p.init_time);
	} else {
		fact("%s: %s, %s", what, major_text(p.init_major), major_text(p.accept_major));
	}
	release_pair(&p);
}

/* credential acquires a credential with a client keytab, or from an existing login. */
static void credential(const char *what, OM_uint32 time)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor, ignored, lifetime = 0;

	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, time, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, &lifetime);
	fact("%s: %s, %s", what, major_text(major), length_text(lifetime));
	gss_release_cred(&ignored, &cred);
}

/* settings gets a ticket with a client keytab and these settings, and a service ticket, which has its flags. */
static void settings(const char *what, const char *config)
{
	static gss_OID_desc ticket_flags = { 11, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x01" };
	struct options o = { .flags = ALL_FLAGS };
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	OM_uint32 minor, flags = 0;
	struct pair p;

	unlink(scratch("cc.of-the-keytab"));
	with_config(config);
	credential(what, 0);
	need_pair(&p, &o);
	gss_inquire_sec_context_by_oid(&minor, p.init, &ticket_flags, &set);
	if (set != GSS_C_NO_BUFFER_SET && set->elements[0].length == sizeof(flags))
		memcpy(&flags, set->elements[0].value, sizeof(flags));
	fact("%s, forwardable: %s", what, flags & 0x40000000 ? "yes" : "no");
	gss_release_buffer_set(&minor, &set);
	release_pair(&p);
	with_config("");
}

int main(void)
{
	char command[4096], value[4096];

	begin(60);
	with_login("cc.tgt");
	context("an hour is asked for", 3600, GSS_C_NO_OID);
	context("10 minutes, when a ticket for an hour is at hand", 600, GSS_C_NO_OID);
	with_login("cc.tgt");
	context("10 minutes are asked for", 600, GSS_C_NO_OID);
	context("20 minutes, when a ticket for 10 is at hand", 1200, GSS_C_NO_OID);
	with_config("[realms]\n\tDEMO.TEST* = {\n\t\tkdc = 127.0.0.1:1\n\t}\n");
	context("an hour, when a ticket for 20 minutes is at hand and no KDC answers", 3600, GSS_C_NO_OID);
	with_config("");
	with_login("cc.tgt");
	context("more than the login has", 100 * 24 * 3600, GSS_C_NO_OID);
	context("the same again", 100 * 24 * 3600, GSS_C_NO_OID);
	with_login("cc.tgt");
	context("the default", 0, GSS_C_NO_OID);
	context("5 minutes, when the longest ticket is at hand", 300, GSS_C_NO_OID);
	with_login("cc.tgt");
	context("indefinite", GSS_C_INDEFINITE, GSS_C_NO_OID);
	with_login("cc.tgt");
	context("10 minutes by SPNEGO", 600, &spnego_mech);

	with_login("cc.tgt");
	credential("a login for 10 minutes", 600);
	snprintf(command, sizeof(command), "'%s' keytab -p alice-password -kvno 1 -o '%s' alice@DEMO.TEST", getenv("KDC"),
	    scratch("client.keytab"));
	if (system(command) != 0)
		exit(2);
	snprintf(value, sizeof(value), "FILE:%s", scratch("client.keytab"));
	setenv("KRB5_CLIENT_KTNAME", value, 1);
	snprintf(value, sizeof(value), "FILE:%s", scratch("cc.of-the-keytab"));
	setenv("KRB5CCNAME", value, 1);
	credential("a client keytab for 10 minutes", 600);
	credential("20 minutes, when a login for 10 is at hand", 1200);
	unlink(scratch("cc.of-the-keytab"));
	credential("a client keytab for the default", 0);
	unlink(scratch("cc.of-the-keytab"));
	credential("a client keytab for as long as can be", GSS_C_INDEFINITE);
	settings("no settings", "");
	settings("settings for all", "[libdefaults]\n\tforwardable = true\n\tticket_lifetime = 1h\n");
	settings("settings for the realm", "[libdefaults]\n\tforwardable = true\n\t" REALM " = {\n\t\tforwardable = false\n"
	    "\t\tticket_lifetime = 20m\n\t}\n");
	settings("settings for another realm", "[libdefaults]\n\tforwardable = false\n\tOTHER.TEST = {\n\t\tforwardable = true\n\t\tticket_lifetime = 20m\n\t}\n");
	settings("default options", "[libdefaults]\n\tforwardable = false\n\tkdc_default_options = 1073741840\n");
	settings("hexadecimal default options", "[libdefaults]\n\tforwardable = false\n\tkdc_default_options = 0x40000010\n");
	return end();
}
