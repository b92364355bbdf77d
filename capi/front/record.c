/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * record.c: each thread remembers the texts of its last failures.
 */

#include "thread.h"

#include <stdlib.h>
#include <string.h>

#define RECORDS (sizeof(((struct front_records *)0)->last) / sizeof(struct front_record))

int front_failed;

/* records returns those of the calling thread, or NULL; see front_thread. */
static struct front_records *
records(int make)
{
	struct front_thread *thread = front_thread(make);

	return thread != NULL ? &thread->records : NULL;
}

static void
record(OM_uint32 minor, OM_uint32 major, uintptr_t place, const char *text, size_t length)
{
	struct front_records *r;
	size_t replaced;
	char *copy;

	if (text == NULL || length == 0 || (r = records(1)) == NULL)
		return;
	if (length > FRONT_TEXT_SIZE - 1)
		length = FRONT_TEXT_SIZE - 1;
	copy = malloc(length + 1);
	if (copy == NULL)
		return;
	memcpy(copy, text, length);
	copy[length] = '\0';

	/* A newer text for a code replaces the older one. */
	for (replaced = 0; replaced < RECORDS - 1; replaced++) {
		if (r->last[replaced].text == NULL || r->last[replaced].minor == minor)
			break;
	}
	free(r->last[replaced].text);
	memmove(&r->last[1], &r->last[0], replaced * sizeof(r->last[0]));
	r->last[0].minor = minor;
	r->last[0].text = copy;
	r->major = major;
	r->place = place;
	r->told = 0;
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

OM_uint32
front_report(OM_uint32 *minor_status, OM_uint32 major, OM_uint32 minor, const char *text)
{
	front_set_minor(minor_status, minor);
	front_record_status(minor_status, major, text, strlen(text));
	return major;
}

/*
 * Many programs release buffers before they ask for texts, using the same variable for the minor code. Then they have only
 * the major code left.
 */
void
front_overwritten(const OM_uint32 *minor_status)
{
	struct front_records *r = records(0);

	if (r == NULL)
		return;
	if (*minor_status != 0)
		r->major = GSS_S_COMPLETE; /* this is the code of a newer failure, without a text */
	else if (r->place == (uintptr_t)minor_status)
		r->place = 0;
}

const char *
front_cause(OM_uint32 major)
{
	struct front_records *r = records(0);

	if (r == NULL || r->last[0].text == NULL || r->place != 0 || GSS_ERROR(r->major) != GSS_ERROR(major))
		return NULL;
	r->told = 1;
	return r->last[0].text;
}

const char *
front_recorded_text(OM_uint32 minor)
{
	struct front_records *r = records(0);
	size_t i;

	if (r == NULL)
		return NULL;
	for (i = r->told ? 1 : 0; i < RECORDS; i++) {
		if (r->last[i].text != NULL && r->last[i].minor == minor)
			return r->last[i].text;
	}
	return NULL;
}

void
front_forget_records(struct front_records *r)
{
	size_t i;

	for (i = 0; i < RECORDS; i++)
		free(r->last[i].text);
}
