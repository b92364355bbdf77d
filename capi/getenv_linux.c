/* SPDX-License-Identifier: BSD-2-Clause */

#define _GNU_SOURCE /* secure_getenv */

#include <stdlib.h>
#include <string.h>

#include "glue.h"

char *
engine_getenv(const char *name)
{
	const char *value = secure_getenv(name);

	return value == NULL ? NULL : strdup(value);
}
