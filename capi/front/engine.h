/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * engine.h is the interface between a front (libgssapi.so.10, libgssapi_krb5.so.*; C) and the engine
 * (libgssapi-engine.so, Go).
 *
 * The front loads the engine, which does not run any of its code. The first call that needs the engine makes it begin and
 * start, on the thread of that call; then the front calls the functions that capi exports, by the names and prototypes of
 * the headers. A child after fork(2) inherits the loaded engine, but none of its threads. Its first call makes the engine
 * begin and start again, in the same place, and the engine finds the parent's handles in memory that the parent left.
 *
 * The engine gives away memory from malloc(3). It allocates the parts of an OID set one by one, as gss_release_oid_set
 * frees them: the set, the array, and each element's octets. Nobody frees single OIDs (actual_mech_type, name types): the
 * engine takes them from static_oid, or keeps them for ever.
 */

#ifndef LIBGSSAPI_ENGINE_H
#define LIBGSSAPI_ENGINE_H

#include <semaphore.h>
#include <stddef.h>
#include <stdint.h>

#include <gssapi/gssapi_krb5.h>

/* Incremented whenever a front and an engine of different builds could misunderstand each other. */
#define GSSAPI_ENGINE_VERSION 10

/*
 * Returned by a function of the engine that must ask a KDC or the DNS: a thread of the engine is asking, nothing has been
 * decided, and no output has been given. The front waits for the answer outside the engine, where signal handlers run and
 * may leave by longjmp(3), as in any C function; then it repeats the call. No GSS status has all of these bits.
 */
#define GSSAPI_ENGINE_PENDING ((OM_uint32)0xffffffff)

/* A call that waits, from its first question to its end. Freed with the last reference. */
struct gssapi_operation {
	sem_t answered;   /* posted for each answer, and when the call has other work on its thread */
	int references;   /* one of the calling thread, one of its wait, and one of each question under way */
	int resumed;      /* the front repeats the call, and the engine has not asked for the operation since */
	uint64_t serial;  /* unique in this process and its children */
	int process;      /* the ID of the process whose engine knows of it */
};

#define GSSAPI_ENGINE_LARGE ((size_t)256 << 10) /* octets */

/* What the front offers to the engine. It lives as long as the process. */
struct gssapi_front {
	uint32_t version; /* GSSAPI_ENGINE_VERSION */
	uint32_t size;    /* sizeof(struct gssapi_front) */

	/*
	 * Records the text of a failure for the calling thread, so that gss_display_status gives it for this minor code,
	 * which the failing call has stored in *minor_status. text has length octets and needs no NUL; at most 1023 octets
	 * are copied. Called before the failing call returns. It never fails; without memory the text is lost.
	 */
	void (*record_status)(const OM_uint32 *minor_status, OM_uint32 major, const char *text, size_t length);

	/*
	 * The front's own static OID of these octets, or GSS_C_NO_OID. GSS_C_NT_USER_NAME, gss_mech_krb5 and so on point to
	 * these OIDs, as programs expect that compare OIDs by pointer or release them.
	 */
	gss_OID (*static_oid)(const void *elements, size_t length);

	/*
	 * Where the engine keeps the address of what a child after fork(2) inherits: memory from malloc(3) that is consistent
	 * at any moment and contains no address of the engine. An engine that starts finds NULL there, or the address that
	 * the parent's engine left, whose memory it then owns.
	 */
	void **handles;

	/*
	 * malloc(3) for results of GSSAPI_ENGINE_LARGE octets and more, which gss_release_buffer may keep for later results.
	 * The engine passes what it does not give away to free(3).
	 */
	void *(*malloc_large)(size_t size);

	/* The credential cache that the calling thread has chosen with gss_krb5_ccache_name, or NULL. */
	const char *(*ccache_name)(void);

	/* The operation of the calling thread's call, created by the call's first question. NULL: out of memory. */
	struct gssapi_operation *(*operation)(void);

