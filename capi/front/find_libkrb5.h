/* SPDX-License-Identifier: BSD-2-Clause */

/* find_libkrb5.h: the libkrb5 that the program uses beside this library. _GNU_SOURCE must be defined, for RTLD_DEFAULT. */

#ifndef LIBGSSAPI_FIND_LIBKRB5_H
#define LIBGSSAPI_FIND_LIBKRB5_H

#include <dlfcn.h>
#include <stddef.h>

/* find_libkrb5 returns the libkrb5 that the program or its plug-in has loaded, to be closed, or NULL. */
static inline void *
find_libkrb5(void)
{
	static const char *const libraries[] = {
	    "libkrb5.so.3",   /* MIT's own number */
	    "libkrb5.so.122", /* FreeBSD 15 */
	    "libkrb5.so.11",  /* FreeBSD 14: Heimdal */
	    "libkrb5.so.26",  /* Heimdal's own number */
	};
	void *p = dlsym(RTLD_DEFAULT, "krb5_init_context"), *library = NULL;
	Dl_info info;
	size_t i;

	if (p != NULL && dladdr(p, &info) != 0) {
		library = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
		if (library == NULL)
			library = dlopen(NULL, RTLD_LAZY); /* the program is linked with it statically */
	}
	for (i = 0; library == NULL && i < sizeof(libraries) / sizeof(libraries[0]); i++)
		library = dlopen(libraries[i], RTLD_LAZY | RTLD_NOLOAD);
	return library;
}

#endif
