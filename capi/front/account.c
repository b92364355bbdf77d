/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * account.c: local accounts. gss_pname_to_uid looks one up in C, so that signal handlers run meanwhile, as with a C library:
 * a directory service may take long.
 */

#define _POSIX_C_SOURCE 200809L

#include "front.h"
#include "oid_static.h"

#include <errno.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KG_NOUSER 0x861b6d02u /* of MIT's table of minor codes */

/* find sets *uid to the user ID of an account. Returns 0, ENOENT, or another errno. */
static int
find(const char *name, uid_t *uid)
{
	struct passwd entry, *found = NULL;
	char *buffer = NULL, *larger;
	size_t size;
	int error = ERANGE, state;

	/* Functions that look up accounts are cancellation points. */
	(void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	/* Entries of directory services may be long, but are bounded. */
	for (size = 1024; error == ERANGE && size <= 1024 * 1024; size *= 2) {
		larger = realloc(buffer, size);
		if (larger == NULL) {
			error = ENOMEM;
			break;
		}
		buffer = larger;
		error = getpwnam_r(name, &entry, buffer, size, &found);
	}
	if (error == 0 && found != NULL)
		*uid = found->pw_uid;
	free(buffer);
	(void)pthread_setcancelstate(state, &state);
	return error == 0 && found == NULL ? ENOENT : error;
}

static OM_uint32
no_account(OM_uint32 *minor_status, const char *name)
{
	char text[FRONT_TEXT_SIZE];

	(void)snprintf(text, sizeof(text), "there is no account \"%.900s\"", name);
	return front_report(minor_status, GSS_S_FAILURE, KG_NOUSER, text);
}

OM_uint32
gss_pname_to_uid(OM_uint32 *minor_status, const gss_name_t pname, const gss_OID mech, uid_t *uidp)
{
	gss_buffer_desc user = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	front_set_minor(minor_status, 0);
	if (uidp != NULL)
		*uidp = (uid_t)-1; /* no account: the superuser's 0 would not be a cleared output */
	if (minor_status == NULL)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	if (pname == GSS_C_NO_NAME)
		return GSS_S_CALL_INACCESSIBLE_READ;
	if (uidp == NULL)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	major = gss_localname(minor_status, pname, mech, &user);
	if (major == GSS_S_UNAVAILABLE)
		return GSS_S_FAILURE; /* this function has always returned that */
	if (major != GSS_S_COMPLETE)
		return major;
	if (memchr(user.value, '\0', user.length) != NULL || find(user.value, uidp) != 0)
		major = no_account(minor_status, user.value);
	(void)gss_release_buffer(&minor, &user);
	return major;
}

int
gss_userok(const gss_name_t name, const char *user)
{
	gss_buffer_desc text = {0, (void *)(uintptr_t)user};
	gss_name_t account = GSS_C_NO_NAME;
	OM_uint32 major, minor;

	if (name == GSS_C_NO_NAME || user == NULL)
		return 0;
	text.length = strlen(user);
	major = gss_import_name(&minor, &text, STATIC_OID(NT_USER_NAME), &account);
	if (major != GSS_S_COMPLETE)
		return 0;
	major = gss_authorize_localname(&minor, name, account);
	(void)gss_release_name(&minor, &account);
	return major == GSS_S_COMPLETE;
}