	/* The serial number of the calling thread's operation, if the front repeats its call, or 0. */
	uint64_t (*resumed)(void);

	/* Gives back a reference. Any thread may call it. */
	void (*release_operation)(struct gssapi_operation *operation);

	/*
	 * Where the engine stores a function that ends an operation: it abandons the questions and forgets the answers. Any
	 * thread may call it, even for an unknown operation, and it does not wait.
	 */
	void (**cancel)(uint64_t serial);

	/* A counter of the process's forks, incremented before each and, in the parent, after it. */
	const uint32_t *forks;
};

/* What the engine must know about the process in which it begins. */
struct gssapi_process {
	int argc;        /* the program's arguments, which its environment follows in memory */
	char **argv;     /* or NULL */
	int privileged;  /* its caller's environment is not trusted; decided when the front was loaded */
	uint32_t *alive; /* 0; the engine sets it. In a child it must be 0 again, however that was made */
};

/* Of the functions below only gssapi_engine_start needs the Go runtime. */

/*
 * Returns 1 to the first front that claims this instance of the engine, then 0: a process may have several fronts, each
 * with an instance of its own.
 */
int gssapi_engine_claim(void);

/*
 * Does for the children of this process what each of them would do when it begins, as far as that is possible without
 * running any of the engine: half a MiB of it becomes private. Not needed in a process that has begun it, nor twice.
 */
void gssapi_engine_prepare(void);

/*
 * Begins the engine in this process; until then none of it runs. All signals must be blocked, and no other thread may be in
 * one of these functions. Returns 0 when the engine can be called, or errno: ENOMEM if there is no room for it, ENOEXEC if
 * its file was not prepared (internal/image). An error leaves nothing behind, and the call may be repeated, here or in a
 * child after fork(2).
 */
int gssapi_engine_begin(const struct gssapi_process *process);

/*
 * To be called before each call of the functions that capi exports. The engine does without threads of its own while one
 * thread of the program calls it, and nothing must be asked or collected. Returns 0, or errno if it needs
 * GSSAPI_ENGINE_THREADS threads now, for the calling thread is another one, and cannot have them.
 */
int gssapi_engine_join(void);

/*
 * To be called in a child after fork(2), by the thread that made it, as early as possible: unmaps the memory of the
 * parent's engine. Otherwise that happens when the child's own engine begins.
 */
void gssapi_engine_forked(void);

/* Whether the calling thread belongs to the engine of this process, or has called it. Safe in signal handlers. */
int gssapi_engine_is_mine(void);

/* Whether an address is in the engine's code or data. */
int gssapi_engine_has(const void *address);

#define GSSAPI_ENGINE_ADDRESSES 80 /* MiB of addresses, few of which it uses */
#define GSSAPI_ENGINE_MEMORY 64    /* MiB of them are writable */
#define GSSAPI_ENGINE_THREADS 3    /* to begin with, if any; it creates a few more when it is busy, if it can */

/* What an administrator reads who has to give it threads. */
#define GSSAPI_ENGINE_NO_THREADS "the engine of libgssapi needs 3 threads and cannot create them: raise the limit on threads " \
	"or memory of this user or container (RLIMIT_NPROC, RLIMIT_AS, RLIMIT_DATA; RLIMIT_MEMLOCK after mlockall(2)), or " \
	"allow the program to create threads"

/*
 * The first call to an engine that can be called, made once, with all signals blocked. Returns 0, or -1 if front->version
 * is not the engine's own. front stays valid for ever.
 */
int gssapi_engine_start(const struct gssapi_front *front);

typedef int (*gssapi_engine_claim_fn)(void);

/* The functions above, except gssapi_engine_claim, as the front calls them. */
struct engine_control {
	void (*prepare)(void);
	int (*begin)(const struct gssapi_process *process);
	int (*start)(const struct gssapi_front *front);
	int (*join)(void);
	void (*forked)(void);
	int (*is_mine)(void);
	int (*has)(const void *address);
};

#endif
