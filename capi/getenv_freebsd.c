/* SPDX-License-Identifier: BSD-2-Clause */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "glue.h"

/* secure_getenv(3) is younger than FreeBSD 13. */
char *
engine_getenv(const char *name)
{
	const char *value = issetugid() ? NULL : getenv(name);

	return value == NULL ? NULL : strdup(value);
}

char *
engine_program(void)
{
	const char *name = issetugid() ? NULL : getprogname();

	return name == NULL ? NULL : strdup(name);
}
