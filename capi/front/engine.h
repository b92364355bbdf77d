/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * engine.h is the agreement between a front (libgssapi.so.10, libgssapi_krb5.so.*; C) and the engine
 * (libgssapi-engine.so, Go).
 *
 * The front loads the engine, which runs nothing of it. The first call that needs it makes it begin and start; then the
 * front calls the functions that a file of capi exports, by the names and prototypes of the headers. A child after
 * fork(2) inherits the engine, loaded, with none of its threads: there the first call makes it begin and start anew, in
 * the same place. It finds the parent's handles in memory that the parent left.
 *
 * What the engine gives away is memory of malloc(3). The elements of an OID set are allocated one by one, as
 * gss_release_oid_set frees them: the array, and each element's octets. Single OIDs that it gives away
 * (actual_mech_type, name types) are never freed by anybody: take them from static_oid, or keep them for ever.
 */

#ifndef LIBGSSAPI_ENGINE_H
#define LIBGSSAPI_ENGINE_H

#include <semaphore.h>
#include <stddef.h>
#include <stdint.h>

#include <gssapi/gssapi_krb5.h>

/* Raised whenever a front and an engine of different builds could misunderstand each other. */
#define GSSAPI_ENGINE_VERSION 9

/*
 * What a function of the engine answers when it must ask a KDC or the DNS: the question is under way on a thread of the
 * engine, nothing is decided and no output given. The front waits for the answer outside of the engine, where signal
 * handlers run, and may leave with longjmp(3), as in any C function; then it makes the same call again. No GSS status
 * has all of these bits.
 */
#define GSSAPI_ENGINE_PENDING ((OM_uint32)0xffffffff)

/* A call that waits, from its first question to its end. Freed with the last reference. */
struct gssapi_operation {
	sem_t answered;   /* posted for each answer, and when the call has something else to do on its thread */
	int references;   /* the calling thread's, one of its wait, and one of each question that is under way */
	int resumed;      /* the front makes the call again, and the engine has not asked for the operation since */
	uint64_t serial;  /* unique in this process and its children */
	int process;      /* whose engine knows of it */
};

#define GSSAPI_ENGINE_LARGE ((size_t)256 << 10) /* octets */

/* What the front offers to the engine. It lives as long as the process. */
struct gssapi_front {
	uint32_t version; /* GSSAPI_ENGINE_VERSION */
	uint32_t size;    /* sizeof(struct gssapi_front) */

	/*
	 * Keeps the text of a failure for the calling thread, so that gss_display_status answers with it when it is asked
	 * for this minor code, which the failing call has put into *minor_status. text has length octets, needs no NUL, and
	 * is copied (at most 1023 octets of it). Called before the failing call returns. It never fails; without memory the
	 * text is lost.
	 */
	void (*record_status)(const OM_uint32 *minor_status, OM_uint32 major, const char *text, size_t length);

	/*
	 * The front's own static OID of these octets, or GSS_C_NO_OID: the objects that GSS_C_NT_USER_NAME, gss_mech_krb5
	 * and so on point to, so that programs which compare OIDs by pointer, or release them, meet what they expect.
	 */
	gss_OID (*static_oid)(const void *elements, size_t length);

	/*
	 * Where the engine keeps the address of what a child after fork(2) inherits: memory of malloc(3), consistent at any
	 * moment, without an address of the engine in it. When an engine is started it finds there NULL, or the address that
	 * the parent's engine left; what lies there is then its own.
	 */
	void **handles;

	/*
	 * malloc(3) for results of GSSAPI_ENGINE_LARGE octets and more, which gss_release_buffer may keep for others. What
	 * is not given away goes to free(3).
	 */
	void *(*malloc_large)(size_t size);

	/* The credential cache that the calling thread has chosen with gss_krb5_ccache_name, or NULL. */
	const char *(*ccache_name)(void);

	/* The operation of the call that the calling thread is in, a new one with its first question. NULL: out of memory. */
	struct gssapi_operation *(*operation)(void);

	/* The serial number of the calling thread's operation, if the front makes its call again, or 0. */
	uint64_t (*resumed)(void);

	/* Gives back a reference. Any thread may. */
	void (*release_operation)(struct gssapi_operation *operation);

	/*
	 * Where the engine puts a function that ends an operation: its questions are given up, its answers forgotten. It may
	 * be called by any thread, for operations that are not known, too, and does not wait.
	 */
	void (**cancel)(uint64_t serial);

	/* Counts forks of the process: it goes up before each, and after it in the parent. */
	const uint32_t *forks;
};

/* What the engine must know of the process that it begins in. */
struct gssapi_process {
	int argc;        /* what the program was started with; its environment follows in memory */
	char **argv;     /* or NULL */
	int privileged;  /* its caller may not choose its environment; decided when the front was loaded */
	uint32_t *alive; /* 0; the engine sets it. In a child it must be 0 again, however that is made */
};

/* The functions below, but for gssapi_engine_start, need no Go runtime. */

/*
 * 1 for the first front that asks an instance of the engine, then 0: a process may hold several fronts, and each has an
 * instance of its own.
 */
int gssapi_engine_claim(void);

/*
 * Begins the engine in this process, with all signals blocked and no other thread in one of these functions: before,
 * nothing of it runs. Returns 0, or errno: EAGAIN if it cannot have GSSAPI_ENGINE_THREADS threads, ENOMEM if there is no
 * room for it, ENOEXEC if its file was not made as it should. Then it has left nothing behind, and this may be tried
 * again, also by a child after fork(2).
 */
int gssapi_engine_begin(const struct gssapi_process *process);

/*
 * Waits until the engine that has begun can be called, for so many seconds at most. A second in which the whole process
 * stood still counts as one. Returns 1, or 0 if it cannot be called yet.
 */
int gssapi_engine_await(int seconds);

/*
 * To be called in a child after fork(2) by the thread that has made it, as early as can be: the memory of the parent's
 * engine goes. Without it, it goes when the child's own begins.
 */
void gssapi_engine_forked(void);

/* Whether the calling thread is of the engine that has begun in this process, or has called it. Any handler may ask. */
int gssapi_engine_is_mine(void);

/* Whether the address is one of the engine's code or data. */
int gssapi_engine_has(const void *address);

#define GSSAPI_ENGINE_ADDRESSES 80 /* MiB, of which it uses little */
#define GSSAPI_ENGINE_MEMORY 64    /* MiB of addresses that may be written to */
#define GSSAPI_ENGINE_THREADS 3    /* at its start; it takes some more when it is busy and can have them */

/*
 * The engine's first call, made once with all signals blocked, when it can be called. Returns 0, or -1 if front->version
 * is not its own. front stays valid for ever.
 */
int gssapi_engine_start(const struct gssapi_front *front);

typedef int (*gssapi_engine_claim_fn)(void);

/* All but the first of them, as the front calls them. */
struct engine_control {
	int (*begin)(const struct gssapi_process *process);
	int (*await)(int seconds);
	int (*start)(const struct gssapi_front *front);
	void (*forked)(void);
	int (*is_mine)(void);
	int (*has)(const void *address);
};

#endif
