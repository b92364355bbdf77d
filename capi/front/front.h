/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * front.h: what the files of the front share. None of these names is exported.
 */

#ifndef LIBGSSAPI_FRONT_H
#define LIBGSSAPI_FRONT_H

#include <stddef.h>

#include <gssapi/gssapi.h>

#include "engine.h"
#include "engine_table.h" /* generated: struct engine_table, ENGINE_FUNCTIONS */

/* life.c: the engine of this process */

/*
 * The part of the front's state that ends with the process. It lies in a page that the kernel fills with zeros in a child,
 * so that a child finds no engine and an unlocked lock, however it was made.
 */
struct process_life {
	const struct engine_table *engine; /* NULL until the engine has started in this process */
	int (*join)(void);                 /* gssapi_engine_join, once it has */
};

extern struct process_life *front_life;

/*
 * Loads the engine, starts it, and lets the calling thread call it. If that fails, sets *minor_status if it is not NULL,
 * records the text, and returns NULL.
 */
const struct engine_table *front_start(OM_uint32 *minor_status);

/* The engine's functions, or NULL if it has not started in this process. */
static inline const struct engine_table *
front_started(void)
{
	struct process_life *life = __atomic_load_n(&front_life, __ATOMIC_ACQUIRE);

	return __atomic_load_n(&life->engine, __ATOMIC_ACQUIRE);
}

/* The engine's functions, after starting it if necessary. Fails as front_start does. */
static inline const struct engine_table *
front_engine(OM_uint32 *minor_status)
{
	struct process_life *life = __atomic_load_n(&front_life, __ATOMIC_ACQUIRE);
	const struct engine_table *engine = __atomic_load_n(&life->engine, __ATOMIC_ACQUIRE);

	return engine != NULL && life->join() == 0 ? engine : front_start(minor_status);
}

/* record.c: the texts of the last failures of each thread */

#define FRONT_TEXT_SIZE 1024 /* of a recorded text, with its NUL */

/* minor_status points to the program's minor code; see engine.h. */
void front_record_status(const OM_uint32 *minor_status, OM_uint32 major, const char *text, size_t length);

/* The same for a failure whose minor code programs do not display. */
void front_record_cause(OM_uint32 minor, OM_uint32 major, const char *text, size_t length);

/* Reports a failure: sets *minor_status, if it is not NULL, and keeps the text. Returns major. */
OM_uint32 front_report(OM_uint32 *minor_status, OM_uint32 major, OM_uint32 minor, const char *text);

/* The calling thread's text for minor, or NULL; valid until its next failure. */
const char *front_recorded_text(OM_uint32 minor);

/*
 * The text of the thread's last failure, if that had this major code and the program has lost its minor code, or NULL;
 * valid until the next failure. The text is given once: the minor code has its fixed text again afterwards.
 */
const char *front_cause(OM_uint32 major);

/* Called when the program gets a minor code, which may overwrite that of its last failure. */
void front_overwritten(const OM_uint32 *minor_status);

extern int front_failed; /* whether any call has failed in this process */

/* ccache.c */

/* The credential cache that the calling thread has chosen, or NULL. */
const char *front_ccache_name(void);

/*
 * Chooses another, or none. Sets *replaced to current (malloc'd, taken over) if that is not NULL, else to the previous
 * choice; it is valid until the thread's next choice. Returns 0 or ENOMEM.
 */
int front_choose_ccache(const char *name, char *current, const char **replaced);

/* identity.c: the keytab of acceptors */

/* Chooses it for the process; NULL for the default one. Returns a major status. */
OM_uint32 front_choose_identity(const char *keytab);

/* Tells an engine that starts of the choice. Returns a major status. */
OM_uint32 front_tell_identity(const struct engine_table *engine);

/* wait.c: calls that wait for a KDC; see call.h for the rest of it */

/* Of the calling thread. */
struct gssapi_operation *front_operation(void);
uint64_t front_resumed(void);
void front_release_operation(struct gssapi_operation *operation);
extern void (*front_cancel)(uint64_t serial);

/* unavailable.c */

/* The result of a function that this version does not implement. */
OM_uint32 front_unavailable(OM_uint32 *minor_status, const char *function);

/* oid_static.c: the OIDs that the library's data symbols point to */

gss_OID front_static_oid(const void *elements, size_t length);
int front_is_static_oid(gss_const_OID oid);
int front_is_mech(gss_const_OID oid); /* one of the mechanisms that the library has */
int front_is_static_oid_set(gss_const_OID_set set);

/* oid.c */

int front_is_oid(gss_const_OID oid);

/* Copies from to *to. Returns 0 or ENOMEM. */
int front_copy_oid(gss_const_OID from, gss_OID to);

/* buffer.c */

/* Whether an input can be read: it has a value if it has a length, and the length is plausible. */
int front_readable(gss_const_buffer_t buffer);
void front_clear_buffer(gss_buffer_t buffer);

/* Overwrites octets that may be keys before they are freed. The compiler cannot optimize it away. */
void front_wipe(void *octets, size_t length);

/* Gives a copy of data, followed by a NUL. Returns 0 or ENOMEM. */
int front_give_octets(const void *data, size_t length, gss_buffer_t buffer);

static inline void
front_set_minor(OM_uint32 *minor_status, OM_uint32 minor)
{
	if (minor_status == NULL)
		return;
	*minor_status = minor;
	if (__atomic_load_n(&front_failed, __ATOMIC_RELAXED))
		front_overwritten(minor_status);
}

/* Sets *minor_status to an errno, if it is not NULL. Returns GSS_S_FAILURE. */
static inline OM_uint32
front_failure(OM_uint32 *minor_status, int error)
{
	front_set_minor(minor_status, (OM_uint32)error);
	return GSS_S_FAILURE;
}

#endif
