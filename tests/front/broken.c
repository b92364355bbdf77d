/* SPDX-License-Identifier: BSD-2-Clause */

/* An engine that is missing, damaged or of another version: each call fails, clears its outputs and says why. */

#define _POSIX_C_SOURCE 200809L

#include "check.h"

#include <fcntl.h>
#include <unistd.h>

static int
lowest_descriptor(void)
{
	int fd = open("/dev/null", O_RDONLY);

	(void)close(fd);
	return fd;
}

static void
text_of(OM_uint32 status, int type, const char *part)
{
	gss_buffer_desc text = {0, NULL};
	OM_uint32 minor, context = 0;

	CHECK(gss_display_status(&minor, status, type, NULL, &context, &text) == GSS_S_COMPLETE);
	CHECK(context == 0 && text.length > 0 && strstr(text.value, part) != NULL);
	if (text.length > 0 && strstr(text.value, part) == NULL)
		fprintf(stderr, "  it says: %s\n", (const char *)text.value);
	(void)gss_release_buffer(&minor, &text);
}

int
main(int argc, char **argv)
{
	const char *part = argc > 1 ? argv[1] : "";
	gss_buffer_desc message = {1, (void *)1}, in = {1, (void *)(uintptr_t) "x"};
	gss_name_t name = (gss_name_t)1, other = (gss_name_t)1;
	gss_ctx_id_t ctx = (gss_ctx_id_t)1;
	gss_OID mech = (gss_OID)1;
	gss_qop_t qop = 1;
	OM_uint32 minor = 0, lifetime = 1, flags = 1;
	int conf = 1, local = 1, open = 1, before, i;
	uid_t uid = 0;

	before = lowest_descriptor();
	CHECK(gss_unwrap(&minor, ctx, &in, &message, &conf, &qop) == GSS_S_FAILURE && minor != 0);
	CHECK(message.length == 0 && message.value == NULL && conf == 0 && qop == 0);
	text_of(minor, GSS_C_MECH_CODE, part);
	/* Programs pass no minor_status to calls that hardly ever fail. */
	CHECK(gss_import_name(&minor, &in, GSS_C_NO_OID, &name) == GSS_S_FAILURE && name == NULL);
	text_of(GSS_S_FAILURE, GSS_C_GSS_CODE, "Unspecified GSS failure.");
	text_of(GSS_S_FAILURE, GSS_C_GSS_CODE, part);
	text_of(minor, GSS_C_MECH_CODE, strerror((int)minor));
	CHECK(gss_inquire_context(&minor, ctx, &name, &other, &lifetime, &mech, &flags, &local, &open) == GSS_S_FAILURE);
	CHECK(name == NULL && other == NULL && lifetime == 0 && mech == NULL && flags == 0 && local == 0 && open == 0);
	CHECK(gss_pname_to_uid(&minor, (gss_name_t)1, NULL, &uid) == GSS_S_FAILURE && uid == (uid_t)-1);
	CHECK(gss_import_sec_context(&minor, &in, &ctx) == GSS_S_FAILURE && ctx == GSS_C_NO_CONTEXT);
	ctx = (gss_ctx_id_t)1;
	CHECK(gss_delete_sec_context(&minor, &ctx, &message) == GSS_S_FAILURE);
	CHECK(gss_unwrap(NULL, ctx, NULL, NULL, NULL, NULL) == GSS_S_FAILURE);
	CHECK(gss_inquire_context(NULL, ctx, NULL, NULL, NULL, NULL, NULL, NULL, NULL) == GSS_S_FAILURE);
	for (i = 0; i < 100; i++)
		CHECK(gss_context_time(&minor, ctx, &lifetime) == GSS_S_FAILURE);
	text_of(minor, GSS_C_MECH_CODE, part);
	text_of(4711, GSS_C_MECH_CODE, "4711");
	CHECK(lowest_descriptor() == before);
	return finish(part);
}
