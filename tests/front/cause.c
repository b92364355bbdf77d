/* SPDX-License-Identifier: BSD-2-Clause */

/* The text of a failure is returned once: for the minor code, or for the major code if the minor code is lost. */

#include "check.h"

#define CODE 26000 /* whose texts begin with an a; larger than those of errno */

static const char plain[] = "Unspecified GSS failure.  Minor code may provide more information";

/* says returns the text of a status code, valid until the next call. */
static const char *
says(OM_uint32 code, int type)
{
	static char last[2048];
	gss_buffer_desc b = {0, NULL};
	OM_uint32 minor, context = 0;

	last[0] = '\0';
	CHECK(gss_display_status(&minor, code, type, GSS_C_NO_OID, &context, &b) == GSS_S_COMPLETE && context == 0);
	if (b.length != 0)
		(void)snprintf(last, sizeof(last), "%s", (const char *)b.value);
	(void)gss_release_buffer(&minor, &b);
	return last;
}

#define IS(code, type, text) CHECK(strcmp(says(code, type), text) == 0)

static void
fail(OM_uint32 *minor, OM_uint32 code)
{
	CHECK(gss_wrap(minor, GSS_C_NO_CONTEXT, 0, code, NULL, NULL, NULL) == GSS_S_FAILURE);
}

/* What a program may do between the failure and gss_display_status. */
static void
release(OM_uint32 *minor, int how)
{
	gss_buffer_desc b = {0, NULL};
	gss_buffer_set_t buffers = GSS_C_NO_BUFFER_SET;
	gss_OID_set oids = GSS_C_NO_OID_SET;
	gss_name_t name = GSS_C_NO_NAME;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	OM_uint32 more = 0;

	switch (how) {
	case 0:
		(void)gss_release_buffer(minor, &b);
		break;
	case 1:
		(void)gss_release_name(minor, &name);
		break;
	case 2:
		(void)gss_release_cred(minor, &cred);
		break;
	case 3:
		(void)gss_delete_sec_context(minor, &context, &b);
		break;
	case 4:
		(void)gss_release_oid_set(minor, &oids);
		break;
	case 5:
		(void)gss_release_buffer_set(minor, &buffers);
		break;
	default:
		(void)gss_display_status(minor, GSS_S_COMPLETE, GSS_C_GSS_CODE, GSS_C_NO_OID, &more, &b);
		(void)gss_release_buffer(minor, &b);
	}
}

int
main(void)
{
	char with_cause[128];
	gss_buffer_desc text = {1, (void *)(uintptr_t) "x"};
	gss_OID oid = GSS_C_NO_OID;
	OM_uint32 minor, other;
	int how;

	/* Programs that display both codes get the cause with the minor code. */
	fail(&minor, CODE);
	release(&other, 0);
	IS(GSS_S_FAILURE, GSS_C_GSS_CODE, plain);
	IS(minor, GSS_C_MECH_CODE, "aaaaa");
	IS(GSS_S_FAILURE, GSS_C_GSS_CODE, plain);

	for (how = 0; how <= 6; how++) {
		fail(&minor, CODE + (OM_uint32)how);
		release(&minor, how);
		CHECK(minor == 0);
		(void)snprintf(with_cause, sizeof(with_cause), "%s: %.5s", plain, &"aaaaabbbbbcccccdddddeeeeefffffggggg"[5 * how]);
		IS(GSS_S_NO_CONTEXT, GSS_C_GSS_CODE, "No context has been established");
		IS(GSS_S_CALL_BAD_STRUCTURE | GSS_S_COMPLETE, GSS_C_GSS_CODE, "A parameter was malformed");
		IS(GSS_S_FAILURE, GSS_C_GSS_CODE, with_cause);
		IS(GSS_S_FAILURE, GSS_C_GSS_CODE, with_cause); /* however often it is displayed */
		IS(CODE + (OM_uint32)how, GSS_C_MECH_CODE, "fixed");
		IS(0, GSS_C_MECH_CODE, "Success");
	}

	/* The cause is that of the last failure, if it has one. */
	fail(&minor, CODE);
	release(&minor, 0);
	fail(&minor, CODE + 1);
	IS(GSS_S_FAILURE, GSS_C_GSS_CODE, plain);
	IS(CODE, GSS_C_MECH_CODE, "aaaaa");
	IS(CODE + 1, GSS_C_MECH_CODE, "bbbbb");
	release(&minor, 0);
	CHECK(gss_str_to_oid(&other, &text, &oid) == GSS_S_FAILURE && other != 0);
	IS(GSS_S_FAILURE, GSS_C_GSS_CODE, plain);
	IS(2, GSS_C_MECH_CODE, strerror(2));
	return finish("cause");
}
