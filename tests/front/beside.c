/* SPDX-License-Identifier: BSD-2-Clause */

/* An engine that cannot have threads for a second thread of the program: its calls fail until there are some. */

#define _POSIX_C_SOURCE 200809L

#include "check.h"

#include <errno.h>
#include <pthread.h>

static void
works(void)
{
	OM_uint32 minor, lifetime = 0;

	CHECK(gss_context_time(&minor, GSS_C_NO_CONTEXT, &lifetime) == GSS_S_COMPLETE && lifetime > 1000);
}

static void
fails(void)
{
	gss_buffer_desc text = {0, NULL};
	OM_uint32 minor = 0, lifetime = 77, ignored, more = 0;

	CHECK(gss_context_time(&minor, GSS_C_NO_CONTEXT, &lifetime) == GSS_S_FAILURE);
	CHECK(minor == EAGAIN && lifetime == 0);
	CHECK(gss_display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &more, &text) == GSS_S_COMPLETE);
	CHECK(text.length != 0 && strstr(text.value, "needs 3 threads") != NULL);
	(void)gss_release_buffer(&ignored, &text);
}

static void *
beside(void *may_call)
{
	if (may_call != NULL)
		works();
	else
		fails();
	return NULL;
}

static void
in_thread(void *may_call)
{
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, beside, may_call) == 0 && pthread_join(thread, NULL) == 0);
}

int
main(void)
{
	static char yes;

	works();
	in_thread(NULL);
	works();
	in_thread(NULL);
	CHECK(setenv("MAY_JOIN", "", 1) == 0);
	in_thread(&yes);
	works();
	return finish("beside");
}
