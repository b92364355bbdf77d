/* SPDX-License-Identifier: BSD-2-Clause */

#define _GNU_SOURCE /* secure_getenv, program_invocation_short_name */

#include <sys/auxv.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "glue.h"

char *
engine_getenv(const char *name)
{
	const char *value = secure_getenv(name);

	return value == NULL ? NULL : strdup(value);
}

char *
engine_program(void)
{
	return getauxval(AT_SECURE) != 0 ? NULL : strdup(program_invocation_short_name);
}
