/* SPDX-License-Identifier: BSD-2-Clause */

#include "library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
resolve(void *library, const char *symbol, void *function)
{
	void *address = dlsym(library, symbol);

	if (address == NULL) {
		fprintf(stderr, "no %s\n", symbol);
		_exit(1);
	}
	memcpy(function, &address, sizeof(address));
}

void
library_open(struct library *gss, const char *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (library == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		_exit(1);
	}
	resolve(library, "GSS_C_NT_HOSTBASED_SERVICE", &gss->hostbased);
	resolve(library, "gss_import_name", &gss->import_name);
	resolve(library, "gss_release_name", &gss->release_name);
	resolve(library, "gss_release_buffer", &gss->release_buffer);
	resolve(library, "gss_indicate_mechs", &gss->indicate_mechs);
	resolve(library, "gss_release_oid_set", &gss->release_oid_set);
	resolve(library, "gss_acquire_cred", &gss->acquire_cred);
	resolve(library, "gss_init_sec_context", &gss->init_sec_context);
	resolve(library, "gss_accept_sec_context", &gss->accept_sec_context);
	resolve(library, "gss_wrap", &gss->wrap);
	resolve(library, "gss_unwrap", &gss->unwrap);
}
