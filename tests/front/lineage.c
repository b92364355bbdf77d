/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A line of processes that has no room for more instances of the engine than its argument says: the failure tells why,
 * and does not spoil the processes before it. The front is compiled with this limit.
 */

#define _DEFAULT_SOURCE

#include "check.h"

#include <sys/wait.h>

#include <unistd.h>

static OM_uint32
call(char *text, size_t size)
{
	OM_uint32 minor, ignored, rec, more = 0;
	OM_uint32 major = gss_context_time(&minor, GSS_C_NO_CONTEXT, &rec);
	gss_buffer_desc b = {0, NULL};

	(void)snprintf(text, size, "no text");
	if (major != GSS_S_COMPLETE &&
	    gss_display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &more, &b) == GSS_S_COMPLETE) {
		(void)snprintf(text, size, "%.*s", (int)b.length, (char *)b.value);
		(void)gss_release_buffer(&ignored, &b);
	}
	return major;
}

/* live is the life of one process, of which there are generation before it. */
static int
live(int generation, int limit)
{
	char text[1024], instances[64];
	int children, status = 1;

	if (generation == limit) {
		(void)snprintf(instances, sizeof(instances), "have loaded %d instances", limit);
		CHECK(call(text, sizeof(text)) == GSS_S_FAILURE);
		CHECK(strstr(text, instances) != NULL && strstr(text, "no room for another") != NULL);
		CHECK(call(text, sizeof(text)) == GSS_S_FAILURE);
		return failures;
	}
	CHECK(call(text, sizeof(text)) == GSS_S_COMPLETE);
	/* Siblings do not add up. */
	for (children = 0; children < 2; children++) {
		pid_t pid = fork();

		if (pid == 0) {
			failures = 0;
			(void)alarm(30);
			_exit(live(generation + 1, limit) != 0);
		}
		CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
	}
	CHECK(call(text, sizeof(text)) == GSS_S_COMPLETE);
	return failures;
}

int
main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	(void)live(0, atoi(argv[1]));
	return finish("lineage");
}
