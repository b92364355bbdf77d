/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * ccache.c: the credential cache that a thread chooses for its initiators.
 */

#define _POSIX_C_SOURCE 200809L /* strdup */

#include "thread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *
front_ccache_name(void)
{
	struct front_thread *thread = front_thread(0);

	return thread != NULL ? thread->ccache.name : NULL;
}

int
front_choose_ccache(const char *name, char *current, const char **replaced)
{
	struct front_thread *thread = front_thread(1);
	struct front_choice *ccache;
	char *copy = NULL;

	if (thread == NULL || (name != NULL && (copy = strdup(name)) == NULL)) {
		free(current);
		return ENOMEM;
	}
	ccache = &thread->ccache;
	free(ccache->replaced);
	ccache->replaced = current;
	if (current == NULL)
		ccache->replaced = ccache->name;
	else
		free(ccache->name);
	ccache->name = copy;
	if (replaced != NULL)
		*replaced = ccache->replaced;
	return 0;
}

void
front_forget_choice(struct front_choice *ccache)
{
	free(ccache->name);
	free(ccache->replaced);
}
