/* SPDX-License-Identifier: BSD-2-Clause */

/* check.h: CHECK prints a line for each fact that does not hold. */

#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi.h>

static int failures;

#define CHECK(fact) \
	do { \
		if (!(fact)) { \
			failures++; \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #fact); \
		} \
	} while (0)

static inline int
finish(const char *name)
{
	printf("%s %s\n", failures == 0 ? "ok" : "FAIL", name);
	return failures == 0 ? 0 : 1;
}

#endif
