/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * malloc(3) fails, each time in another place: no function of the front crashes, leaks memory, or leaves an output that
 * cannot be released. This needs a C library in which a program can replace malloc(3).
 */

#define _XOPEN_SOURCE 700

#include "check.h"

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#if defined(__GLIBC__) && !defined(NO_MALLOC)

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *memory, size_t size);
void __libc_free(void *memory);

static long left = -1; /* allocations until one fails; negative: none fails */
static long failed, live;

static void
count(int more)
{
	(void)__atomic_add_fetch(&live, more, __ATOMIC_RELAXED);
}

static int
fails(void)
{
	if (__atomic_load_n(&left, __ATOMIC_RELAXED) < 0 || __atomic_fetch_sub(&left, 1, __ATOMIC_RELAXED) != 0)
		return 0;
	failed++;
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t size)
{
	void *memory = fails() ? NULL : __libc_malloc(size);

	count(memory != NULL);
	return memory;
}

void *
calloc(size_t n, size_t size)
{
	void *memory = fails() ? NULL : __libc_calloc(n, size);

	count(memory != NULL);
	return memory;
}

void *
realloc(void *old, size_t size)
{
	void *memory = fails() ? NULL : __libc_realloc(old, size);

	count(old == NULL && memory != NULL);
	return memory;
}

void
free(void *memory)
{
	count(-(memory != NULL));
	__libc_free(memory);
}

/* good reports whether the status is success, or failure with a minor status. */
static int
good(OM_uint32 major, OM_uint32 minor)
{
	return major == GSS_S_COMPLETE || (GSS_ROUTINE_ERROR(major) == GSS_S_FAILURE && minor != 0);
}

static void
buffers(void)
{
	gss_buffer_desc text = {4, (void *)(uintptr_t) "text"}, token = {0, NULL}, out = {0, NULL};
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	OM_uint32 minor = 0, context = 0, major;
	int i;

	major = gss_encapsulate_token(&text, gss_mech_krb5, &token);
	CHECK(major == GSS_S_COMPLETE || (major == GSS_S_FAILURE && token.value == NULL && token.length == 0));
	major = gss_decapsulate_token(&token, gss_mech_krb5, &out);
	CHECK(major != GSS_S_COMPLETE || out.length == 4);
	(void)gss_release_buffer(&minor, &token);
	(void)gss_release_buffer(&minor, &out);
	for (i = 0; i < 3; i++) {
		major = gss_add_buffer_set_member(&minor, &text, &set);
		CHECK(good(major, minor));
	}
	(void)gss_release_buffer_set(&minor, &set);
	CHECK(set == GSS_C_NO_BUFFER_SET);
	for (i = 0; i < 3; i++) {
		major = gss_display_status(&minor, GSS_S_BAD_MECH | GSS_S_CALL_BAD_STRUCTURE | GSS_S_OLD_TOKEN, GSS_C_GSS_CODE,
		    GSS_C_NO_OID, &context, &out);
		CHECK(major == GSS_S_COMPLETE || (GSS_ERROR(major) && out.value == NULL));
		(void)gss_release_buffer(&minor, &out);
	}
}

static void
oids(void)
{
	gss_buffer_desc text = {0, NULL};
	gss_OID_set set = GSS_C_NO_OID_SET;
	gss_OID oid = GSS_C_NO_OID, copy = GSS_C_NO_OID;
	OM_uint32 minor = 0, major;

	major = gss_oid_to_str(&minor, gss_mech_krb5, &text);
	CHECK(good(major, minor) && (major == GSS_S_COMPLETE || text.value == NULL));
	if (major == GSS_S_COMPLETE) {
		major = gss_str_to_oid(&minor, &text, &oid);
		CHECK(good(major, minor) && (major == GSS_S_COMPLETE) == (oid != GSS_C_NO_OID));
	}
	major = gss_duplicate_oid(&minor, GSS_C_NT_USER_NAME, &copy);
	CHECK(good(major, minor) && (major == GSS_S_COMPLETE) == (copy != GSS_C_NO_OID));
	major = gss_create_empty_oid_set(&minor, &set);
	CHECK(good(major, minor) && (major == GSS_S_COMPLETE) == (set != GSS_C_NO_OID_SET));
	if (major == GSS_S_COMPLETE) {
		major = gss_add_oid_set_member(&minor, gss_mech_krb5, &set);
		CHECK(good(major, minor));
		major = gss_add_oid_set_member(&minor, GSS_C_NT_USER_NAME, &set);
		CHECK(good(major, minor));
	}
	(void)gss_release_oid_set(&minor, &set);
	(void)gss_release_oid(&minor, &oid);
	(void)gss_release_oid(&minor, &copy);
	(void)gss_release_buffer(&minor, &text);
}

