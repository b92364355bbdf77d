/* SPDX-License-Identifier: BSD-2-Clause */
/* empty_realm: "service/host@" means that the KDC determines the realm, in each form of the name; and names in contexts. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

static void forms(const char *text, gss_OID type, const char *show)
{
	gss_name_t name = import(text, type), canonical = GSS_C_NO_NAME, again = GSS_C_NO_NAME, user, host;
	gss_buffer_desc exported = GSS_C_EMPTY_BUFFER, local = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;
	int equal = -1;

	major = gss_canonicalize_name(&minor, name, &krb5_mech, &canonical);
	fact("%s, canonical: %s, %s", show, major_text(major), name_text(canonical));
	if (!GSS_ERROR(major)) {
		major = gss_export_name(&minor, canonical, &exported);
		fact("%s, exported: %s, %s", show, major_text(major), quoted(&exported));
		major = gss_import_name(&minor, &exported, GSS_C_NT_EXPORT_NAME, &again);
		fact("%s, imported again: %s, %s", show, major_text(major), name_text(again));
		major = gss_compare_name(&minor, again, canonical, &equal);
		fact("%s, that and the canonical one: %s, %d", show, major_text(major), equal);
		major = gss_compare_name(&minor, name, canonical, &equal);
		fact("%s, and the name itself: %s, %d", show, major_text(major), equal);
		host = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
		major = gss_compare_name(&minor, canonical, host, &equal);
		fact("%s, and " SERVICE ": %s, %d", show, major_text(major), equal);
		user = import(PRINCIPAL, &principal_name);
		major = gss_compare_name(&minor, canonical, user, &equal);
		fact("%s, and " PRINCIPAL ": %s, %d", show, major_text(major), equal);
		gss_release_name(&minor, &user);
		gss_release_name(&minor, &host);
	}
	major = gss_localname(&minor, name, &krb5_mech, &local);
	fact("%s, gss_localname: %s, %s", show, major_text(major), quoted(&local));
	gss_release_buffer(&minor, &local);
	gss_release_buffer(&minor, &exported);
	gss_release_name(&minor, &again);
	gss_release_name(&minor, &canonical);
	gss_release_name(&minor, &name);
}

/* context establishes a context with a target and an acceptor's name, and prints the names on both sides. */
static void context(const char *text, gss_OID type, const char *acceptor, gss_OID acceptor_type, const char *show)
{
	gss_name_t name = import(text, type), ours = GSS_C_NO_NAME, target = GSS_C_NO_NAME;
	gss_ctx_id_t init = GSS_C_NO_CONTEXT, accept = GSS_C_NO_CONTEXT;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_buffer_desc token, reply, none = GSS_C_EMPTY_BUFFER;
	OM_uint32 i, a, major, minor;
	int equal = -1;

	if (acceptor != NULL) {
		ours = import(acceptor, acceptor_type);
		major = gss_acquire_cred(&minor, ours, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &cred, NULL, NULL);
		if (GSS_ERROR(major)) {
			fact("%s: the acceptor: %s", show, major_text(major));
			gss_release_name(&minor, &ours);
			gss_release_name(&minor, &name);
			return;
		}
	}
	i = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &init, name, &krb5_mech, GSS_C_MUTUAL_FLAG, 0, NULL,
	    GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);
	a = GSS_ERROR(i) ? i : gss_accept_sec_context(&minor, &accept, cred, &token, NULL, NULL, NULL, &reply, NULL, NULL, NULL);
	if (!GSS_ERROR(a))
		i = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &init, name, &krb5_mech, GSS_C_MUTUAL_FLAG, 0, NULL,
		    &reply, NULL, &none, NULL, NULL);
	fact("%s: %s, %s", show, major_text(i), major_text(a));
	if (i == GSS_S_COMPLETE && a == GSS_S_COMPLETE) {
		need("inquire_context", gss_inquire_context(&minor, init, NULL, &target, NULL, NULL, NULL, NULL, NULL), minor);
		gss_compare_name(&minor, name, target, &equal);
		fact("%s, the initiator's target: %s, equal %d", show, name_text(target), equal);
		gss_release_name(&minor, &target);
		need("inquire_context", gss_inquire_context(&minor, accept, NULL, &target, NULL, NULL, NULL, NULL, NULL), minor);
		equal = -1;
		if (ours != GSS_C_NO_NAME)
			gss_compare_name(&minor, ours, target, &equal);
		fact("%s, the acceptor's target: %s, equal %d", show, name_text(target), equal);
		gss_release_name(&minor, &target);
		gss_release_buffer(&minor, &reply);
	}
	gss_release_buffer(&minor, &token);
	gss_delete_sec_context(&minor, &init, GSS_C_NO_BUFFER);
	gss_delete_sec_context(&minor, &accept, GSS_C_NO_BUFFER);
	gss_release_cred(&minor, &cred);
	gss_release_name(&minor, &ours);
	gss_release_name(&minor, &name);
}

#define HB GSS_C_NT_HOSTBASED_SERVICE

int main(void)
{
	char line[1024];
	FILE *in = fopen(getenv("KRB5_CONFIG"), "r"), *out = fopen(scratch("krb5.conf"), "w");
	int round;

	begin(60);
	forms("host/" HOST "@", &principal_name, "host/" HOST "@");
	forms("host/" HOST, &principal_name, "host/" HOST);
	forms("alice@", GSS_C_NT_USER_NAME, "user alice@");
	forms("alice@", GSS_C_NO_OID, "alice@ of no type");
	forms("@", &principal_name, "@");
	forms(SERVICE, HB, SERVICE);
	forms("host@nowhere.example", HB, "host@nowhere.example");
	for (round = 0; round < 2; round++) {
#define C(s) (round == 0 ? s : "no domain_realm, " s)
		context(SERVICE, HB, NULL, NULL, C("by service"));
		context(PRINCIPAL, &principal_name, NULL, NULL, C("by principal"));
		context("host/" HOST "@", &principal_name, NULL, NULL, C("by principal without realm"));
		context("host/" HOST, &principal_name, NULL, NULL, C("by principal of the default realm"));
		context("host@SERVER.demo.test", HB, NULL, NULL, C("by service in capitals"));
		context(SERVICE, HB, SERVICE, HB, C("acceptor of the service"));
		context(SERVICE, HB, "host", HB, C("acceptor without host"));
		context(SERVICE, HB, PRINCIPAL, &principal_name, C("acceptor of the principal"));
		context(SERVICE, HB, "host/" HOST "@", &principal_name, C("acceptor of the principal without realm"));
		if (in != NULL && out != NULL) {
			while (fgets(line, sizeof(line), in) != NULL && strncmp(line, "[domain_realm]", 14) != 0)
				fputs(line, out);
			fclose(in);
			fclose(out);
			in = NULL;
			setenv("KRB5_CONFIG", scratch("krb5.conf"), 1);
		}
	}
	return end();
}
