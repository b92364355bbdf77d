/* SPDX-License-Identifier: BSD-2-Clause */

/* An engine that does not start in time: the first call waits and fails, others fail at once, and a later one works. */

#define _POSIX_C_SOURCE 200809L

#include "check.h"

#include <errno.h>

static void
fails_after(int seconds)
{
	gss_buffer_desc text = {0, NULL};
	OM_uint32 minor = 0, lifetime = 77, ignored, more = 0;

	CHECK(gss_context_time(&minor, GSS_C_NO_CONTEXT, &lifetime) == GSS_S_FAILURE);
	CHECK(minor == ETIMEDOUT && lifetime == 0);
	CHECK(gss_display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &more, &text) == GSS_S_COMPLETE);
	CHECK(text.length != 0 && strstr(text.value, "has not started") != NULL);
	(void)gss_release_buffer(&ignored, &text);
	CHECK(getenv("WAITED") != NULL && atoi(getenv("WAITED")) == seconds);
}

int
main(void)
{
	OM_uint32 minor, lifetime = 0;

	fails_after(60);
	fails_after(0);
	CHECK(gss_context_time(&minor, GSS_C_NO_CONTEXT, &lifetime) == GSS_S_COMPLETE && lifetime == 1001);
	return finish("late");
}
