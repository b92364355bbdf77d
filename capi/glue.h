/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * glue.h is what the Go side of the engine needs in C: calls through the front's pointers, and libc's functions in a
 * shape that cgo can call. None of it is visible outside the engine.
 */

#ifndef LIBGSSAPI_GLUE_H
#define LIBGSSAPI_GLUE_H

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>

#include <sys/types.h>

#include "engine.h"

#pragma GCC visibility push(hidden)

/* cgo drops const except in a typedef, and the export must have engine.h's prototype. */
typedef const struct gssapi_front *engine_front;
typedef const char *engine_text;

/* Keeps front for the calls below. Returns 0, or -1 if it is of another version. */
int engine_start(engine_front front);

/* The front's counter of the process's forks, which goes up before and after each. */
const uint32_t *engine_forks(void);

/* The credential cache that the calling thread has chosen, or NULL; valid until its next choice. */
engine_text engine_ccache_name(void);

/* A copy of KRB5_TRACE, to be freed, or NULL. */
char *engine_trace_name(void);

/*
 * The state of the calling thread: that cache, that copy, its effective user ID, whether KRB5_CONFIG is set, and its
 * length; it is copied to config as engine_getenv_into does.
 */
struct engine_caller {
	engine_text ccache_name;
	char *trace;
	uid_t euid;
	int config_set;
	size_t config_length;
};
struct engine_caller engine_caller(char *config, size_t size);

/* Appends a line to a file, which it creates if necessary. Errors are ignored. */
void engine_trace(const char *name, const char *line, size_t length);

/* Wakes the thread that waits for an answer, without one. */
void engine_wake(struct gssapi_operation *operation);

/* The serial number of the operation whose call the front repeats, or 0. */
uint64_t engine_resumed(void);

/* The operation of the call that the calling thread is in, or NULL if there is no memory. */
struct gssapi_operation *engine_operation(void);

/* Takes a reference for a question that begins; ends the question, which gives the reference back and wakes the caller. */
void engine_ask(struct gssapi_operation *operation);
void engine_answer(struct gssapi_operation *operation);

/* Records the text of a failure for the calling thread. */
void engine_record_status(const OM_uint32 *minor_status, OM_uint32 major, const char *text, size_t length);

/* The front's static OID of these octets, or NULL. */
gss_OID engine_static_oid(const void *elements, size_t length);

/* malloc(3) and free(3). If malloc fails, cgo's C.malloc ends the process; this one returns NULL. */
void *engine_malloc(size_t size);
void engine_free(void *memory);

/* Called once, when the engine begins, to say whether the process is privileged. */
void engine_set_privileged(int is_privileged);

/*
 * Sets answer to what CPUID says about a leaf: EAX, EBX, ECX and EDX. Returns 0 in a Go program, whose runtime lacks the
 * engine's edits and has no answer.
 */
int engine_processor(uint32_t leaf, uint32_t subleaf, uint32_t *answer);

/* Makes the threads of the engine that answer questions, unless they are there. Returns 0 or errno. */
int engine_threads(void);

/* Whether there is much garbage, and no threads that could collect it. */
int engine_lacks_threads(void);

/* Keeps pthread_cancel(3) from ending the thread until the state that it returns is restored. */
int engine_defer_cancellation(void);
void engine_restore_cancellation(int state);

/* A copy of an environment variable's value, to be freed; NULL if it is unset or the process is privileged. */
char *engine_getenv(const char *name);

/* Copies the value, without a NUL, and returns its length: 0 instead of NULL above, more than size if it does not fit. */
size_t engine_getenv_into(const char *name, char *buffer, size_t size);

/* 1 if the environment has the name, though its value may be empty, and the process is not privileged. */
int engine_isset(const char *name);

/* setenv(3), over an old value. */
int engine_setenv(const char *name, const char *value);

/* The name of the account uid, to be freed; NULL if there is none. */
char *engine_user_name(uid_t uid);

/* Its home directory, likewise. */
char *engine_user_home(uid_t uid);

/* The home directory of the account name, to be freed, and its user ID; NULL if there is none. */
char *engine_account(const char *name, uid_t *uid);

/* Sets *gid to a group's ID. Returns 1, or 0 if there is no such group. */
int engine_group_id(const char *name, gid_t *gid);

/* A copy of the program's name, to be freed; NULL if the process is privileged, because its caller chose the name. */
char *engine_program(void);

#define ENGINE_ADDRESSES 8 /* of a host; any others are ignored */

struct engine_address {
	uint32_t length; /* 4 or 16 octets */
	uint32_t scope;  /* of an IPv6 address, or 0 */
	uint8_t octets[16];
};

/* A lookup of a host, by getaddrinfo(3), or of an address, by getnameinfo(3). Freed with the last reference. */
struct engine_lookup {
	sem_t ended;
	int references; /* of the caller, and of the thread that asks the resolver */
	int over;
	int error;      /* EAI_... or 0 */
	int system;     /* errno */
	uint32_t count;
	struct engine_address addresses[ENGINE_ADDRESSES];
	char name[1025];
	char host[];    /* "": look up the name of addresses[0] */
};

/* Begins a lookup. Returns NULL with errno EAGAIN, if too many are under way, or ENOMEM. */
struct engine_lookup *engine_lookup_start(const char *host, const struct engine_address *address);

/* Returns when the lookup is over, or engine_lookup_wake has been called. */
void engine_lookup_wait(struct engine_lookup *l);
void engine_lookup_wake(struct engine_lookup *l);
int engine_lookup_over(const struct engine_lookup *l);

/* The text of its error, for an administrator. */
engine_text engine_lookup_text(const struct engine_lookup *l);
int engine_lookup_lacks_memory(const struct engine_lookup *l);

void engine_lookup_release(struct engine_lookup *l);

/* gethostname(2), always NUL-terminated. Returns 0 or errno. */
int engine_hostname(char *name, size_t size);

#pragma GCC visibility pop

#endif
