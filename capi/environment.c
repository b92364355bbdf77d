/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * environment.c: the environment and the name of the program, both chosen by its caller. A privileged program trusts
 * neither.
 */

#define _GNU_SOURCE /* program_invocation_short_name */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "glue.h"

static int privileged;

void
engine_set_privileged(int is_privileged)
{
	privileged = is_privileged;
}

char *
engine_getenv(const char *name)
{
	const char *value = privileged ? NULL : getenv(name);

	return value == NULL ? NULL : strdup(value);
}

size_t
engine_getenv_into(const char *name, char *buffer, size_t size)
{
	const char *value = privileged ? NULL : getenv(name);
	size_t length = value == NULL ? 0 : strlen(value);

	if (length != 0 && length <= size)
		memcpy(buffer, value, length);
	return length;
}

char *
engine_trace_name(void)
{
	char *name = engine_getenv("KRB5_TRACE");

	if (name != NULL && name[0] == '\0') {
		free(name);
		name = NULL;
	}
	return name;
}

int
engine_isset(const char *name)
{
	return !privileged && getenv(name) != NULL;
}

int
engine_setenv(const char *name, const char *value)
{
	return setenv(name, value, 1);
}

struct engine_caller
engine_caller(char *config, size_t size)
{
	struct engine_caller caller;

	caller.ccache_name = engine_ccache_name();
	caller.euid = geteuid();
	caller.trace = engine_trace_name();
	caller.config_set = engine_isset("KRB5_CONFIG");
	caller.config_length = engine_getenv_into("KRB5_CONFIG", config, size);
	return caller;
}

char *
engine_program(void)
{
#ifdef __FreeBSD__
	const char *name = getprogname();
#else
	const char *name = program_invocation_short_name;
#endif

	return privileged || name == NULL ? NULL : strdup(name);
}
