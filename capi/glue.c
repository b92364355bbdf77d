/* SPDX-License-Identifier: BSD-2-Clause */

#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "glue.h"
#include "renew.h"

/* Exported by Go. */
void gssapi_engine_cancel(uint64_t serial);

static engine_front front;

const uint32_t *
engine_forks(void)
{
	return front->forks;
}

int
engine_start(engine_front f)
{
	if (f == NULL || f->version != GSSAPI_ENGINE_VERSION || f->size < sizeof(*f))
		return -1;
	front = f;
	*front->cancel = gssapi_engine_cancel;
	return 0;
}

int
gssapi_engine_claim(void)
{
	KEPT static int claimed;

	return !__atomic_exchange_n(&claimed, 1, __ATOMIC_ACQ_REL);
}

engine_text
engine_ccache_name(void)
{
	return front == NULL ? NULL : front->ccache_name();
}

uint64_t
engine_resumed(void)
{
	return front == NULL ? 0 : front->resumed();
}

struct gssapi_operation *
engine_operation(void)
{
	return front == NULL ? NULL : front->operation();
}

void
engine_ask(struct gssapi_operation *operation)
{
	(void)__atomic_add_fetch(&operation->references, 1, __ATOMIC_RELAXED);
}

void
engine_wake(struct gssapi_operation *operation)
{
	(void)sem_post(&operation->answered);
}

void
engine_answer(struct gssapi_operation *operation)
{
	(void)sem_post(&operation->answered);
	front->release_operation(operation);
}

void
engine_record_status(const OM_uint32 *minor_status, OM_uint32 major, const char *text, size_t length)
{
	if (front != NULL)
		front->record_status(minor_status, major, text, length);
}

gss_OID
engine_static_oid(const void *elements, size_t length)
{
	return front == NULL ? NULL : front->static_oid(elements, length);
}

void *
engine_malloc(size_t size)
{
	return size < GSSAPI_ENGINE_LARGE ? malloc(size) : front->malloc_large(size);
}

void
engine_free(void *memory)
{
	free(memory);
}

/*
 * Functions that look up accounts are cancellation points, and a thread must not be cancelled with frames of Go on its
 * stack.
 */
int
engine_defer_cancellation(void)
{
	int state;

	(void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	return state;
}

void
engine_restore_cancellation(int state)
{
	(void)pthread_setcancelstate(state, &state);
}

/* user returns a copy of a field of an account, or NULL: that of a name or, if it is NULL, of *uid, which is set. */
static char *
user(const char *name, uid_t *uid, char *(*wanted)(const struct passwd *entry))
{
	struct passwd entry, *found = NULL;
	char *buffer = NULL, *answer = NULL;
	size_t size;
	int error = ERANGE, state = engine_defer_cancellation();

	/* Entries of directory services may be long, but are bounded. */
	for (size = 1024; error == ERANGE && size <= 1024 * 1024; size *= 2) {
		char *larger = realloc(buffer, size);

		if (larger == NULL)
			break;
		buffer = larger;
		if (name != NULL)
			error = getpwnam_r(name, &entry, buffer, size, &found);
		else
			error = getpwuid_r(*uid, &entry, buffer, size, &found);
	}
	engine_restore_cancellation(state);
	if (error == 0 && found != NULL) {
		*uid = found->pw_uid;
		answer = strdup(wanted(found));
	}
	free(buffer);
	return answer;
}

static char *
name_of(const struct passwd *entry)
{
	return entry->pw_name;
}

static char *
home_of(const struct passwd *entry)
{
	return entry->pw_dir;
}

char *
engine_user_name(uid_t uid)
{
	return user(NULL, &uid, name_of);
}

char *
engine_user_home(uid_t uid)
{
	return user(NULL, &uid, home_of);
}

char *
engine_account(const char *name, uid_t *uid)
{
	return user(name, uid, home_of);
}

int
engine_group_id(const char *name, gid_t *gid)
{
	struct group entry, *found = NULL;
	char *buffer = NULL;
	size_t size;
	int error = ERANGE, state = engine_defer_cancellation();

	/* Groups may have very many members. */
	for (size = 4096; error == ERANGE && size <= 16 * 1024 * 1024; size *= 4) {
		char *larger = realloc(buffer, size);

		if (larger == NULL)
			break;
		buffer = larger;
		error = getgrnam_r(name, &entry, buffer, size, &found);
	}
	engine_restore_cancellation(state);
	if (found != NULL)
		*gid = found->gr_gid;
	free(buffer);
	return found != NULL;
}

int
engine_hostname(char *name, size_t size)
{
	if (gethostname(name, size) != 0)
		return errno;
	name[size - 1] = '\0';
	return 0;
}
