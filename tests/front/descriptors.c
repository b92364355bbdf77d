/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The program reuses the numbers of all open descriptors while the engine is being loaded (-DTAKES in fake_engine.c): the
 * front closes none of its files.
 */

#define _POSIX_C_SOURCE 200809L

#include "check.h"

#include <sys/stat.h>

/* taken counts the descriptors that refer to /dev/null, as the engine's constructor did. */
static int
taken(void)
{
	struct stat null, st;
	int fd, n = 0;

	if (stat("/dev/null", &null) != 0)
		return -1;
	for (fd = 3; fd < 64; fd++)
		n += fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == null.st_rdev;
	return n;
}

int
main(void)
{
	OM_uint32 minor, lifetime;
	const char *text;

	(void)gss_context_time(&minor, GSS_C_NO_CONTEXT, &lifetime);
	text = getenv("TAKEN");
	CHECK(text != NULL && atoi(text) > 0);
	CHECK(text != NULL && taken() == atoi(text));
	return finish("descriptors");
}
