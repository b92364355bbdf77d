/* SPDX-License-Identifier: BSD-2-Clause */

/* An engine that never answers: the call fails in the end, with a text. The front is compiled with a short time limit. */

#define _POSIX_C_SOURCE 200809L

#include "check.h"

#include <time.h>
#include <unistd.h>

int
main(void)
{
	gss_buffer_desc text = {0, NULL};
	gss_cred_id_t cred = (gss_cred_id_t)1;
	OM_uint32 minor = 0, ignored, more = 0, rec;
	struct timespec begin, end;
	int i;

	(void)alarm(100);
	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	for (i = 0; i < 2; i++) {
		CHECK(gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, GSS_C_NO_OID_SET, GSS_C_BOTH, &cred, NULL, &rec) ==
		    GSS_S_FAILURE);
		CHECK(minor != 0 && cred == GSS_C_NO_CREDENTIAL);
		CHECK(gss_display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &more, &text) == GSS_S_COMPLETE);
		CHECK(text.length != 0 && strstr(text.value, "does not answer") != NULL);
		(void)gss_release_buffer(&ignored, &text);
	}
	/* Each call has waited: the front counts whole seconds of this clock. */
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	CHECK(end.tv_sec - begin.tv_sec >= 4);
	/* An engine that answers works as before; it answers at once, because a late thread must not make this test fail. */
	CHECK(gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_BOTH, &cred, NULL, &rec) == GSS_S_COMPLETE);
	return finish("silent");
}
