/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * set_id LIBRARY: for a copy of this file with the set-user-ID or set-group-ID bit (tests/c/environment.c). The linker
 * does not look beside such a file for libraries, so it loads the library itself. It exits with 0 if the library ignores
 * the environment, 1 if it believes it, 2 if it has no other privileges than its caller, 3 if something else fails.
 */
#define _POSIX_C_SOURCE 200809L

#include <gssapi/gssapi.h>

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef OM_uint32 acquire(OM_uint32 *, gss_name_t, OM_uint32, gss_OID_set, gss_cred_usage_t, gss_cred_id_t *,
    gss_OID_set *, OM_uint32 *);
typedef OM_uint32 display(OM_uint32 *, OM_uint32, int, gss_OID, OM_uint32 *, gss_buffer_t);

int main(int argc, char **argv)
{
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 minor, ignored, more = 0;
	acquire *acquire_cred;
	display *display_status;
	void *library, *p;

	if (getuid() == geteuid() && getgid() == getegid())
		return 2;
	library = dlopen(argc == 2 ? argv[1] : "", RTLD_NOW);
	if (library == NULL || (p = dlsym(library, "gss_acquire_cred")) == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		return 3;
	}
	memcpy(&acquire_cred, &p, sizeof(p));
	if ((p = dlsym(library, "gss_display_status")) == NULL)
		return 3;
	memcpy(&display_status, &p, sizeof(p));
	if (!GSS_ERROR(acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL)))
		return 0; /* what the environment names is not there: it was the user's own cache */
	if (display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &more, &text) != GSS_S_COMPLETE)
		return 3;
	fprintf(stderr, "%s\n", (char *)text.value);
	return strstr(text.value, "chosen-by-the-caller") != NULL;
}
