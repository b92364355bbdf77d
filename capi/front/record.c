/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * record.c: each thread remembers the texts of its last failures, and the credential cache that it has chosen, until it
 * ends.
 *
 * It takes no lock: a child after fork(2) may find one held by a thread that it does not have.
 */

#define _POSIX_C_SOURCE 200809L

#include "front.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS 8

struct record {
	OM_uint32 minor;
	char *text; /* malloc'd, or NULL: unused */
};

struct history {
	struct record records[RECORDS]; /* the newest first */
	OM_uint32 major;                /* of the newest */
	uintptr_t place;                /* where the program has its minor code; 0: nowhere */
	int told;                       /* the text was given for the major code */
	char *ccache_name;              /* malloc'd, or NULL: the thread has not chosen */
	char *replaced;                 /* the one before, for whoever asked for it */
	struct front_waits waits;
};

/* The thread-specific key plus one; 0 until there is one. */
static unsigned long key_plus_one;

static void
forget(void *value)
{
	struct history *history = value;
	int i;

	front_end_waits(&history->waits);
	for (i = 0; i < RECORDS; i++)
		free(history->records[i].text);
	free(history->ccache_name);
	free(history->replaced);
	free(history);
}

static int
history_key(pthread_key_t *key)
{
	unsigned long current = __atomic_load_n(&key_plus_one, __ATOMIC_ACQUIRE);

	if (current == 0) {
		if (pthread_key_create(key, forget) != 0)
			return -1;
		if (__atomic_compare_exchange_n(&key_plus_one, &current, (unsigned long)*key + 1, 0, __ATOMIC_ACQ_REL,
			__ATOMIC_ACQUIRE))
			return 0;
		(void)pthread_key_delete(*key); /* another thread was quicker */
	}
	*key = (pthread_key_t)(current - 1);
	return 0;
}

/* get_history gives the thread's history, a new one if make is set, or NULL. */
static struct history *
get_history(int make)
{
	struct history *history;
	pthread_key_t key;

	if (__atomic_load_n(&key_plus_one, __ATOMIC_ACQUIRE) == 0 && !make)
		return NULL;
	if (history_key(&key) != 0)
		return NULL;
	history = pthread_getspecific(key);
	if (history == NULL && make) {
		history = calloc(1, sizeof(*history));
		if (history != NULL && pthread_setspecific(key, history) != 0) {
			free(history);
			return NULL;
		}
	}
	return history;
}

int front_failed;

static void
record(OM_uint32 minor, OM_uint32 major, uintptr_t place, const char *text, size_t length)
{
	struct history *history;
	char *copy;
	int last;

	if (text == NULL || length == 0 || (history = get_history(1)) == NULL)
		return;
	if (length > FRONT_TEXT_SIZE - 1)
		length = FRONT_TEXT_SIZE - 1;
	copy = malloc(length + 1);
	if (copy == NULL)
		return;
	memcpy(copy, text, length);
	copy[length] = '\0';

	/* A newer text for a code replaces the older one. */
	for (last = 0; last < RECORDS - 1; last++) {
		if (history->records[last].text == NULL || history->records[last].minor == minor)
			break;
	}
	free(history->records[last].text);
	memmove(&history->records[1], &history->records[0], (size_t)last * sizeof(history->records[0]));
	history->records[0].minor = minor;
	history->records[0].text = copy;
	history->major = major;
	history->place = place;
	history->told = 0;
	__atomic_store_n(&front_failed, 1, __ATOMIC_RELAXED);
}

void
front_record_status(const OM_uint32 *minor_status, OM_uint32 major, const char *text, size_t length)
{
	if (minor_status != NULL)
		record(*minor_status, major, (uintptr_t)minor_status, text, length);
}

void
front_record_cause(OM_uint32 minor, OM_uint32 major, const char *text, size_t length)
{
	record(minor, major, 0, text, length);
}

/*
 * Many programs release buffers before they ask for texts, with the same variable for the minor code, and so have only
 * the major code left.
 */
void
front_overwritten(const OM_uint32 *minor_status)
{
	struct history *history = get_history(0);

	if (history == NULL)
		return;
	if (*minor_status != 0)
		history->major = GSS_S_COMPLETE; /* there is a newer failure, of which nothing more is known */
	else if (history->place == (uintptr_t)minor_status)
		history->place = 0;
}

const char *
front_cause(OM_uint32 major)
{
	struct history *history = get_history(0);

	if (history == NULL || history->records[0].text == NULL || history->place != 0 ||
	    GSS_ERROR(history->major) != GSS_ERROR(major))
		return NULL;
	history->told = 1;
	return history->records[0].text;
}

const char *
front_recorded_text(OM_uint32 minor)
{
	struct history *history = get_history(0);
	int i;

	if (history == NULL)
		return NULL;
	for (i = history->told; i < RECORDS; i++) {
		if (history->records[i].text != NULL && history->records[i].minor == minor)
			return history->records[i].text;
	}
	return NULL;
}

const char *
front_ccache_name(void)
{
	struct history *history = get_history(0);

	return history != NULL ? history->ccache_name : NULL;
}

int
front_choose_ccache(const char *name, char *current, const char **replaced)
{
	struct history *history = get_history(1);
	char *copy = NULL;

	if (history == NULL || (name != NULL && (copy = strdup(name)) == NULL)) {
		free(current);
		return ENOMEM;
	}
	free(history->replaced);
	history->replaced = current;
	if (current == NULL)
		history->replaced = history->ccache_name;
	else
		free(history->ccache_name);
	history->ccache_name = copy;
	if (replaced != NULL)
		*replaced = history->replaced;
	return 0;
}

struct front_waits *
front_waits(void)
{
	struct history *history = get_history(1);

	return history != NULL ? &history->waits : NULL;
}
