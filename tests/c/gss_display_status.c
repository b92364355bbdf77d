/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_display_status: all major codes, texts of minor codes, message_context, wrong arguments. */
#include "harness.h"

#include <errno.h>

/* texts prints the texts of a major code, and the number of texts of any code. The texts of minor codes depend on the library. */
static void texts(const char *label, OM_uint32 code, int type, gss_OID mech)
{
	OM_uint32 major, minor, context = 0;
	gss_buffer_desc text;
	int n = 0;

	do {
		text.length = 0;
		text.value = NULL;
		major = gss_display_status(&minor, code, type, mech, &context, &text);
		if (GSS_ERROR(major)) {
			fact("%s: %s", label, major_text(major));
			return;
		}
		check(text.length > 0 && strlen(text.value) == text.length, "%s: a text of length %lu", label,
		    (unsigned long)text.length);
		if (type == GSS_C_GSS_CODE)
			fact("%s, text %d: %s", label, n + 1, quoted(&text));
		gss_release_buffer(&minor, &text);
		n++;
	} while (context != 0 && n < 20);
	fact("%s: %d", label, n);
}

int main(void)
{
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER, token = GSS_C_EMPTY_BUFFER;
	gss_name_t target;
	OM_uint32 i, major, minor, ignored, more = 0;
	char label[64];
	gss_buffer_desc first = GSS_C_EMPTY_BUFFER;

	begin(30);
	texts("GSS_S_COMPLETE", GSS_S_COMPLETE, GSS_C_GSS_CODE, GSS_C_NO_OID);
	for (i = 1; i <= 20; i++) {
		snprintf(label, sizeof(label), "routine error %lu", (unsigned long)i);
		texts(label, i << 16, GSS_C_GSS_CODE, GSS_C_NO_OID);
	}
	for (i = 1; i <= 4; i++) {
		snprintf(label, sizeof(label), "calling error %lu", (unsigned long)i);
		texts(label, i << 24, GSS_C_GSS_CODE, GSS_C_NO_OID);
	}
	for (i = 0; i <= 5; i++) {
		snprintf(label, sizeof(label), "supplementary bit %lu", (unsigned long)i);
		texts(label, (OM_uint32)1 << i, GSS_C_GSS_CODE, GSS_C_NO_OID);
	}
	for (i = 1; i <= 18; i++) { /* different codes, different texts */
		more = 0;
		gss_display_status(&minor, i << 16, GSS_C_GSS_CODE, GSS_C_NO_OID, &more, &text);
		check(!same(&text, &first), "routine error %lu has the text of the one before", (unsigned long)i);
		gss_release_buffer(&minor, &first);
		first = text;
	}
	gss_release_buffer(&minor, &first);
	more = 0;
	texts("a routine error and a bit", GSS_S_FAILURE | GSS_S_GAP_TOKEN, GSS_C_GSS_CODE, GSS_C_NO_OID);
	texts("a calling and a routine error", GSS_S_CALL_INACCESSIBLE_READ | GSS_S_BAD_NAME, GSS_C_GSS_CODE,
	    GSS_C_NO_OID);
	texts("three bits", GSS_S_DUPLICATE_TOKEN | GSS_S_OLD_TOKEN | GSS_S_GAP_TOKEN, GSS_C_GSS_CODE, GSS_C_NO_OID);
	texts("a major code, with mechanism", GSS_S_BAD_SIG, GSS_C_GSS_CODE, &krb5_mech);

	texts("minor 0", 0, GSS_C_MECH_CODE, &krb5_mech);
	texts("KRB5KRB_AP_ERR_SKEW", 2529638949u, GSS_C_MECH_CODE, &krb5_mech);
	texts("KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN", 2529638919u, GSS_C_MECH_CODE, &krb5_mech);
	texts("KRB5_FCC_NOFILE", 2529639053u, GSS_C_MECH_CODE, &krb5_mech);
	texts("KRB5_KT_NOTFOUND", 2529639093u, GSS_C_MECH_CODE, &krb5_mech);
	texts("KRB5_KDC_UNREACH", 2529639068u, GSS_C_MECH_CODE, &krb5_mech);
	texts("ENOENT", 2, GSS_C_MECH_CODE, &krb5_mech);

	/* The text of a recent error names the object concerned. */
	setenv("KRB5CCNAME", "FILE:/nonexistent/ccache", 1);
	target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, target, &krb5_mech, 0, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);
	fact("without a ccache: %s", major_text(major));
	major = gss_display_status(&ignored, minor, GSS_C_MECH_CODE, &krb5_mech, &more, &text);
	fact("its text: %s, names the file: %s", major_text(major),
	    text.value != NULL && strstr(text.value, "/nonexistent/ccache") != NULL ? "yes" : "no");
	gss_release_buffer(&ignored, &text);
	gss_release_name(&ignored, &target);

	texts("type 0", GSS_S_FAILURE, 0, GSS_C_NO_OID);
	texts("type 3", GSS_S_FAILURE, 3, GSS_C_NO_OID);
	texts("an unknown mechanism", 1, GSS_C_MECH_CODE, &unknown_mech);
#ifndef PEER_MIT /* whose empty OID is that of no mechanism */
	more = 0;
	major = gss_display_status(&minor, ENOENT, GSS_C_MECH_CODE, &(gss_OID_desc){ 0, NULL }, &more, &text);
	check(major == GSS_S_COMPLETE && strstr(text.value, "No such file") != NULL, "an empty OID: %s", major_text(major));
	gss_release_buffer(&minor, &text);
#endif
	more = 12345;
	major = gss_display_status(&minor, GSS_S_FAILURE, GSS_C_GSS_CODE, GSS_C_NO_OID, &more, &text);
	fact("a message context that was never given: %s", major_text(major));
	gss_release_buffer(&minor, &text);
	return end();
}
