/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_compare_name: each name with each other, as imported and canonical. */
#include "harness.h"

int main(void)
{
	struct {
		const char *label, *text;
		gss_OID type;
		int canonical;
		gss_name_t name;
	} n[] = {
		{ "user alice", "alice", GSS_C_NT_USER_NAME, 0, NULL },
		{ "user alice@DEMO.TEST", "alice@DEMO.TEST", GSS_C_NT_USER_NAME, 0, NULL },
		{ "principal alice@DEMO.TEST", "alice@DEMO.TEST", &principal_name, 0, NULL },
		{ "mn alice", "alice", GSS_C_NT_USER_NAME, 1, NULL },
		{ "mn principal alice@DEMO.TEST", "alice@DEMO.TEST", &principal_name, 1, NULL },
		{ "principal alice@OTHER.TEST", "alice@OTHER.TEST", &principal_name, 0, NULL },
		{ "mn alice@OTHER.TEST", "alice@OTHER.TEST", &principal_name, 1, NULL },
		{ "user bobby", "bobby", GSS_C_NT_USER_NAME, 0, NULL },
		{ "principal ALICE@DEMO.TEST", "ALICE@DEMO.TEST", &principal_name, 0, NULL },
		{ "hostbased host@server", SERVICE, GSS_C_NT_HOSTBASED_SERVICE, 0, NULL },
		{ "mn host@server", SERVICE, GSS_C_NT_HOSTBASED_SERVICE, 1, NULL },
		{ "principal host/server", PRINCIPAL, &principal_name, 0, NULL },
		{ "hostbased host@SERVER", "host@SERVER.demo.test", GSS_C_NT_HOSTBASED_SERVICE, 0, NULL },
		{ "principal a/b", "a/b@DEMO.TEST", &principal_name, 0, NULL },
		{ "principal a\\/b", "a\\/b@DEMO.TEST", &principal_name, 0, NULL },
		{ "anonymous", "x", GSS_C_NT_ANONYMOUS, 0, NULL },
		{ "anonymous again", "x", GSS_C_NT_ANONYMOUS, 0, NULL },
	};
	OM_uint32 major, minor;
	gss_name_t canonical;
	int equal, back;
	size_t i, j;

	begin(30);
	for (i = 0; i < COUNT(n); i++) {
		n[i].name = import(n[i].text, n[i].type);
		if (!n[i].canonical)
			continue;
		major = gss_canonicalize_name(&minor, n[i].name, &krb5_mech, &canonical);
		need(n[i].label, major, minor);
		gss_release_name(&minor, &n[i].name);
		n[i].name = canonical;
	}
	for (i = 0; i < COUNT(n); i++) {
		for (j = i; j < COUNT(n); j++) {
			equal = back = -1;
			major = gss_compare_name(&minor, n[i].name, n[j].name, &equal);
			if (GSS_ERROR(major))
				fact("%s = %s: %s", n[i].label, n[j].label, major_text(major));
			else
				fact("%s = %s: %s", n[i].label, n[j].label, equal ? "yes" : "no");
			gss_compare_name(&minor, n[j].name, n[i].name, &back);
			check(equal == back, "%s = %s is not symmetric", n[i].label, n[j].label);
		}
	}
	result("no first name", gss_compare_name(&minor, GSS_C_NO_NAME, n[0].name, &equal));
	result("no second name", gss_compare_name(&minor, n[0].name, GSS_C_NO_NAME, &equal));
	result("no output", gss_compare_name(&minor, n[0].name, n[1].name, NULL));
	for (i = 0; i < COUNT(n); i++)
		gss_release_name(&minor, &n[i].name);
	return end();
}
