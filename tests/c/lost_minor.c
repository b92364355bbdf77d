/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program that loses the minor code before it asks for texts, because it releases something with the same variable,
 * reads the cause with the major code's text. One that keeps the minor code reads each text once.
 */
#include "harness.h"

static const char *text_of(OM_uint32 status, int type)
{
	static char texts[2][2048];
	static int turn;
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor, more = 0;

	turn = 1 - turn;
	texts[turn][0] = '\0';
	check(gss_display_status(&minor, status, type, &krb5_mech, &more, &text) == GSS_S_COMPLETE, "no text");
	if (text.length > 0)
		snprintf(texts[turn], sizeof(texts[turn]), "%s", (char *)text.value);
	gss_release_buffer(&minor, &text);
	return texts[turn];
}

/* no_ticket fails, and leaves its output to be released. */
static OM_uint32 no_ticket(OM_uint32 *minor, gss_buffer_t token)
{
	gss_name_t target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	OM_uint32 major, ignored;

	major = gss_init_sec_context(minor, GSS_C_NO_CREDENTIAL, &context, target, GSS_C_NO_OID, 0, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, token, NULL, NULL);
	gss_release_name(&ignored, &target);
	check(major == GSS_S_NO_CRED && *minor != 0, "%s, minor %#lx", major_text(major), (unsigned long)*minor);
	return major;
}

int main(void)
{
	static const char words[] = "No credentials were supplied, or the credentials were unavailable or inaccessible";
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor, kept, other;
	const char *text;

	begin(60);
	setenv("KRB5CCNAME", "FILE:/nonexistent/ccache", 1);
	major = no_ticket(&minor, &token);
	gss_release_buffer(&other, &token);
	text = text_of(major, GSS_C_GSS_CODE);
	check(strcmp(text, words) == 0, "both codes: %s", text);
	text = text_of(minor, GSS_C_MECH_CODE);
	check(strstr(text, "/nonexistent/ccache") != NULL, "both codes, minor: %s", text);

	major = no_ticket(&minor, &token);
	kept = minor;
	gss_release_buffer(&minor, &token);
	check(minor == 0, "the minor code is not lost");
	text = text_of(major, GSS_C_GSS_CODE);
	check(strncmp(text, words, sizeof(words) - 1) == 0 && strstr(text, "/nonexistent/ccache") != NULL, "lost: %s", text);
	text = text_of(kept, GSS_C_MECH_CODE);
	check(text[0] != '\0' && strstr(text, "/nonexistent") == NULL, "lost, and asked for: %s", text);
	return end();
}