/* The texts of a thread are freed when it ends. */
static void *
of_a_thread(void *ignored)
{
	gss_buffer_desc text = {0, NULL};
	OM_uint32 minor = 0, other, context = 0;

	(void)gss_wrap(&minor, GSS_C_NO_CONTEXT, 0, 5, NULL, NULL, NULL);
	(void)gss_display_status(&other, 5, GSS_C_MECH_CODE, GSS_C_NO_OID, &context, &text);
	(void)gss_release_buffer(&other, &text);
	return ignored;
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static void *(*behind_the_gate)(void *);

static void *
pass_the_gate(void *argument)
{
	(void)pthread_mutex_lock(&gate);
	(void)pthread_mutex_unlock(&gate);
	return behind_the_gate(argument);
}

/* The thread itself can be created; what it does then meets the failure, however soon it runs. */
static void
in_thread(void *(*body)(void *))
{
	pthread_t id;
	long n = left;

	behind_the_gate = body;
	left = -1;
	(void)pthread_mutex_lock(&gate);
	if (pthread_create(&id, NULL, pass_the_gate, NULL) != 0)
		abort();
	left = n;
	(void)pthread_mutex_unlock(&gate);
	(void)pthread_join(id, NULL);
}

static void
thread(void)
{
	in_thread(of_a_thread);
}

int getresuid(uid_t *real, uid_t *effective, uid_t *saved);

/* In a process of root, the front has already loaded the engine. */
int
getresuid(uid_t *real, uid_t *effective, uid_t *saved)
{
	*real = *effective = *saved = 65534;
	return 0;
}

/* Questions for the network. What a thread keeps for its calls is freed when it ends. */
static void *
asks(void *ignored)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 minor = 0, major, cancelled = 0;

	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, &cancelled);
	CHECK(GSS_ROUTINE_ERROR(major) == GSS_S_FAILURE || major == GSS_S_COMPLETE);
	return ignored;
}

static void
questions(void)
{
	in_thread(asks);
}

/* Loading, in children: each loads an engine of its own, which works once there is memory again. */
static void
each_place_of_the_load(void)
{
	OM_uint32 minor, major, rec;
	int status = 1, ok;
	long n;
	pid_t pid;

	for (n = 0; n < 2000 && status != 0; n++) {
		pid = fork();
		if (pid == 0) {
			(void)alarm(100);
			failed = 0;
			minor = 0;
			left = n;
			major = gss_context_time(&minor, GSS_C_NO_CONTEXT, &rec);
			left = -1;
			ok = good(major, minor) && gss_context_time(&minor, GSS_C_NO_CONTEXT, &rec) == GSS_S_COMPLETE;
			_exit(!ok ? 2 : failed != 0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			abort();
		status = WIFEXITED(status) ? WEXITSTATUS(status) : 3;
		if (status > 1) {
			failures++;
			fprintf(stderr, "the load: %s when number %ld fails\n", status == 2 ? "no good answer" : "the end", n);
		}
	}
	CHECK(n > 2 && status == 0);
}

static void
each_place(const char *name, void (*body)(void))
{
	static const struct timespec millisecond = {0, 1000000};
	long n, before, hits = 0;
	int wait;

	for (n = 0; n < 1000; n++) {
		failed = 0;
		before = live;
		left = n;
		body();
		left = -1;
		/* A thread that answers may not have ended yet. */
		for (wait = 0; wait < 60000 && __atomic_load_n(&live, __ATOMIC_RELAXED) != before; wait++)
			(void)nanosleep(&millisecond, NULL);
		if (live != before) {
			failures++;
			fprintf(stderr, "%s: %ld pieces are lost when number %ld fails\n", name, live - before, n);
		}
		/* Which allocation is the n-th depends on the threads: the first ones are not the end. */
		hits += failed != 0;
		if (failed == 0 && n > 2)
			break;
	}
	CHECK(hits > 2 && n < 1000);
}

int
main(void)
{
	OM_uint32 minor, rec;

	each_place_of_the_load(); /* while there is no engine that children would inherit */
	(void)gss_context_time(&minor, GSS_C_NO_CONTEXT, &rec);
	(void)of_a_thread(NULL);
	buffers();
	oids();
	each_place("buffers", buffers);
	each_place("OIDs", oids);
	thread(); /* for what the C library keeps for the next thread */
	each_place("of a thread", thread);
	questions();
	each_place("questions", questions);
	return finish("memory");
}
#else
int
main(void)
{
	return finish("memory, with a C library whose malloc cannot be replaced");
}
#endif
