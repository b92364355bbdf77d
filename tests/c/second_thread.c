/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A second thread calls while the first, which has called before, is busy with something else: nobody waits for it.
 */
#include "harness.h"

#include <pthread.h>

static void *call(void *done)
{
	gss_buffer_desc text = buffer("alice");
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 minor;

	*(int *)done = gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, &name) == GSS_S_COMPLETE;
	gss_release_name(&minor, &name);
	return NULL;
}

int main(void)
{
	pthread_t second;
	int done = 0;

	begin(20);
	(void)call(&done);
	check(done, "the first call fails");
	done = 0;
	if (pthread_create(&second, NULL, call, &done) != 0)
		return 2;
	pthread_join(second, NULL);
	check(done, "the second thread's call fails");
	fact("both threads: done");
	return end();
}
